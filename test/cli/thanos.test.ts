import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { manifestsFor, parseRelease, type Question, questionsOf } from '@coalmine/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { areMissing } from '../controllers/judges/judges.js';
import { coalmineIn } from '../support/command.js';
import { isPrometheusMissing, type RuleSeries } from '../support/prometheus.js';
import { valuesOf } from '../support/promtool-values.js';
import { type Replica, startReplica, startThanosQuery, type ThanosQuery } from '../support/thanos.js';
import { openMetricsOf, type ServiceHistory } from './plan/history.js';
import { CASES, SIDES, secondsOf } from './question-cases.js';

const SCRAPE_SECONDS = 15;
// Each case has its own two hours, which is longer than any query looks back.
const CASE_SECONDS = 2 * 3600;
// The second replica scrapes later than the first.
const LATER_SECONDS = 7;
const NOW = Math.floor(Date.now() / 1000);
const START = Math.floor(NOW / CASE_SECONDS - 2 * CASES.length - 3) * CASE_SECONDS;

/** Where each case is: the samples of the first replica alone, and of both. */
const ALONE = START;
const BOTH = START + CASES.length * CASE_SECONDS;

/** The results on Prometheus 3 that differ from Prometheus 2, on the samples of one replica. */
const ON_PROMETHEUS_3: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  // The window of two minutes has eight samples and not nine, so a counter that starts anew in it loses more.
  'one restart': { traffic: 960 / 7 },
  'a crash loop': { traffic: 960 / 7 },
  'restarts that the pods of stable have as well': { traffic: 960 / 7 },
  'a crash loop, and one pod of stable that restarts': { traffic: 960 / 7 },
  // promtool writes no markers of staleness, so pods count for five minutes after they are gone.
  'pods that are evicted, and that others replace': { restarts: 0 },
  'pods that are evicted, and one pod of stable that was': { restarts: 0 },
};

// A release that is there now, and one before it that failed.
const [OLD, BAD, NEW] = ['5f6c7d8b9c', '6c7d8b9c5f', '7d9c4b8f6d'];
const RELEASED = NOW - 3600;
const MINUTE = 60;
const ROUTE = { pattern: '/cart', share: 1, failing: (hash: string) => (hash === BAD ? 0.3 : 0.001), slow: 0.01 };
const SHOP: ServiceHistory = {
  namespace: 'eu',
  name: 'shop',
  routes: [ROUTE],
  pods: [
    ...pods(OLD, NOW - 7200, NOW + 3600),
    ...pods(BAD, RELEASED - 40 * MINUTE, RELEASED - 10 * MINUTE),
    ...pods(NEW, RELEASED, NOW + 3600),
  ],
  perSecond: () => 40,
  scrapeSeconds: SCRAPE_SECONDS,
  seed: 1,
  stored: 'counters',
};

function pods(hash: string | undefined, from: number, to: number): ServiceHistory['pods'] {
  return ['bbbbb', 'ccccc'].map((suffix) => ({ hash: hash ?? '', suffix, from, to }));
}

const isMissing = areMissing('thanos', 'prometheus') || isPrometheusMissing;

