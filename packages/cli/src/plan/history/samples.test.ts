import { describe, expect, it } from 'vitest';
import { parseRelease } from '../../release/release.js';
import type { StoredSeries } from '../replay/store.js';
import type { Pod } from './pods.js';
import type { Reader } from './reader.js';
import { gapOf, podsNamed, readSamples } from './samples.js';

const release = parseRelease({ name: 'shop' });
const PODS = ['a', 'b', 'a'].map((name) => ({ name }) as Pod);
const COUNTERS = ['requests', 'failed', 'timed', 'slow'].map((what) =>
  what === 'requests' ? 'http_requests_total' : `http_requests_${what}_total`,
);

const series = (
  metric: string,
  labels: StoredSeries['labels'] = {},
  values: readonly number[] = [1],
): StoredSeries => ({
  metric,
  labels,
  samples: values.map((value, i) => ({ at: 15 * (i + 1), value })),
});

interface History {
  readonly stored: readonly StoredSeries[];
  readonly bound?: number | undefined;
  readonly left?: number;
  /** Whether more samples than allowed would be read. */
  readonly isTooMuch?: boolean;
}

/** Reads the samples of two pods, from a history that has some series. */
async function read(history: History, metrics: readonly string[] = []) {
  const { stored, bound, left = 100, isTooMuch = false } = { bound: 0.5, ...history };
  const asked: string[] = [];
  const isAsked = (selector: string, metric: string): boolean =>
    new RegExp(`^(?:${/__name__=~"([^"]*)"/.exec(selector)?.[1]})$`).test(metric);
  const reader = {
    async counted(selector: string) {
      const found = stored.filter(({ metric }) => isAsked(selector, metric)).length;
      return found === 0 ? undefined : { series: found, since: 0 };
    },
    async stored(selector: string) {
      asked.push(selector);
      if (isTooMuch) return undefined;
      return stored
        .filter(({ metric }) => isAsked(selector, metric))
        .map(({ metric, labels, samples }) => ({ labels: { __name__: metric, ...labels }, samples }));
    },
    left: () => left,
  } as unknown as Reader;
  const found = await readSamples(release, metrics, PODS, { start: 0, end: 600 }, { reader, bound });
  return { found, asked };
}
/** Returns the values of a metric. */
const valuesOf = (found: Awaited<ReturnType<typeof read>>['found'], metric: string) =>
  typeof found === 'object'
    ? found.series.filter((each) => each.metric === metric).map(({ samples }) => samples.map(({ value }) => value))
    : found;

describe('the samples of pods', () => {
  it('are the counters of Coalmine, if all of them are there', async () => {
    const { found, asked } = await read({ stored: COUNTERS.map((metric) => series(metric, { pod: 'a' })) }, COUNTERS);
    expect(found).toEqual({ series: COUNTERS.map((metric) => series(metric, { pod: 'a' })), isStandIn: false });
    expect(asked).toEqual([
      `{__name__=~"${COUNTERS.join('|')}|coalmine_pod_ready_timestamp_seconds",namespace="default",pod=~"a|b"}`,
    ]);
  });

  it('are not judged without counters and a histogram', async () => {
    expect((await read({ stored: [], bound: undefined })).found).toBe('none');
    expect((await read({ stored: [] })).found).toBe('none');
    expect((await read({ stored: [series('http_request_duration_seconds_bucket', { le: '0.5' })] })).found).toBe(
      'none',
    );
  });

  it('are not read beyond the limit', async () => {
    expect((await read({ stored: [], left: 0 })).found).toBeUndefined();
    expect(
      (await read({ stored: COUNTERS.map((metric) => series(metric)), isTooMuch: true }, COUNTERS)).found,
    ).toBeUndefined();
  });
});

