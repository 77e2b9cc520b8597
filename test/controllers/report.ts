import { cpus } from 'node:os';
import { wrap } from '../support/wrap.js';
import { versionOf } from './judges/judges.js';
import type { Played } from './play.js';
import { SCENARIOS } from './scenarios.js';
import { type Controller, REQUESTS, type Strategy } from './stage.js';

const CONTROLLERS: readonly (readonly [title: string, controller: Controller])[] = [
  ['Argo Rollouts', 'argo'],
  ['Flagger', 'flagger'],
];
const STRATEGIES: readonly Strategy[] = ['canary', 'blue-green'];

// A canary without series fails every metric that asks for one, so a cell names only the first metrics.
const MOST_NAMES = 3;

/** Returns docs/judges.md: what the real controllers did with each release. */
export function reportOf(all: readonly Played[]): string {
  const scenarios = SCENARIOS.filter((each) => all.some(({ scenario }) => scenario === each));
  const runs = all.flatMap((played) => played.runs);
  const agreed = runs.filter(({ phase, analyzed }) => phase === analyzed);
  const tableOf = (controller: Controller): string =>
    table([
      ['Release', ...STRATEGIES],
      ...scenarios.map((scenario) => [
        scenario.name,
        ...STRATEGIES.map((strategy) =>
          cellOf(
            all.find(
              (each) => each.scenario === scenario && each.controller === controller && each.strategy === strategy,
            ),
          ),
        ),
      ]),
    ]);
  return [
    '# The real controllers',
    '',
    `How Argo Rollouts ${versionOf('argo-rollouts')} and Flagger ${versionOf('flagger')} judge ${scenarios.length} kinds of releases. \`npm run judges\` wrote this page on`,
    `${new Date().toISOString().slice(0, 10)}: Kubernetes ${versionOf('kubernetes')}, Prometheus ${prometheusVersion()}, Node ${process.versions.node}, ${cpus().length} processors.`,
    '',
    'The API server, its controllers, the release controllers and Prometheus are the real programs. The kubelet and the ingress are parts',
    'of the tests. The kubelet starts each pod as a process of Node with its own address on loopback, probes the pod and reports its',
    `state. The ingress splits ${REQUESTS} requests a second by the weight that the controller sets. \`coalmine manifests\` writes the manifests, for`,
    'nginx or without a router, on a scale of seconds: a scrape each second, a window of ten seconds, a measurement every two seconds,',
    'and weights of 20 and 50 %. [test/controllers](../test/controllers/README.md) has the whole suite.',
    '',
    'A cell shows what the controller did, after how many seconds, and which metrics decided. Wrong decisions are **bold**. A release',
    'was not played if its cell is empty. [A list](#the-releases) says what happens in each release.',
    '',
    wrap(
      `\`coalmine analyze\` judged the same time once more for each of the ${runs.length} AnalysisRuns that the controller had measured on time: ${agreed.length} verdicts were the same. ${lostOf(all)}`,
    ),
    '',
    ...CONTROLLERS.flatMap(([title, controller]) => [`## ${title}`, '', tableOf(controller), '']),
    '## The releases',
    '',
    ...scenarios.map(({ name, why }) => wrap(`- **${name}**: ${why}.`, '  ')),
    '',
  ].join('\n');
}

function cellOf(played: Played | undefined): string {
  if (played === undefined) return '';
  const { scenario, controller, outcome, by, seconds } = played;
  const said = scenario.right[controller].includes(outcome) ? outcome : `**${outcome}**`;
  const blamed = outcome === 'promoted' || by.length === 0 ? '' : `: ${namesOf(by)}`;
  return `${said}, ${seconds.toFixed(0)} s${blamed}`;
}

/** Returns the first names, and how many more there are. */
function namesOf(names: readonly string[]): string {
  const first = names.slice(0, MOST_NAMES).map((name) => `\`${name}\``);
  const more = names.length - first.length;
  return `${first.join(', ')}${more === 0 ? '' : ` and ${more} more`}`;
}

function lostOf(all: readonly Played[]): string {
  const careful = all.filter(({ scenario }) => scenario.losesNothing);
  const sum = (of: (played: Played) => number): number => careful.reduce((total, played) => total + of(played), 0);
  const names = [...new Set(careful.map(({ scenario }) => scenario.name))].join(', ');
  const sent = sum((played) => played.sent).toLocaleString('en-US');
  return `Of ${sent} requests that users sent during ${careful.length} releases (${names}), ${sum((played) => played.lost)} got no response.`;
}

/** Returns the version of Prometheus that belongs to the version of its Go module: 3.16 for 0.316.0. */
function prometheusVersion(): string {
  const [, minor = ''] = versionOf('prometheus').split('.');
  return `${minor[0]}.${Number(minor.slice(1))}`;
}

function table([header = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