describe.skipIf(isMissing)('Thanos, with two replicas of Prometheus that scrape at different moments', () => {
  let folder = '';
  let first: Replica;
  let second: Replica;
  let thanos: ThanosQuery;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'coalmine-thanos-'));
    [first, second] = await Promise.all([
      startReplica('first', [...samplesOf(0, ALONE), ...samplesOf(0, BOTH), ...openMetricsOf([SHOP], [])]),
      startReplica('second', [...samplesOf(LATER_SECONDS, BOTH), '# EOF\n']),
    ]);
    thanos = await startThanosQuery([first.store, second.store]);
  });
  afterAll(async () => {
    await Promise.all([thanos?.close(), first?.close(), second?.close()]);
    await rm(folder, { recursive: true });
  });

  describe('returns for each question what Prometheus returns', () => {
    it.each(CASES.map((each, i) => ({ ...each, offset: i * CASE_SECONDS + secondsOf(each.at ?? '10m') })))(
      'for $what',
      async ({ what, options, answers, offset }) => {
        const questions = questionsOf(parseRelease({ name: 'shop', ...options }), SIDES);
        const wanted = new Map<string, number>();
        for (const { name } of questions) {
          const value = ON_PROMETHEUS_3[what]?.[name] ?? (answers === 'none' ? undefined : (answers[name] ?? 0));
          if (value !== undefined) wanted.set(name, value);
        }
        const exactly = new Map([...wanted].map(([name, value]) => [name, expect.closeTo(value, 3)]));
        expect(await askAll(first.prometheus, questions, ALONE + offset)).toEqual(exactly);
        expect(await askAll(thanos.address, questions, ALONE + offset, 'thanos')).toEqual(exactly);
        // By default Thanos has the engine of Prometheus. To save time, it is asked only what has a result other than 0.
        const found = questions.filter(({ name }) => name === 'traffic' || (wanted.get(name) ?? 0) > 0);
        const nearly = found.flatMap(({ name }) => {
          const value = wanted.get(name);
          return value === undefined ? [] : [[name, withinATenth(value)] as const];
        });
        expect(await askAll(thanos.address, found, BOTH + offset)).toEqual(new Map(nearly));
      },
    );
  });

  describe('serves as the Prometheus of the command', () => {
    const common = { name: 'shop', namespace: 'eu', router: 'nginx', weights: [20, 50] } as const;

    it('check', async () => {
      const { out, code } = await run('check', '-c', await written());
      expect(out).not.toMatch(/^(?:missing|unknown)/m);
      expect(code).toBe(0);
    });

    it('analyze, with the same verdict as Prometheus', async () => {
      const [file = { name: '', text: '' }] = manifestsFor('argo', common);
      await writeFile(join(folder, file.name), file.text);
      const results = await Promise.all(
        [first.prometheus, thanos.address].map(async (address) => {
          const { out } = await run(
            'analyze',
            ...['-f', file.name, '-t', 'shop-gate', '-a', `canary-hash=${BAD}`, '-a', `stable-hash=${OLD}`],
            ...['--from', String(RELEASED - 40 * MINUTE), '-p', address, '--json'],
          );
          return JSON.parse(out) as object;
        }),
      );
      expect(results[1]).toEqual(results[0]);
      expect(results[1]).toMatchObject({ verdict: 'rollback' });
    });

    it('plan', async () => {
      const { out, said } = await run('plan', '-f', await written(), '--days', '0.09', '--replays', '1', '--json');
      const { past } = JSON.parse(out || said) as { past: readonly { hash: string; verdict: string }[] };
      expect(past.map(({ hash, verdict }) => `${hash} ${verdict}`)).toEqual([`${BAD} rollback`, `${NEW} promote`]);
    });

    it('check, which warns of partial results while a store is away, until Thanos has forgotten the store', async () => {
      const file = await written();
      const strict = await startThanosQuery([first.store, second.store], { isStrict: true });
      await second.close();
      const { out, code } = await run('check', '-c', file, '-p', strict.address);
      expect(out).toMatch(/^unknown {2}prometheus: .* responds, but warns: .*; the results may be partial/m);
      expect(code).toBe(1);
      await strict.close();
      // After some health checks, the other returns less without a word.
      while ((await run('check', '-c', file)).code !== 0) await delay(500);
    });

    async function written(): Promise<string> {
      await writeFile(join(folder, 'coalmine.config.json'), JSON.stringify({ ...common, prometheus: thanos.address }));
      return 'coalmine.config.json';
    }

    function run(...args: readonly string[]) {
      return coalmineIn(folder, args);
    }
  });
});

/** Matches a number that differs by what one scrape more or less can change. */
function withinATenth(value: number): unknown {
  return expect.closeTo(value, -Math.log10(0.2 * Math.max(value, 0.001)));
}

/** Yields the samples of all cases as a replica stores them that scrapes so many seconds later than the case says. */
function* samplesOf(later: number, start: number): Generator<string> {
  for (const [i, { series }] of CASES.entries()) {
    for (const each of series) yield* linesOf(each, later, start + i * CASE_SECONDS);
  }
}

function* linesOf({ series, values }: RuleSeries, later: number, from: number): Generator<string> {
  const all = valuesOf(values);
  for (const [i, value] of all.entries()) {
    if (value === undefined) continue;
    const next = all[i + 1] ?? value;
    // A counter has grown meanwhile, unless its pod has been restarted.
    const isCounter = series.includes('_total{');
    const more = isCounter && next > value ? Math.floor(((next - value) * later) / SCRAPE_SECONDS) : 0;
    yield `${series} ${value + more} ${from + i * SCRAPE_SECONDS + later}\n`;
  }
}

/** Returns the values of questions at a time in epoch seconds, by their names. Throws if there is a warning. */
async function askAll(
  address: string,
  questions: readonly Question[],
  at: number,
  engine = 'prometheus',
): Promise<ReadonlyMap<string, number>> {
  const query = questions
    .map(({ name, query }) => `label_replace(${query}, "question", "${name}", "", "")`)
    .join(' or ');
  const body = new URLSearchParams({ query, time: String(at), engine });
  const response = await fetch(`${address}/api/v1/query`, { method: 'POST', body });
  const { data, warnings, error } = (await response.json()) as {
    readonly data?: {
      readonly result: readonly { readonly metric: { question: string }; readonly value: readonly [number, string] }[];
    };
    readonly warnings?: readonly string[];
    readonly error?: string;
  };
  if (data === undefined || warnings !== undefined) throw new Error(error ?? warnings?.join());
  return new Map(data.result.map(({ metric: { question }, value: [, text] }) => [question, Number(text)]));
}
