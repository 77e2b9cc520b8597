import { createRequire } from 'node:module';
import type { Judgement, Scenario } from './judge.js';
import { CONTESTANTS, type Contestant } from './templates.js';

const require = createRequire(import.meta.url);

const PACKAGES: Readonly<Record<string, string>> = {
  snippet: 'prom-client',
  'express-prom-bundle': 'express-prom-bundle',
  'fastify-metrics': 'fastify-metrics',
  opentelemetry: '@opentelemetry/exporter-prometheus',
};
const NAMES: Readonly<Record<string, string>> = {
  coalmine: 'Coalmine',
  snippet: 'usual snippet',
  opentelemetry: 'OpenTelemetry',
};
const QUERIES: Readonly<Record<Contestant['queries'], string>> = {
  ours: 'generated',
  documented: 'documented',
  tuned: 'tuned',
};

/** docs/verdicts.md: what the numbers of each library led to, scenario by scenario. */
export function reportOf(scenarios: readonly Scenario[], judgements: readonly Judgement[], prometheus: string): string {
  const of = (contestant: Contestant): readonly Judgement[] =>
    judgements.filter(
      (each) => each.contestant.library === contestant.library && each.contestant.queries === contestant.queries,
    );
  const cell = (contestant: Contestant, { name, right }: Scenario): string => {
    const all = of(contestant).filter(({ scenario }) => scenario === name);
    const wrong = all.filter(({ result }) => !right.includes(result.verdict)).map(({ result }) => result.verdict);
    if (wrong.length === 0) return '✓';
    const kinds = [...new Set(wrong)].join(', ');
    return wrong.length === all.length ? `**${kinds}**` : `**${kinds}** ${wrong.length} of ${all.length}`;
  };
  const total = (contestant: Contestant): string => {
    const all = of(contestant);
    return `${Math.round((100 * all.filter(({ result, right }) => right.includes(result.verdict)).length) / all.length)} %`;
  };
  const header = CONTESTANTS.map(({ library, queries }) => `${NAMES[library] ?? library}, ${QUERIES[queries]}`);
  const rows = scenarios.map((scenario) => [
    `${scenario.name}: ${scenario.why}`,
    scenario.right.join(' or '),
    ...CONTESTANTS.map((contestant) => cell(contestant, scenario)),
  ]);
  const seeds = new Set(judgements.map(({ seed }) => seed)).size;
  const versions = Object.entries(PACKAGES).map(([, name]) => `${name} ${require(`${name}/package.json`).version}`);
  const lines = [
    '# Verdicts',
    '',
    `What Argo Rollouts would make of ${scenarios.length} releases, by the numbers of each library. Written by \`npm run verdict\` on`,
    `${new Date().toISOString().slice(0, 10)}: ${seeds === 1 ? 'one seed' : `${seeds} seeds`} of each scenario, in turn on Fastify and Express; ${prometheus}; Node ${process.versions.node};`,
    `${versions.join(', ')}.`,
    '',
    'Every service carries all instrumentations at once, so that they see the very same requests: real HTTP of users who come as',
    'chance has it, probes, bots. A real Prometheus scrapes them once a second. The template of each is run with the',
    "controller's own semantics and one timing: a window of ten seconds, five measurements, two seconds apart. What is",
    'generated compares five spans of five seconds with stable besides. The objective is 1 % of errors and 5 % over 0.1 s,',
    'on two routes over an objective of their own.',
    '',
    '- **generated**: what `coalmine manifests argo` writes.',
    '- **documented**: a success rate and a 95th percentile, as the documents of Argo Rollouts and tutorials have them.',
    '- **tuned**: the best that can be written over the series that there are: guarded, filled with zeros, probes left out, a least',
    '  number of requests, exact shares, what stable fails as well allowed for.',
    '',
    '✓ is the right verdict with every seed; otherwise the wrong ones are named. A library of one framework saw the plays on that',
    'framework alone.',
    '',
    table([['Scenario', 'Right', ...header], ...rows, ['**Right**', '', ...CONTESTANTS.map(total)]]),
    '',
  ];
  return lines.join('\n');
}

function table([header = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
