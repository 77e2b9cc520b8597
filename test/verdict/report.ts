import { createRequire } from 'node:module';
import { wrap } from '../support/wrap.js';
import type { Judgement, Scenario } from './judge.js';
import { CONTESTANTS, type Contestant } from './templates.js';

const require = createRequire(import.meta.url);

const PACKAGES: Readonly<Record<string, string>> = {
  snippet: 'prom-client',
  'express-prom-bundle': 'express-prom-bundle',
  'fastify-metrics': 'fastify-metrics',
  opentelemetry: '@opentelemetry/exporter-prometheus',
};
// The heading of a column names the library in one word, so that the lines of the table stay short.
const NAMES: Readonly<Record<string, string>> = {
  coalmine: 'Coalmine',
  snippet: 'snippet',
  'express-prom-bundle': 'bundle',
  'fastify-metrics': 'fastify',
  opentelemetry: 'OTel',
};
const QUERIES: Readonly<Record<Exclude<Contestant['queries'], 'ours'>, string>> = {
  documented: 'docs',
  tuned: 'tuned',
};

/** Returns docs/verdicts.md: the verdicts that the numbers of each library led to, for each scenario. */
export function reportOf(scenarios: readonly Scenario[], judgements: readonly Judgement[], prometheus: string): string {
  const of = (contestant: Contestant): readonly Judgement[] =>
    judgements.filter(
      (each) => each.contestant.library === contestant.library && each.contestant.queries === contestant.queries,
    );
  const cell = (contestant: Contestant, { name, right }: Scenario): string => {
    const all = of(contestant).filter(({ scenario }) => scenario === name);
    const wrong = all.filter(({ result }) => !right.includes(result.verdict)).map(({ result }) => result.verdict);
    if (wrong.length === 0) return '✓';
    const kinds = [...new Set(wrong)].join('/');
    return wrong.length === all.length ? kinds : `${kinds} ${wrong.length}/${all.length}`;
  };
  const total = (contestant: Contestant): string => {
    const all = of(contestant);
    const correct = all.filter(({ result, right }) => right.includes(result.verdict)).length;
    // Only if all are correct, it says 100 %.
    return `${Math.floor((100 * correct) / all.length)} %`;
  };
  const header = CONTESTANTS.map(({ library, queries }) => {
    const name = NAMES[library] ?? library;
    return queries === 'ours' ? name : `${name} ${QUERIES[queries]}`;
  });
  const rows = scenarios.map((scenario) => [
    scenario.name,
    scenario.right.join('/'),
    ...CONTESTANTS.map((contestant) => cell(contestant, scenario)),
  ]);
  const seeds = new Set(judgements.map(({ seed }) => seed)).size;
  const versions = Object.entries(PACKAGES).map(([, name]) => `${name} ${require(`${name}/package.json`).version}`);
  const lines = [
    '# Verdicts',
    '',
    `How Argo Rollouts would judge ${scenarios.length} releases, by the numbers of each library. \`npm run verdict\` wrote this page on`,
    `${new Date().toISOString().slice(0, 10)}: ${seeds === 1 ? 'one seed' : `${seeds} seeds`} of each scenario, on Express and on Fastify; ${prometheus};`,
    `Node ${process.versions.node}; ${versions.join(', ')}.`,
    '',
    'Each service has all instrumentations at once, so that all of them see the same requests. The requests are real HTTP, from users',
    'who arrive at random, probes and bots. A real Prometheus scrapes the services once a second. The template of each library runs with',
    'the semantics of the controller and the same times: a window of ten seconds, and five measurements, two seconds apart. The',
    'generated template also compares five spans of five seconds with stable. The objective is 1 % of errors and 5 % over 0.1 s. Two',
    'routes have an objective of their own.',
    '',
    'Each column is a library and its template. The libraries are Coalmine, the usual **snippet** of prom-client, express-prom-**bundle**,',
    '**fastify**-metrics, and **OTel**, the exporter of OpenTelemetry. Coalmine has the template that `coalmine manifests argo` writes.',
    'Each other library has two templates:',
    '',
    '- **docs**: a success rate and a 95th percentile, as in the documentation of Argo Rollouts and in tutorials.',
    '- **tuned**: the best template that the series of the library allow: with guards, zeros for missing series, probes left out, a',
    '  least number of requests and exact shares, and without the failures that stable has as well.',
    '',
    '✓ means that the verdict is correct in every run. Other cells name the wrong verdicts, and "1/10" says that one of ten runs led to',
    'them. If two verdicts are correct, the second column names both. A library for one framework ran only with that framework. [A',
    'list](#the-scenarios) says what happens in each scenario.',
    '',
    table([
      ['Scenario', 'Correct verdict', ...header],
      ...rows,
      ['**Correct verdicts**', '', ...CONTESTANTS.map(total)],
    ]),
    '',
    '## The scenarios',
    '',
    ...scenarios.map(({ name, why }) => wrap(`- **${name}**: ${why}.`, '  ')),
    '',
  ];
  return lines.join('\n');
}

function table([header = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
