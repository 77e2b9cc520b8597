import { describe, expect, it } from 'vitest';
import { parseRelease } from '../../release/release.js';
import type { ReleaseOptions } from '../../release/release-options.js';
import type { History } from '../history/traffic.js';
import type { Evidence, Proposal, ReplayedPod, Replays } from '../result.js';
import { limitsOf, proposalOf } from './proposal.js';

interface Told {
  readonly options?: Partial<ReleaseOptions>;
  /** Requests per second in half of all hours, and in each hour of the day. */
  readonly perSecond?: number;
  readonly byHour?: readonly number[];
  readonly history?: Partial<History>;
  readonly replays?: Partial<Replays>;
  readonly rareRoutes?: readonly string[];
}

/** Returns the proposal for a service that keeps its objectives with much traffic, but for what is told. */
function proposed({
  options = {},
  perSecond = 1000,
  byHour = [],
  history = {},
  replays = {},
  rareRoutes = [],
}: Told): Proposal {
  const given: ReleaseOptions = { name: 'shop', router: 'nginx', ...options };
  const release = parseRelease(given);
  const evidence: Evidence = {
    traffic: [{ time: 'median', when: 'half of all hours', perSecond }],
    byHour: byHour.map((each, hour) => ({ hour, perSecond: each })),
    steps: [],
    rareRoutes: rareRoutes.map((route) => ({ route, perHour: 1, neededPerHour: 10 })),
    judgedShare: 1,
  };
  return proposalOf({
    release,
    options: given,
    stages: release.weights.map((weight) => ({ weight, share: weight / 100, seconds: 400 })),
    history: { usualErrorRatio: 0, overShare: 0, ...history } as History,
    evidence,
    replays: { judged: 10, byMetric: [], pods: [], ...replays } as unknown as Replays,
  });
}

const changesOf = (told: Told): Readonly<Record<string, unknown>> =>
  Object.fromEntries(proposed(told).changes.map(({ option, to }) => [option, to]));

it('a service that keeps its objectives with much traffic needs no change and no advice', () => {
  expect(proposed({})).toEqual({ options: { name: 'shop', router: 'nginx' }, changes: [], advice: [] });
});

describe('a step with too few requests', () => {
  it('gets a weight with enough of them, and the smaller weights are left out', () => {
    const { changes, options } = proposed({ perSecond: 1 });
    expect(changes[0]).toEqual({
      option: 'weights',
      from: [5, 20, 50],
      to: [25, 50],
      why: 'at 5 %, a window of 120 s has 6 requests of the canary in half of all hours, but 20 are needed: such a step proves nothing',
    });
    expect(options.weights).toEqual([25, 50]);
    expect(changesOf({ perSecond: 5 })['weights']).toBeUndefined();
  });

  it('gets a longer window if no weight is enough, and at last fewer requests', () => {
    expect(changesOf({ perSecond: 0.4 })).toMatchObject({ weights: [50], 'analysis.windowSeconds': 180 });
    expect(changesOf({ perSecond: 0.4 })['analysis.minRequests']).toBeUndefined();
    expect(changesOf({ perSecond: 0.08 })).toMatchObject({
      weights: [50],
      'analysis.windowSeconds': 600,
      'analysis.minRequests': 16,
    });
    // Ten requests are the least from which anything follows.
    expect(changesOf({ perSecond: 0.02 })['analysis.minRequests']).toBeUndefined();
  });

  it('stays as it is if the release is blue-green, or nothing is known of its traffic', () => {
    expect(changesOf({ perSecond: 1, options: { strategy: 'blue-green' } })).toEqual({});
    expect(changesOf({ perSecond: 0 })).toEqual({});
  });

  it('gets more measurements, up to half an hour', () => {
    const countAt = (perSecond: number): number => Number(changesOf({ perSecond })['analysis.count'] ?? 0);
    expect(countAt(1000)).toBe(0);
    expect(countAt(2)).toBeGreaterThan(9);
    expect(countAt(0.5)).toBeGreaterThanOrEqual(countAt(2));
    expect(countAt(0.2) * 30).toBeLessThanOrEqual(1800);
  });
});

