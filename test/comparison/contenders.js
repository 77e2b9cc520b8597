import { readFileSync } from 'node:fs';

/**
 * The compared libraries: the name, the setup in ./setups, and the packages in addition to the framework. `overhead` is the
 * name in {@link overheadOf the section} of docs/benchmarks.md.
 *
 * @typedef {{ name: string, setup: string, framework: 'express' | 'fastify', install: string[], overhead: string }} Contender
 * @type {Contender[]}
 */
export const CONTENDERS = [
  {
    name: 'Coalmine on Express',
    setup: 'coalmine-express',
    framework: 'express',
    install: ['@coalmine/express', 'prom-client'],
    overhead: 'Express 5.3, Coalmine',
  },
  {
    name: 'Coalmine on Fastify',
    setup: 'coalmine-fastify',
    framework: 'fastify',
    install: ['@coalmine/fastify', 'prom-client'],
    overhead: 'Fastify 5, Coalmine',
  },
  {
    name: 'a hand-written snippet',
    setup: 'snippet',
    framework: 'express',
    install: ['prom-client'],
    overhead: 'Express 5.3, prom-client snippet',
  },
  {
    name: 'express-prom-bundle',
    setup: 'express-prom-bundle',
    framework: 'express',
    install: ['express-prom-bundle', 'prom-client'],
    overhead: 'Express 5.3, express-prom-bundle',
  },
  {
    name: 'prometheus-api-metrics',
    setup: 'prometheus-api-metrics',
    framework: 'express',
    install: ['prometheus-api-metrics', 'prom-client'],
    overhead: 'Express 5.3, prometheus-api-metrics',
  },
  {
    name: 'fastify-metrics',
    setup: 'fastify-metrics',
    framework: 'fastify',
    install: ['fastify-metrics'],
    overhead: 'Fastify 5, fastify-metrics',
  },
  {
    name: 'OpenTelemetry',
    setup: 'opentelemetry',
    framework: 'express',
    install: [
      '@opentelemetry/api',
      '@opentelemetry/sdk-node',
      '@opentelemetry/exporter-prometheus',
      '@opentelemetry/instrumentation-http',
      '@opentelemetry/instrumentation-express',
    ],
    overhead: 'Express 5.3, OpenTelemetry',
  },
];

/** Returns the number of lines that a user writes: the lines of the setup, without empty lines and the wrapper of its module. */
export function linesOf({ setup }) {
  const text = readFileSync(new URL(`./setups/${setup}.cjs`, import.meta.url), 'utf8');
  return text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('exports.') && line !== '};').length;
}

/** Returns the CPU time of a request in µs, over the bare framework. Throws if docs/benchmarks.md does not have it. */
export function overheadOf({ overhead }) {
  const page = readFileSync(new URL('../../docs/benchmarks.md', import.meta.url), 'utf8');
  const [, section = ''] = /^## In memory, CPU per request, Node 20\n(.*?)(?=^## |$(?![\s\S]))/ms.exec(page) ?? [];
  const [head, ...rows] = section.split('\n').flatMap((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    return cells.length > 1 ? [cells] : [];
  });
  const row = rows.find(([, name]) => name === overhead);
  if (row === undefined) throw new Error(`docs/benchmarks.md has no row ${overhead}`);
  return row[head.indexOf('µs over bare')];
}
