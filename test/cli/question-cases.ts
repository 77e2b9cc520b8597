import type { ReleaseOptions, Sides } from '@coalmine/cli';
import type { RuleSeries } from '../support/prometheus.js';

/** The pods of the cases. */
export const SIDES: Sides = { canary: 'hash="canary"', stable: 'hash="stable"' };

/** The samples of a pod, one every 15 s for ten minutes, in promtool's shorthand. */
interface Pod {
  readonly hash?: string;
  readonly pod?: string;
  readonly ok?: string;
  readonly errors?: string;
  readonly hung?: string;
  /** The failed requests, if they differ from `errors`. */
  readonly failed?: string;
  /** The timed requests, and the requests over the objective. */
  readonly timed?: string;
  readonly slow?: string;
  readonly overdue?: string;
  readonly ready?: string;
  readonly objective?: string;
  /** The seconds for which the event loop was active. */
  readonly active?: string;
}

const ZERO = '0x40';

function pod({ hash = 'canary', pod = 'a', ...of }: Pod = {}): readonly RuleSeries[] {
  const labels = `hash="${hash}",pod="${pod}"`;
  const route = `${labels},method="GET",route="/"`;
  const { ok = ZERO, timed = ok, errors = ZERO } = of;
  return [
    { series: `http_requests_total{${route},status_code="200"}`, values: ok },
    { series: `http_requests_total{${route},status_code="500"}`, values: errors },
    { series: `http_requests_total{${route},status_code="504"}`, values: of.hung ?? ZERO },
    { series: `http_requests_failed_total{${route}}`, values: of.failed ?? errors },
    { series: `http_requests_timed_total{${route}}`, values: timed },
    { series: `http_requests_slow_total{${route}}`, values: of.slow ?? ZERO },
    { series: `http_requests_overdue{${labels}}`, values: of.overdue ?? ZERO },
    { series: `coalmine_pod_ready_timestamp_seconds{${labels}}`, values: of.ready ?? '100x40' },
    { series: `coalmine_objective_latency_seconds{${labels}}`, values: of.objective ?? '0.5x40' },
    {
      series: `nodejs_eventloop_time_seconds_total{${labels},nodejs_eventloop_state="active"}`,
      values: of.active ?? ZERO,
    },
  ];
}

/** The samples of all series of a pod that came late or left early, unless another field has them. */
function during(samples: (value: number) => string, of: Pod): Pod {
  const zero = samples(0);
  return {
    errors: zero,
    hung: zero,
    timed: of.ok ?? zero,
    slow: zero,
    overdue: zero,
    ready: samples(100),
    objective: samples(0.5),
    active: zero,
    ...of,
  };
}

/** The series of pods of which each replaces the one before, with a number of requests in each scrape. */
function oneAfterAnother(names: readonly string[], requests: number, hash = 'canary'): readonly RuleSeries[] {
  return names.flatMap((name, i) => {
    const before = i === 0 ? '' : `_x${13 * i} `;
    const [scrapes, end] = i === names.length - 1 ? [40 - 13 * i, ''] : [11, ' stale'];
    const samples = (value: string): string => `${before}${value}x${scrapes}${end}`;
    return pod({ ...during((value) => samples(`${value}`), { ok: samples(`0+${requests}`) }), hash, pod: name });
  });
}

/** Returns the lower end of the Wilson interval by the formula of textbooks, one-sided at 99.99 %. */
function wilson(bad: number, all: number): number {
  const z = 3.719;
  const p = bad / all;
  const centre = p + z ** 2 / (2 * all);
  const half = z * Math.sqrt((p * (1 - p)) / all + z ** 2 / (4 * all ** 2));
  return (centre - half) / (1 + z ** 2 / all);
}

const STABLE = pod({ hash: 'stable', ok: '0+100x40' });

/** The series of a release, and the result of each question about them. */
export interface Case {
  readonly what: string;
  readonly series: readonly RuleSeries[];
  readonly options?: ReleaseOptions;
  readonly at?: string;
  /** The result of each question. Questions that are left out have the result 0. */
  readonly answers: Readonly<Record<string, number>> | 'none';
}

