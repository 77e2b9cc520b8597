import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from '../support/build.js';
import { isPrometheusMissing, type Jobs, type Prometheus, startPrometheus } from '../support/prometheus.js';
import { type Service, startService } from './service.js';

const PAGE = readFileSync(new URL('../../docs/migration.md', import.meta.url), 'utf8');
const GUIDES = [
  { heading: 'express-prom-bundle', service: 'express-prom-bundle.js' },
  { heading: 'fastify-metrics', service: 'fastify-metrics.js' },
  { heading: 'prometheus-api-metrics', service: 'prometheus-api-metrics.cjs' },
  { heading: 'A hand-written snippet', service: 'snippet.js' },
];
const PATHS = ['/items/1', '/items/2', '/items/3', '/boom'];

/** A row of a table: a query of the old library, and the query that replaces it. */
interface Move {
  readonly panel: string;
  readonly before: string;
  readonly after: string;
  readonly number: string;
}

let services: readonly Service[] = [];
let prometheus: Prometheus | undefined;

// Skipped only if the Debian package prometheus is not installed, with a line on stderr. Never skipped in CI.
describe.skipIf(isPrometheusMissing)('docs/migration.md', () => {
  beforeAll(async () => {
    build('express', 'fastify');
    services = await Promise.all(GUIDES.map(({ service }) => startService(service)));
    await Promise.all(
      services.flatMap(({ port }) =>
        PATHS.map(async (path) => (await fetch(`http://127.0.0.1:${port}${path}`)).text()),
      ),
    );
    prometheus = await startPrometheus(
      Object.fromEntries(
        services.flatMap(({ port, adminPort }, i) => [
          [before(i), { port }],
          [after(i), { port: adminPort }],
        ]),
      ) satisfies Jobs,
    );
    await prometheus.untilScraped(2);
  });

  afterAll(async () => {
    await prometheus?.close();
    await Promise.all(services.map((service) => service.close()));
  });

  describe.each(GUIDES.map((guide, i) => ({ ...guide, i })))('$heading', ({ heading, i }) => {
    it.each(movesIn(heading))('$panel', async (move) => {
      const theirs = await answer(move.before, before(i));
      const ours = await answer(move.after, after(i));
      expect(ours.length).toBe(1);
      expect(theirs).not.toEqual([]);
      if (move.number === 'same') expect(ours).toEqual(theirs);
    });

    it('withholds the durations of a cold pod, so that its _count has no request, and _total has all', async () => {
      expect(await answer('sum(http_request_duration_seconds_count)', before(i))).not.toEqual([]);
      expect(await answer('sum(http_request_duration_seconds_count)', after(i))).toEqual([]);
      expect(await answer('sum(http_requests_total)', after(i))).toEqual([PATHS.length]);
    });
  });
});

function before(i: number): string {
  return `before-${i}`;
}

function after(i: number): string {
  return `after-${i}`;
}

/** Returns the result of a query of the page for one job. The traffic is over, so the counters stand for their rates. */
async function answer(query: string, job: string): Promise<readonly number[]> {
  const counted = query.replace(/rate\((.*?)\[5m\]\)/g, '($1)');
  const ofJob = counted.replace(/\b((?:http|expressjs)_\w+)(?:\{(.*?)\})?/g, (_, name: string, matchers = '') => {
    return `${name}{job="${job}"${matchers === '' ? '' : `,${matchers}`}}`;
  });
  const elements = (await prometheus?.query(ofJob)) ?? [];
  return elements.map(({ value }) => value);
}

/** Returns the rows of the table below a heading. */
function movesIn(heading: string): readonly Move[] {
  const [, section = ''] = PAGE.split(`\n## ${heading}\n`);
  const [text = ''] = section.split('\n## ');
  const rows = [...text.matchAll(/^\| ([^|`]*?) +\| `([^|]*)` +\| `([^|]*)` +\| ([^|]*?) +\|$/gm)];
  if (rows.length === 0) throw new Error(`no table below ${heading}`);
  return rows.map(([, panel = '', before = '', after = '', number = '']) => ({ panel, before, after, number }));
}
