import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { manifestsFor } from '../../../packages/cli/src/manifests/manifests.js';
import { requestsFor, smallestShare } from '../../../packages/cli/src/plan/evidence/evidence.js';
import { upperBound } from '../../../packages/cli/src/plan/replay/siblings.js';
import type { Plan } from '../../../packages/cli/src/plan/result.js';
import { parseRelease } from '../../../packages/cli/src/release/release.js';
import { coalmineIn } from '../../support/command.js';
import { isPrometheusMissing, startBackfilledPrometheus } from '../../support/prometheus.js';
import { startCounting } from './counting.js';
import { openMetricsOf } from './history.js';
import { END, FIRST, LONG_DAYS, MORE_DAYS, OLD, SECOND, SERVICES, START, THIRD } from './services.js';
import {
  daysOf,
  familiesOf,
  NAMESPACE,
  OPTIONS as OF_SIMULATED,
  simulatedRate,
  simulateReleases,
} from './simulated.js';

const SIMULATED = simulateReleases(END);

const SCRAPED_EACH_MINUTE = { analysis: { scrapeSeconds: 60 } };
const OPTIONS = { name: 'shop', router: 'nginx', weights: [20, 50], objective: { latency: 0.3 } } as const;

describe.skipIf(isPrometheusMissing)('coalmine plan', () => {
  let folder = '';
  let prometheus: Awaited<ReturnType<typeof startBackfilledPrometheus>>;
  const plans = new Map<string, Promise<{ readonly plan: Plan; readonly said: string }>>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'coalmine-plan-'));
    prometheus = await startBackfilledPrometheus(openMetricsOf(SERVICES, familiesOf(SIMULATED)));
  });
  afterAll(async () => {
    await prometheus?.close();
    await rm(folder, { recursive: true });
  });

  /** Runs the command over the history of a service. */
  async function run(namespace: string, options: object, ...args: readonly string[]) {
    const file = join(folder, `${namespace}-${args.join('').replace(/\W/g, '')}.yaml`);
    await writeFile(file, JSON.stringify({ ...OPTIONS, namespace, prometheus: prometheus.address, ...options }));
    const days =
      { [NAMESPACE]: daysOf(SIMULATED, END), long: LONG_DAYS, recreated: MORE_DAYS }[namespace] ??
      (END - START) / 86_400;
    return coalmineIn(folder, [
      'plan',
      '-f',
      file,
      '--days',
      String(days),
      '--to',
      new Date(1000 * END).toISOString(),
      ...args,
    ]);
  }

  /** Returns the plan of a service, which is made only once. */
  function planOf(namespace: string, options: object = {}, ...args: readonly string[]) {
    const key = JSON.stringify([namespace, options, args]);
    const made =
      plans.get(key) ??
      run(namespace, options, '--json', ...args).then(({ code, out, said }) => {
        if (code !== 0) throw new Error(said);
        return { plan: JSON.parse(out) as Plan, said };
      });
    plans.set(key, made);
    return made;
  }

  describe('replays each pod as a canary beside its siblings', () => {
    it('finds no false alarm in a clean service, and says what that is worth', async () => {
      const { replays } = (await planOf('clean')).plan;
      // Three builds of two pods each; the build before them is older than the history.
      expect(replays).toMatchObject({ judged: 6, rolledBack: 0, paused: 0, falseAlarmRate: 0 });
      expect(replays.falseAlarmRateAtMost).toBeCloseTo(0.393, 3);
      expect(replays.notReplayed.find(({ what }) => what === '2 pods')?.why).toMatch(/started before the history/);
    });

    it('finds false alarms in a noisy service, by metric and by route', async () => {
      const { replays } = (await planOf('noisy')).plan;
      expect(replays.judged).toBe(6);
      expect(replays.falseAlarmRate).toBeGreaterThan(0.5);
      expect(replays.byMetric.map(({ metric }) => metric)).toContain('shared-errors');
      for (const { metric, why } of replays.pods.filter(({ verdict }) => verdict !== 'promote')) {
        expect(metric).toBeDefined();
        expect(why).toMatch(/\d/);
      }
    });

    it('pauses the pods that began in a bad hour, and none of the others', async () => {
      const { replays } = (await planOf('bad-hour')).plan;
      const alarms = replays.pods.filter(({ verdict }) => verdict !== 'promote');
      expect(new Set(alarms.map(({ hash }) => hash))).toEqual(new Set([SECOND]));
      expect(alarms).toHaveLength(2);
      expect(replays.byMetric).toEqual([{ metric: 'shared-errors', verdict: 'pause', count: 2 }]);
    });

    it('pauses the pods that began at night, for want of traffic', async () => {
      const { replays } = (await planOf('silent')).plan;
      const alarms = replays.pods.filter(({ verdict }) => verdict !== 'promote');
      expect(new Set(alarms.map(({ hash }) => hash))).toEqual(new Set([SECOND, THIRD]));
      expect(replays.byMetric.map(({ metric, verdict }) => `${metric} ${verdict}`)).toEqual(['traffic pause']);
    });

    it('agrees with a simulation, release by release and in the rate', async () => {
      const { replays } = (await planOf(NAMESPACE, OF_SIMULATED)).plan;
      const judged = SIMULATED.map(({ hash, canary, isAlarm }) => {
        const found = replays.pods.find((each) => each.pod === `shop-${hash}-${canary}`);
        return { simulated: isAlarm, replayed: found === undefined ? undefined : found.verdict !== 'promote' };
      });
      // Measurements are not at the same instants, so a case at the edge may differ.
      const alike = judged.filter(({ simulated, replayed }) => simulated === replayed);
      expect(alike.length).toBeGreaterThanOrEqual(0.9 * judged.length);
      const rate = simulatedRate();
      expect(rate).toBeGreaterThan(0.3);
      expect(rate).toBeLessThan(0.9);
      expect(replays.judged).toBe(SIMULATED.length);
      const error = Math.sqrt((rate * (1 - rate)) / SIMULATED.length);
      expect(Math.abs((replays.falseAlarmRate ?? 0) - rate)).toBeLessThan(3 * error);
    });

    it('names data that cannot be replayed: a service of one pod, and downsampled data', async () => {
      const lonely = (await planOf('lonely')).plan.replays;
      expect(lonely).toMatchObject({ judged: 0 });
      expect(lonely.falseAlarmRate).toBeUndefined();
      expect(lonely.notReplayed.map(({ why }) => why).join()).toMatch(/with one pod there is nothing to compare with/);
      const coarse = (await planOf('downsampled')).plan.replays;
      expect(coarse).toMatchObject({ judged: 0 });
      expect(coarse.notReplayed.map(({ why }) => why).join()).toMatch(/a sample each 240 s, .* or is downsampled/);
      const nobody = (await planOf('nobody')).plan.replays;
      expect(nobody.notReplayed[0]).toMatchObject({ what: 'everything' });
    });

    it('uses the nearest bound of the histogram if there are no counters', async () => {
      const { replays, past } = (await planOf('histogram', { objective: { latency: 0.35 } })).plan;
      expect(replays).toMatchObject({
        judged: 4,
        rolledBack: 0,
        paused: 0,
        standIn: { pods: 4, bound: 0.3, objective: 0.35 },
      });
      expect(replays.notReplayed.map(({ what }) => what)).toContain('the metric hangs');
      expect(past.map(({ verdict }) => verdict)).toEqual(['promote', 'rollback', 'promote']);
    });

    it('runs the manifests of either controller, with their own limits', async () => {
      for (const controller of ['argo', 'flagger'] as const) {
        const files = manifestsFor(controller, { ...OPTIONS, namespace: 'releases', prometheus: prometheus.address });
        const paths = files.map(({ name }) => join(folder, name));
        await Promise.all(files.map(async ({ text }, i) => writeFile(paths[i] ?? '', text)));
        const { code, out, said } = await coalmineIn(folder, [
          'plan',
          ...paths.flatMap((path) => ['-f', path]),
          '--days',
          '0.125',
          '--to',
          String(END),
          '--json',
          '--replays',
          '1',
        ]);
        expect(code, said).toBe(0);
        const plan = JSON.parse(out) as Plan;
        expect(plan.release.controller).toBe(controller);
        expect(plan.release.stages.at(-1)?.weight).toBe(50);
        expect(plan.past.map(({ verdict }) => verdict)).toEqual(['promote', 'rollback', 'promote']);
      }
    });
  });

  it('judges the releases of the past, one of which was bad', async () => {
    const { past } = (await planOf('releases')).plan;
    expect(past.map(({ hash, before, verdict }) => [hash, before, verdict])).toEqual([
      [FIRST, OLD, 'promote'],
      [SECOND, FIRST, 'rollback'],
      [THIRD, SECOND, 'promote'],
    ]);
    expect(past[1]).toMatchObject({ pods: 2, route: 'GET /cart' });
    expect(past[1]?.why).toMatch(/\d/);
    // The failures of the pods of a bad build are no false alarms.
    const { replays } = (await planOf('releases')).plan;
    expect(replays).toMatchObject({ judged: 4, rolledBack: 0, paused: 0 });
    expect(replays.notReplayed.map(({ why }) => why).join()).toContain(
      `the release ${SECOND} would have been rolled back`,
    );
  });

  it('judges the release that began before the history by the release after it, and leaves out its hours if it was bad', async () => {
    const { past, replays, proposal } = (await planOf('bad-from-the-start')).plan;
    expect(past.map(({ hash, verdict }) => `${hash} ${verdict}`)).toEqual([`${FIRST} promote`]);
    expect(replays.notReplayed.find(({ what }) => what === `the release ${OLD}`)?.why).toMatch(
      new RegExp(`^it began before the history. Beside ${FIRST}, .* rolled back \\(routes-failing: `),
    );
    expect(proposal.changes).toEqual([]);
  });

  it('says that nothing is known of a release before the history that was gone too early, and counts its hours', async () => {
    const { replays, proposal } = (await planOf('replaced')).plan;
    for (const hash of [OLD, THIRD]) {
      expect(replays.notReplayed.find(({ what }) => what === `the release ${hash}`)?.why).toMatch(
        /^it began before the history, so whether it was bad is not known/,
      );
    }
    expect(proposal.changes.map(({ option }) => option)).toContain('objective.errorRatio');
    // The first release of this service was no worse than the second.
    const clean = (await planOf('clean')).plan.replays.notReplayed;
    expect(clean.find(({ what }) => what === `the release ${OLD}`)).toBeUndefined();
  });

  it('names the releases that had no other pods beside them, and since when there is a history', async () => {
    const { past, replays, objectives, evidence } = (await planOf('recreated')).plan;
    expect(past).toEqual([]);
    expect(replays.notReplayed.filter(({ what }) => what.startsWith('the release'))).toEqual([
      { what: `the release ${FIRST}`, why: expect.stringMatching(/^it is the first in the history of this name/) },
      { what: `the release ${SECOND}`, why: expect.stringMatching(/^the pods before it were gone when it started/) },
    ]);
    const begin = new Date(1000 * (END - 2 * 3600)).toISOString().replace('.000Z', 'Z');
    // The history contains only a part of its first hour.
    expect(evidence.byHour).toHaveLength(1);
    expect(evidence.byHour[0]?.perSecond).toBeCloseTo(40, 0);
    expect(objectives.notes).toContain(`there is no history of these pods before ${begin}`);
    const { out } = await run('recreated', {});
    expect(out).toContain('Past releases\n  No release of the history could be judged.\n');
  });

  it('judges no pod of the time when the app had another objective', async () => {
    const { past, replays } = (await planOf('stricter')).plan;
    expect(replays).toMatchObject({ judged: 2, rolledBack: 0, paused: 0 });
    expect(past.map(({ hash, verdict }) => `${hash} ${verdict}`)).toEqual([`${THIRD} promote`]);
    expect(replays.notReplayed).toContainEqual({
      what: '4 pods',
      why: 'the app had the objective 0.5 s then, and these templates have the objective of today',
    });
    // The checked templates differ from the present app, and the plan must say so.
    const stale = (await planOf('stricter', { objective: { latency: 0.5 } })).plan;
    expect(stale.past.find(({ hash }) => hash === THIRD)).toMatchObject({
      verdict: 'pause',
      metric: 'instrumentation',
    });
  });

  it('counts a pod that gets its label later as one pod, and reports hours without samples', async () => {
    const { replays, objectives } = (await planOf('asleep')).plan;
    const counted = replays.notReplayed.flatMap(({ what }) => Number(/^(\d+) pods?$/.exec(what)?.[1] ?? 0));
    expect(counted.reduce((sum, pods) => sum + pods, replays.judged)).toBe(4);
    expect(objectives.notes).toContain('hours without samples of these pods, which are left out: 1');
  });

  describe('says what a step can prove', () => {
    it('at a busy hour, in the median and at night', async () => {
      const { evidence } = (await planOf('silent')).plan;
      const [busy, median, night] = evidence.traffic;
      expect([busy?.time, median?.time, night?.time]).toEqual(['busy', 'median', 'night']);
      expect(busy?.perSecond).toBeCloseTo(4, 0);
      expect(night?.perSecond).toBeLessThan(0.1);
      const [step] = evidence.steps;
      const [atBusy, , atNight] = step?.at ?? [];
      // A canary at 20 % of 4 requests a second.
      expect(atBusy?.requestsInWindow).toBeGreaterThan(85);
      expect(atBusy?.requestsInWindow).toBeLessThan(105);
      expect(atNight?.errors).toBeUndefined();
    });

    it('the smallest increase of errors and of slowness, and how long it takes to prove twice the objective', async () => {
      const { evidence, objectives } = (await planOf('clean')).plan;
      const [step] = evidence.steps;
      const busy = step?.at.find(({ time }) => time === 'busy');
      const requests = busy?.requests ?? 0;
      expect(requests).toBeCloseTo(40 * 0.2 * (step?.seconds ?? 0), -2);
      const proof = { events: 20, minRequests: 20, z: 3.719, allowed: 0.01 };
      expect(busy?.errors).toBeCloseTo(smallestShare(requests, proof) ?? 0, 3);
      expect(busy?.errorIncrease).toBeCloseTo((busy?.errors ?? 0) - (objectives.errorRatio ?? 0), 3);
      expect(busy?.slowness).toBeGreaterThan(0.05);
      // The same number as in the table of docs/analysis.md.
      expect(requestsFor(0.02, proof)).toBe(1370);
      expect(busy?.secondsForErrors).toBeCloseTo(1370 / 8, -1);
    });

    it('names the routes that no step can judge', async () => {
      const { rareRoutes, judgedShare } = (await planOf('clean')).plan.evidence;
      expect(rareRoutes.map(({ route }) => route)).toEqual(['GET /admin/export']);
      expect(rareRoutes[0]?.perHour).toBeCloseTo(144, -2);
      expect(judgedShare).toBeCloseTo(0.999, 3);
    });
  });

  describe('proposes', () => {
    it('nothing if there is nothing to improve', async () => {
      expect((await planOf('clean')).plan.proposal.changes).toEqual([]);
    });

    it('weights, times and hours if there is little traffic', async () => {
      const { proposal } = (await planOf('silent', { weights: [1, 20] })).plan;
      const changed = Object.fromEntries(proposal.changes.map(({ option, to }) => [option, to]));
      expect((changed.weights as number[])[0]).toBeGreaterThan(1);
      expect(changed['analysis.count']).toBeGreaterThan(9);
      expect(proposal.advice.join()).toMatch(/release outside \d\d:00 to \d\d:00 \(UTC\)/);
      // A release accepts the proposal as its options.
      expect(() => parseRelease(proposal.options)).not.toThrow();
    });

    it('an objective that the service keeps', async () => {
      const { proposal, objectives } = (await planOf('noisy')).plan;
      const change = proposal.changes.find(({ option }) => option === 'objective.errorRatio');
      expect(change?.from).toBe(0.01);
      expect(change?.to).toBeGreaterThan(2 * (objectives.errorRatio ?? 1) - 1e-9);
    });
  });

  describe('says what the service does today', () => {
    it('the share over several latencies, and errors by route', async () => {
      const { objectives } = (await planOf('releases')).plan;
      expect(objectives.latencies).toEqual([0.05, 0.1, 0.3, 0.5, 1]);
      const [items, cart] = objectives.routes;
      expect([items?.route, cart?.route]).toEqual(['GET /items', 'GET /cart']);
      expect(items?.errorRatio).toBeCloseTo(0.002, 3);
      expect(cart?.errorRatio).toBeGreaterThan(0.05);
      expect(items?.over[0]).toBeCloseTo(0.5, 1);
      expect(items?.over[2]).toBeCloseTo(0.01, 2);
      expect(objectives.overShare).toBeCloseTo(0.01, 3);
      expect(objectives.latency).toBe(0.3);
    });

    it('if buckets or counters allow no exact number', async () => {
      const notes = (await planOf('histogram', { objective: { latency: 0.35 } })).plan.objectives.notes.join('\n');
      expect(notes).toMatch(
        /0.35 s is not a bound of the histogram, .* between .* \(over 0.5 s\) and .* \(over 0.3 s\)/,
      );
      expect(notes).toMatch(/http_requests_failed_total, .* does not exist/);
      expect((await planOf('clean')).plan.objectives.notes.join()).toMatch(/exact: the app counts it/);
    });
  });

  it('prints a page, and writes an HTML page and a config file that can be used', async () => {
    const { code, out, said } = await run(
      'releases',
      {},
      '--report',
      'plan.html',
      '--out',
      'proposed.yaml',
      '--replays',
      '1',
    );
    expect(code, said).toBe(0);
    for (const heading of [
      'False alarms',
      'Past releases',
      'What a step can prove',
      'How the service performs today',
      'Proposal',
    ]) {
      expect(out).toMatch(new RegExp(`^${heading}$`, 'm'));
    }
    const html = await readFile(join(folder, 'plan.html'), 'utf8');
    expect(html).not.toMatch(/<script|src=|href="(?!#)|url\(|@import|NaN|undefined/);
    expect(html.match(/<svg /g)).toHaveLength(4);
    expect(html).toContain('prefers-color-scheme:dark');
    const yaml = await readFile(join(folder, 'proposed.yaml'), 'utf8');
    expect(yaml).toMatch(/^ *# .*Today \S+ % of the requests fail\./m);
    const options = parse(yaml) as object;
    expect(() => parseRelease(options)).not.toThrow();
    expect(options).toMatchObject({ name: 'shop', namespace: 'releases', weights: [20, 50] });
  });

  it('reads no more samples than it may, and says what it left out', async () => {
    const { plan } = await planOf('clean', {}, '--max-samples', '30000');
    expect(plan.load.samples).toBeLessThanOrEqual(30_000);
    expect(plan.replays.notReplayed.map(({ why }) => why).join()).toMatch(/the limit of samples is reached/);
    expect((await planOf('clean')).plan.load.samples).toBeGreaterThan(30_000);
  });

  it('leaves out hours if all of them would be too much, and still tells what the service does', async () => {
    const { load, objectives, evidence } = (await planOf('long', SCRAPED_EACH_MINUTE, '--max-samples', '60000')).plan;
    expect(load.samples).toBeLessThanOrEqual(60_000);
    const [, stride] =
      /^of http_requests_total, .* \d+[ms] of one hour in (\d+) were read/.exec(objectives.notes[0] ?? '') ?? [];
    expect(objectives.errorRatio).toBeCloseTo(0.005, 3);
    expect(evidence.byHour).toHaveLength(Math.ceil((24 * LONG_DAYS) / Number(stride)));
    const whole = (await planOf('long', SCRAPED_EACH_MINUTE)).plan;
    expect(whole.objectives.notes.join()).not.toContain('--max-samples');
  });

  it('passes on that results may be partial', async () => {
    const counting = await startCounting(prometheus.address, ['PromQL info: x', 'a store is away']);
    try {
      const { code, said } = await run('nobody', { prometheus: counting.address });
      expect(code).toBe(0);
      expect(said).toContain('Prometheus warns, so the plan may be based on part of the history: a store is away\n');
      expect(said).not.toContain('PromQL info');
    } finally {
      await counting.close();
    }
  });

  it('proposes nothing without a history', async () => {
    const { out } = await run('nobody', {});
    expect(out).toContain('Proposal\n  None: without requests in the history, nothing is known about the options.\n');
  });

  it.each([
    ['clean', {}],
    ['releases', {}],
    ['long', SCRAPED_EACH_MINUTE],
  ])('states what Prometheus reads for a plan: %s', async (namespace, options) => {
    const counting = await startCounting(prometheus.address);
    try {
      const { code, out, said } = await run(namespace, { ...options, prometheus: counting.address }, '--json');
      expect(code, said).toBe(0);
      const read = counting.samples.reduce((all, more) => all + more, 0);
      const { load } = JSON.parse(out) as Plan;
      // The first query finds out whether Prometheus is there.
      expect(load.queries).toBe(counting.samples.length - 1);
      expect(load.samples).toBeGreaterThanOrEqual(read);
      expect(load.samples).toBeLessThan(1.5 * read);
      expect(Math.max(...counting.samples)).toBeLessThanOrEqual(load.mostSamplesPerQuery);
    } finally {
      await counting.close();
    }
  });

  it.each([
    [['--days', '0'], /--days .* a number of days above 0/],
    [['--replays', 'none'], /--replays .* a whole number/],
    [['--max-samples', '-1'], /--max-samples .* a whole number/],
    [['-f', 'missing.yaml'], /missing\.yaml cannot be read/],
    [[], /name .*given, with --name or in the file/],
    [['--name', 'shop', '-p', 'http://127.0.0.1:9'], /no Prometheus can be queried/],
  ])('says what is wrong with %j', async (args, wanted) => {
    const { code, said } = await coalmineIn(folder, ['plan', ...args]);
    expect(code).toBe(2);
    expect(said).toMatch(wanted);
  });
});

describe('the upper bound of a rate', () => {
  it.each([
    [0, 60, 0.0487],
    [1, 20, 0.2161],
    [5, 5, 1],
  ])('of %d in %d is %d', (events, trials, wanted) => {
    expect(upperBound(events, trials)).toBeCloseTo(wanted, 3);
  });
});