describe('an objective that the service itself does not keep', () => {
  it.each([
    [0.012, 0.025],
    [0.02, 0.04],
    [0.0101, 0.025],
    [0.3, 0.5],
  ])('becomes twice the share of today, in a round number: %d of errors, %d', (usualErrorRatio, to) => {
    expect(changesOf({ history: { usualErrorRatio } })).toEqual({ 'objective.errorRatio': to });
  });

  it('is no larger for the digits that a float has more', () => {
    const options = { objective: { errorRatio: 0.00005 } };
    expect(changesOf({ options, history: { usualErrorRatio: 0.0001 } })).toEqual({ 'objective.errorRatio': 0.0002 });
  });

  it('is named with its reason', () => {
    expect(proposed({ history: { overShare: 0.06 } }).changes).toEqual([
      {
        option: 'objective.overShare',
        from: 0.05,
        to: 0.15,
        why: '6 % of the requests take longer than their objective today without a release: twice that share leaves room for a release',
      },
    ]);
  });

  it('is kept if the service just keeps it, and the advice says how much of it is used', () => {
    const { changes, advice } = proposed({ history: { usualErrorRatio: 0.01 } });
    expect(changes).toEqual([]);
    expect(advice).toEqual([
      'the service uses 100 % of the allowed share of failed requests: above half of it, good releases are rolled back now and then',
    ]);
    expect(proposed({ history: { usualErrorRatio: 0.005 } }).advice).toEqual([]);
  });
});

describe('an alarm about pods of the same build', () => {
  it('is prevented if it was about a difference that clients make', () => {
    const pods = ['GET /old 3xx', 'GET /new 404', 'GET /old 3xx', undefined].map(
      (difference) => ({ difference }) as unknown as ReplayedPod,
    );
    const { changes, options } = proposed({ options: { accept: ['GET /new 404'] }, replays: { pods } });
    expect(options.accept).toEqual(['GET /new 404', 'GET /old 3xx']);
    expect(changes[0]?.why).toContain('differed in these responses 3 times');
  });

  it('removes the comparison that raised it', () => {
    const byMetric = [{ metric: 'routes-slower', verdict: 'rollback' as const, count: 2 }];
    const { options } = proposed({
      options: { analysis: { slowerThanStable: 1.5, count: 20 } },
      replays: { byMetric },
    });
    expect(options.analysis).toStrictEqual({ count: 20 });
    expect(proposed({ replays: { byMetric } }).changes).toEqual([]);
  });

  it('leads to advice if no option prevents it', () => {
    const byMetric = [
      { metric: 'saturation', verdict: 'pause' as const, count: 1 },
      { metric: 'error-ratio', verdict: 'rollback' as const, count: 3 },
    ];
    expect(proposed({ replays: { byMetric } }).advice).toEqual([
      'saturation would have paused 1 of 10 pods: the event loop of new pods is busy all the time; give them more CPU, or a longer start',
    ]);
  });
});

describe('the hours in which a release would pause', () => {
  const quietAt = (...hours: readonly number[]): readonly number[] =>
    Array.from({ length: 24 }, (_, hour) => (hours.includes(hour) ? 0.1 : 1000));

  it('are named as spans, across midnight, too', () => {
    expect(proposed({ byHour: quietAt(22, 23, 0, 1, 5) }).advice).toEqual([
      'release outside 05:00 to 06:00, 22:00 to 02:00 (UTC): in these hours a canary at 5 % has fewer than 20 requests in 120 s, and a release pauses',
    ]);
  });

  it('are none if there is always enough traffic, and all if there never is', () => {
    expect(proposed({ byHour: quietAt() }).advice).toEqual([]);
    expect(proposed({ byHour: quietAt(...Array(24).keys()) }).advice).toEqual([
      'at no hour of the day does a canary have 20 requests in 120 s: send your own requests during a release, or decide by hand',
    ]);
  });
});

it('routes that no step can judge are named, five at most', () => {
  expect(proposed({ rareRoutes: ['GET /a'] }).advice[0]).toMatch(
    /^no step can judge one route with too few requests: GET \/a; test/,
  );
  expect(proposed({ rareRoutes: [...'abcdef'] }).advice[0]).toMatch(
    /^no step can judge 6 routes with too few requests: a, b, c, d, e and more; test/,
  );
});

it('the limits of a proposal are its options, and the defaults of the others', () => {
  const limits = limitsOf(proposed({ options: { objective: { errorRatio: 0.02 }, analysis: { count: 20 } } }));
  expect(limits).toEqual({
    objective: { errorRatio: 0.02, overShare: 0.05 },
    analysis: { minRequests: 20, count: 20 },
  });
});