describe('the samples of an app without the counters of Coalmine', () => {
  const labels = { pod: 'a', method: 'GET', route: '/' };
  const HISTOGRAM = [
    series('http_request_duration_seconds_count', { ...labels, status_code: '200' }, [10, 20]),
    series('http_request_duration_seconds_count', { ...labels, status_code: '500' }, [1, 3]),
    series('http_request_duration_seconds_bucket', { ...labels, status_code: '200', le: '0.5' }, [8, 15]),
    series('http_request_duration_seconds_bucket', { ...labels, status_code: '500', le: '0.5' }, [1, 4]),
  ];

  it('come from its histogram', async () => {
    const { found } = await read({ stored: HISTOGRAM });
    expect(found).toMatchObject({ isStandIn: true });
    expect(valuesOf(found, 'http_requests_total')).toEqual([
      [10, 20],
      [1, 3],
    ]);
    expect(valuesOf(found, 'http_requests_timed_total')).toEqual([[11, 23]]);
    expect(valuesOf(found, 'http_requests_failed_total')).toEqual([[1, 3]]);
    expect(valuesOf(found, 'http_requests_slow_total')).toEqual([[2, 4]]);
    expect(valuesOf(found, 'coalmine_objective_latency_seconds')).toEqual([[0.5, 0.5]]);
  });

  it('are summed, in whatever order their labels are', async () => {
    const reversed = { status_code: '404', route: '/', method: 'GET', pod: 'a' };
    const { found } = await read({
      stored: [...HISTOGRAM, series('http_request_duration_seconds_count', reversed, [100, 200])],
    });
    expect(valuesOf(found, 'http_requests_timed_total')).toEqual([[111, 223]]);
  });

  it('are not judged without a bound', async () => {
    expect((await read({ stored: HISTOGRAM, bound: undefined })).found).toBe('none');
  });

  it('have no failures, and none that are slow below 0', async () => {
    const { found } = await read({
      stored: [
        series('http_request_duration_seconds_count', { ...labels, status_code: '200' }, [10]),
        series('http_request_duration_seconds_bucket', { ...labels, status_code: '200', le: '0.5' }, [11]),
      ],
    });
    expect(valuesOf(found, 'http_requests_failed_total')).toEqual([[0]]);
    expect(valuesOf(found, 'http_requests_slow_total')).toEqual([[0]]);
  });

  it('replace what is there of its counters, and nothing else', async () => {
    const others = [series('http_requests_total', labels, [7]), series('http_requests_overdue', labels, [2])];
    const { found } = await read({ stored: [...HISTOGRAM, ...others] }, [
      'http_requests_total',
      'http_requests_overdue',
    ]);
    expect(valuesOf(found, 'http_requests_total')).toEqual([
      [10, 20],
      [1, 3],
    ]);
    expect(valuesOf(found, 'http_requests_overdue')).toEqual([[2]]);
  });

  it('know when a pod is ready by its start, if nothing else tells', async () => {
    const started = series('process_start_time_seconds', { pod: 'a' }, [5]);
    const ready = series('coalmine_pod_ready_timestamp_seconds', { pod: 'a' }, [9]);
    const readyAt = async (...more: readonly StoredSeries[]) =>
      valuesOf((await read({ stored: [...HISTOGRAM, ...more] })).found, 'coalmine_pod_ready_timestamp_seconds');
    expect(await readyAt(started)).toEqual([[5]]);
    expect(await readyAt(started, ready)).toEqual([[9]]);
    expect(await readyAt()).toEqual([]);
  });

  it('are read up to the bound that is nearest to the objective', async () => {
    const { asked } = await read({ stored: HISTOGRAM });
    expect(asked.at(-1)).toMatch(/^\{__name__=~"http_request_duration_seconds_bucket",.*,le=~?"0\.5/);
  });
});

it('pods are named once each', () => {
  expect(podsNamed(release, PODS)).toBe('namespace="default",pod=~"a|b"');
});

it.each<[readonly number[], number]>([
  [[0, 15, 30, 90], 15],
  [[0, 60], 60],
  [[0], Number.POSITIVE_INFINITY],
  [[], Number.POSITIVE_INFINITY],
])('between samples at %j are %s seconds', (times, gap) => {
  expect(gapOf(times.map((at) => ({ at, value: 1 })))).toBe(gap);
});