// At the tenth minute the window of two holds eight increments.
export const CASES: readonly Case[] = [
  { what: 'no series at all', series: [], answers: 'none' },
  { what: 'stable alone', series: STABLE, answers: 'none' },
  { what: 'all zero', series: [...pod(), ...STABLE], answers: {} },
  {
    what: 'one scrape',
    series: pod(during((value) => `_x39 ${value}`, { ok: '_x39 7' })),
    answers: {},
  },
  {
    what: 'healthy traffic',
    series: [...pod({ ok: '0+20x40' }), ...STABLE],
    answers: { traffic: 160 },
  },
  {
    what: 'a user who tries again: nine 5xx of 169',
    series: [...pod({ ok: '0+20x40', errors: '0x38 9x1' }), ...STABLE],
    answers: { traffic: 169 },
  },
  {
    what: 'ten 5xx of 170, all at the same time',
    series: [...pod({ ok: '0+20x40', errors: '0x38 10x1' }), ...STABLE],
    answers: { traffic: 170 },
  },
  {
    what: 'ten and more 5xx, in each minute',
    series: [...pod({ ok: '0+20x40', errors: '0+2x40' }), ...STABLE],
    answers: {
      traffic: 176,
      'error-ratio': wilson(16, 176) / 0.01,
      'error-ratio-since-start': wilson(80, 880) / 0.01,
      'routes-failing': 1,
    },
  },
  {
    what: 'two 5xx of nineteen, which is too few to judge',
    series: [...pod({ ok: '0x31 0+2x7 17', errors: '0x38 2x1' }), ...STABLE],
    answers: { traffic: 19 },
  },
  {
    what: 'all 5xx',
    series: [...pod({ errors: '0+20x40', timed: ZERO }), ...STABLE],
    answers: {
      'routes-failing': 1,
      traffic: 160,
      'error-ratio': wilson(160, 160) / 0.01,
      'error-ratio-since-start': wilson(800, 800) / 0.01,
    },
  },
  {
    what: 'errors of the first second alone, before the first scrape, which no increase can see',
    series: [...pod({ ok: '0+20x40', errors: '60x40' }), ...STABLE],
    answers: { traffic: 160, 'error-ratio-since-start': wilson(60, 860) / 0.01 },
  },
  {
    what: 'the first errors of a series that was not there before',
    series: [
      ...pod({ ok: '0+20x40' }),
      { series: 'http_requests_failed_total{hash="canary",pod="a",method="GET",route="/late"}', values: '_x38 40x1' },
      {
        series: 'http_requests_total{hash="canary",pod="a",method="GET",route="/late",status_code="507"}',
        values: '_x38 40x1',
      },
      ...STABLE,
    ],
    answers: { traffic: 160, 'error-ratio-since-start': wilson(40, 840) / 0.01 },
  },
  {
    what: 'two pods, one of which fails',
    series: [...pod({ ok: '0+20x40' }), ...pod({ pod: 'b', errors: '0+20x40', timed: ZERO }), ...STABLE],
    answers: {
      'routes-failing': 1,
      traffic: 320,
      'error-ratio': wilson(160, 320) / 0.01,
      'error-ratio-since-start': wilson(800, 1600) / 0.01,
    },
  },
  {
    what: 'one restart',
    series: [...pod({ ok: '0+20x35 0+20x4', ready: '100x35 640x4' }), ...STABLE],
    answers: { traffic: 140, restarts: 1 },
  },
  {
    what: 'a crash loop',
    series: [...pod({ ok: '0+20x30 0+20x3 0+20x5', ready: '100x30 550x3 610x5' }), ...STABLE],
    answers: { traffic: 140, restarts: 2 },
  },
  {
    what: 'a crash loop of a pod that is gone, as of the release before',
    series: [
      ...pod(during((value) => `_x25 ${value}x15`, { ok: '_x25 0+20x15' })),
      ...pod({
        ...during((value) => `${value}x20 stale`, { ok: '0+20x20 stale', ready: '100x5 250x6 400x7 stale' }),
        pod: 'b',
      }),
      ...STABLE,
    ],
    answers: { traffic: 160 },
  },
  {
    what: 'restarts that the pods of stable have as well',
    series: [
      ...pod({ ok: '0+20x30 0+20x3 0+20x5', ready: '100x30 550x3 610x5' }),
      ...['a', 'b'].flatMap((name) =>
        pod({ hash: 'stable', pod: name, ok: '0+50x40', ready: '100x10 250x10 400x15 640x4' }),
      ),
    ],
    answers: { traffic: 140 },
  },
  {
    what: 'a crash loop, and one pod of stable that restarts',
    series: [
      ...pod({ ok: '0+20x30 0+20x3 0+20x5', ready: '100x30 550x3 610x5' }),
      ...['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'].flatMap((name) =>
        pod({
          hash: 'stable',
          pod: name,
          ok: '0+10x40',
          ready: name === 'a' ? '100x10 250x10 400x15 640x4' : '100x40',
        }),
      ),
    ],
    answers: { traffic: 140, restarts: 2 },
  },
  ...[
    {
      what: 'memory that leaks: each pod that is old enough has been restarted once',
      restarted: 3,
      pods: 6,
      restarts: 1.5,
    },
    { what: 'a few pods of many that have been restarted once', restarted: 3, pods: 13, restarts: 1 },
    { what: 'memory that leaks in the only two pods', restarted: 2, pods: 2, restarts: 1.5 },
    { what: 'one of two pods, restarted once', restarted: 1, pods: 2, restarts: 1 },
    { what: 'two of three pods, restarted once', restarted: 2, pods: 3, restarts: 1 },
  ].map(({ what, restarted, pods, restarts }) => ({
    what,
    series: [
      ...Array.from({ length: pods }, (_, i) =>
        pod({
          pod: `pod-${i}`,
          ...(i < restarted ? { ok: '0+20x30 0+20x9', ready: '100x30 560x9' } : { ok: '0+20x40' }),
        }),
      ).flat(),
      ...STABLE,
    ],
    answers: { traffic: pods * 160, restarts },
  })),
  ...[
    {
      what: 'pods that are evicted, and that others replace',
      names: ['shop-1-a', 'shop-1-b', 'shop-1-c'],
      restarts: 1.25,
    },
    { what: 'a pod that another replaced', names: ['shop-1-b', 'shop-1-c'], restarts: 0 },
    { what: 'pods of three releases in a row', names: ['shop-1-a', 'shop-2-a', 'shop-3-a'], restarts: 0 },
    {
      what: 'pods that are evicted on both sides',
      names: ['shop-1-a', 'shop-1-b', 'shop-1-c'],
      ofStable: ['shop-0-a', 'shop-0-b', 'shop-0-c'],
      restarts: 0,
    },
    {
      what: 'pods that are evicted, and one pod of stable that was',
      names: ['shop-1-a', 'shop-1-b', 'shop-1-c'],
      ofStable: ['shop-0-a', 'shop-0-b'],
      restarts: 1.25,
    },
  ].map(({ what, names, ofStable, restarts }) => ({
    what,
    series: [
      ...oneAfterAnother(names, 20),
      ...(ofStable === undefined ? STABLE : oneAfterAnother(ofStable, 100, 'stable')),
    ],
    answers: { traffic: 160, restarts },
  })),
  {
    what: 'a gap of a minute in the scrapes',
    series: [...pod(during((value) => `${value}x33 _x4 ${value}x2`, { ok: '0+20x33 _x4 760+20x2' })), ...STABLE],
    answers: { traffic: 160 },
  },
  {
    what: 'pods that went three minutes ago',
    series: [...pod(during((value) => `${value}x27 stale`, { ok: '0+20x27 stale' })), ...STABLE],
    answers: 'none',
  },
  {
    what: 'slow answers',
    series: [...pod({ ok: '0+20x40', slow: '0+4x40' }), ...STABLE],
    answers: {
      'routes-slow': 1,
      traffic: 160,
      'slow-ratio': wilson(32, 160) / 0.05,
      'slow-ratio-since-start': wilson(160, 800) / 0.05,
    },
  },
  {
    what: 'slow answers that are over',
    series: [...pod({ ok: '0+20x40', slow: '0+10x22 220x17' }), ...STABLE],
    answers: { traffic: 160 },
  },
  {
    what: 'requests that all hang, and none that ends',
    series: [...pod({ overdue: '0x36 30x3' }), ...STABLE],
    answers: { hangs: wilson(30, 30) / 0.01 },
  },
  {
    what: 'no stable',
    series: pod({ ok: '0+15x40', errors: '0+5x40' }),
    answers: {
      traffic: 160,
      'error-ratio': wilson(40, 160) / 0.01,
      'error-ratio-since-start': wilson(200, 800) / 0.01,
    },
  },
  {
    what: 'an outage that stable shares',
    series: [...pod({ ok: '0+14x40', errors: '0+6x40' }), ...pod({ hash: 'stable', ok: '0+70x40', errors: '0+30x40' })],
    answers: {
      traffic: 160,
      'shared-errors': 1,
      'error-ratio': wilson(48, 160) / 0.45,
    },
  },
  {
    what: 'an outage that stable shared, and that is over',
    series: [
      ...pod({ ok: '0+14x25 350+20x14', errors: '0+6x25 150x14' }),
      ...pod({ hash: 'stable', ok: '0+70x25 1750+100x14', errors: '0+30x25 750x14' }),
    ],
    answers: { traffic: 160 },
  },
  {
    what: 'an outage that stable shares, with few requests',
    series: [...pod({ errors: '0+5x40' }), ...pod({ hash: 'stable', errors: '0+10x40' })],
    answers: {
      traffic: 40,
      'shared-errors': 1,
      'error-ratio': wilson(40, 40) / 1.5,
    },
  },
  {
    what: 'as many errors as stable had, which has no more requests',
    series: [
      ...pod({ ok: '0x20 0+192x19', errors: '0x20 0+8x19' }),
      ...pod({ hash: 'stable', ok: '0+96x20 1920x19', errors: '0+4x20 80x19' }),
    ],
    answers: {
      traffic: 1600,
      'error-ratio': wilson(64, 1600) / 0.06,
    },
  },
  {
    what: 'as many slow requests as stable had, which has no more requests',
    series: [
      ...pod({ ok: '0x20 0+200x19', slow: '0x20 0+20x19' }),
      ...pod({ hash: 'stable', ok: '0+100x20 2000x19', slow: '0+10x20 200x19' }),
    ],
    answers: {
      traffic: 1600,
      'slow-ratio': wilson(160, 1600) / 0.15,
    },
  },
  {
    what: 'errors of a canary that began after an outage of stable',
    series: [
      ...pod(during((value) => `_x27 ${value}x13`, { ok: '_x27 0+20x13', errors: '_x27 0x3 30x9' })),
      ...pod({ hash: 'stable', ok: '0+50x40', errors: '0+50x10 500x30' }),
    ],
    answers: { traffic: 160, 'error-ratio-since-start': wilson(30, 290) / 0.01 },
  },
  {
    what: 'a canary that is worse than a stable that fails as well',
    series: [...pod({ ok: '0+4x40', errors: '0+16x40' }), ...pod({ hash: 'stable', ok: '0+90x40', errors: '0+10x40' })],
    answers: {
      'routes-failing': 1,
      traffic: 160,
      'shared-errors': 1,
      'error-ratio': wilson(128, 160) / 0.15,
      'error-ratio-since-start': wilson(640, 800) / 0.15,
    },
  },
  {
    what: 'a stable that is worse than the canary',
    series: [...pod({ ok: '0+20x40' }), ...pod({ hash: 'stable', ok: '0+70x40', errors: '0+30x40' })],
    answers: { traffic: 160 },
  },
  {
    what: 'slowness that stable shares',
    series: [...pod({ ok: '0+20x40', slow: '0+10x40' }), ...pod({ hash: 'stable', ok: '0+100x40', slow: '0+50x40' })],
    answers: {
      traffic: 160,
      'shared-slowness': 1,
      'slow-ratio': wilson(80, 160) / 0.75,
    },
  },
  ...[
    ['incompatible', 1],
    ['failed', 1],
    ['behind', 0.5],
    ['unmigrated', 0.5],
    ['migrating', 0],
    ['ahead', 0],
  ].map(([state, value]) => ({
    what: `a schema that is ${state}`,
    series: [
      ...pod({ ok: '0+20x40' }),
      { series: `coalmine_schema_state{hash="canary",pod="a",source="prisma",state="${state}"}`, values: '1x40' },
      { series: 'coalmine_schema_state{hash="canary",pod="a",source="prisma",state="compatible"}', values: '0x40' },
      ...STABLE,
    ],
    answers: { traffic: 160, 'schema-state': Number(value) },
  })),
];

/** Returns the seconds of a duration such as `9m45s`. */
export function secondsOf(duration: string): number {
  const { minutes = 0, seconds = 0 } = /^(?:(?<minutes>\d+)m)?(?:(?<seconds>\d+)s)?$/.exec(duration)?.groups ?? {};
  return 60 * Number(minutes) + Number(seconds);
}
