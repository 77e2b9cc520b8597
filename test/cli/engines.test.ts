import { type KubernetesObject, manifestsFor, parseRelease, questionsOf } from '@coalmine/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { areMissing } from '../controllers/judges/judges.js';
import { startVictoriaMetrics, type VictoriaMetrics } from '../support/victoria-metrics.js';
import { CASES, SIDES, secondsOf } from './question-cases.js';

// queries.test.ts asks promtool the same questions about the same series.

const SCRAPE_SECONDS = 15;
// Each case has its own two hours, which is longer than any query looks back.
const CASE_SECONDS = 2 * 3600;
const START = Math.floor(Date.now() / 1000 / CASE_SECONDS - CASES.length - 1) * CASE_SECONDS;

/** The results that differ between VictoriaMetrics and Prometheus, by case. */
const DIFFERENCES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  // increase() of VictoriaMetrics counts the first sample from zero: these requests really came.
  'one scrape': { traffic: 7 },
};

const isMissing = areMissing('victoria-metrics');

let server: VictoriaMetrics;

beforeAll(async () => {
  if (isMissing) return;
  server = await startVictoriaMetrics();
  for (const [i, { series }] of CASES.entries()) await server.store(series, SCRAPE_SECONDS, START + i * CASE_SECONDS);
  await server.flush();
});

afterAll(async () => {
  if (!isMissing) await server.close();
});

describe.skipIf(isMissing)('the queries of a release in VictoriaMetrics', () => {
  it.each(CASES.map((each, i) => ({ ...each, from: START + i * CASE_SECONDS })))(
    'return the expected results for $what',
    async ({ what, options, at = '10m', answers, from }) => {
      const questions = questionsOf(parseRelease({ name: 'shop', ...options }), SIDES);
      const seen: Record<string, readonly number[]> = {};
      const wanted: Record<string, readonly unknown[]> = {};
      for (const { name, query } of questions) {
        seen[name] = await server.query(query, from + secondsOf(at));
        const value = DIFFERENCES[what]?.[name] ?? (answers === 'none' ? undefined : (answers[name] ?? 0));
        wanted[name] = value === undefined ? [] : [expect.closeTo(value, 3)];
      }
      expect(seen).toEqual(wanted);
    },
  );
});

describe.skipIf(isMissing)('the requests on record, counted by VictoriaMetrics', () => {
  it.each<[string, readonly number[], readonly number[]]>([
    ['no series at all', Array(8).fill(-1), Array(8).fill(-1)],
    ['stable alone', [-1, -1, -1, -1, 800, 0, 800, 0], [-1, -1, -1, -1, 4000, 0, 4000, 0]],
    ['ten and more 5xx, in each minute', [176, 16, 160, 0, 800, 0, 800, 0], [880, 80, 800, 0, 4000, 0, 4000, 0]],
  ])('are in their order for %s', async (what, inWindow, sinceStart) => {
    const from = START + CASES.findIndex((each) => each.what === what) * CASE_SECONDS;
    const seen = await Promise.all(
      ['counts', 'counts-since-start'].map((name) => server.query(queryOf(name), from + secondsOf('10m'))),
    );
    expect(seen).toEqual([inWindow, sinceStart]);
  });
});

interface Gate {
  readonly metrics: readonly { readonly name: string; readonly provider: { readonly prometheus: { query: string } } }[];
}

/** Returns the query of a metric of the gate, for the pods of the cases. */
function queryOf(metric: string): string {
  const [gate] = manifestsFor('argo', { name: 'shop' }).flatMap(({ objects }) => objects as KubernetesObject[]);
  const { metrics } = (gate as KubernetesObject).spec as unknown as Gate;
  const { query = '' } = metrics.find(({ name }) => name === metric)?.provider.prometheus ?? {};
  return query.replaceAll(/namespace="[^"]*",rollouts_pod_template_hash="\{\{args\.(\w+)-hash\}\}"/g, 'hash="$1"');
}
