import type { SampledSeries } from '../../prometheus.js';
import type { Sample } from '../../promql/windows.js';
import { OBJECTIVE } from '../../queries/agreement.js';
import { matchBucket, READY } from '../../queries/series.js';
import type { Release } from '../../release/release.js';
import type { StoredSeries } from '../replay/store.js';
import { medianOf } from './numbers.js';
import type { Pod } from './pods.js';
import type { Reader, Span } from './reader.js';

/** The samples of some pods, as the queries of a template read them. */
export interface PodSamples {
  readonly series: readonly StoredSeries[];
  /** Whether the histogram of the app replaces counters that the history does not have. */
  readonly isStandIn: boolean;
}

/** The bound of the app's histogram that is nearest to its objective, in seconds. */
export type NearestBound = number | undefined;

const STARTED = 'process_start_time_seconds';

/**
 * Reads the samples of pods for some metrics. If the history has no counters of Coalmine, the histogram of the app
 * replaces them. Returns `undefined` if that would pass the limit of samples, and `none` if there is nothing to judge.
 */
export async function readSamples(
  release: Release,
  metrics: readonly string[],
  pods: readonly Pod[],
  span: Span,
  { reader, bound }: { readonly reader: Reader; readonly bound: NearestBound },
): Promise<PodSamples | 'none' | undefined> {
  const { names } = release;
  const counters = await read([...new Set([...metrics, READY])]);
  if (counters === undefined) return undefined;
  const isCounted = [names.requests, names.failed, names.timed, names.slow].every((metric) =>
    counters.some((series) => series.metric === metric),
  );
  if (isCounted) return { series: counters, isStandIn: false };
  const duration = names.duration;
  if (bound === undefined) return 'none';
  const histogram = await read([`${duration}_count`, STARTED], '');
  const buckets = await read([`${duration}_bucket`], `,${matchBucket(bound)}`);
  if (histogram === undefined || buckets === undefined) return undefined;
  const counts = histogram.filter(({ metric }) => metric === `${duration}_count`);
  if (counts.length === 0) return 'none';
  const replaced = [names.requests, names.failed, names.timed, names.slow, OBJECTIVE];
  return {
    series: [
      ...counters.filter(({ metric }) => !replaced.includes(metric)),
      ...standIns(release, { counts, buckets, bound }),
      ...(counters.some(({ metric }) => metric === READY)
        ? []
        : histogram.filter(({ metric }) => metric === STARTED).map((series) => ({ ...series, metric: READY }))),
    ],
    isStandIn: true,
  };

  async function read(wanted: readonly string[], more = ''): Promise<readonly StoredSeries[] | undefined> {
    const selector = `{__name__=~"${wanted.join('|')}",${podsNamed(release, pods)}${more}}`;
    const step = Math.max(1, (span.end - span.start) / 4);
    const counted = await reader.counted(selector, { ...span, step });
    if (counted === undefined) return reader.left() > 0 ? [] : undefined;
    return (await reader.stored(selector, span, counted.series))?.map(nameSeries);
  }
}

/** Returns matchers for some pods of a release. */
export function podsNamed({ namespace, labels }: Release, pods: readonly Pod[]): string {
  return `${labels.namespace}="${namespace}",${labels.pod}=~"${[...new Set(pods.map(({ name }) => name))].join('|')}"`;
}

function nameSeries({ labels: { __name__: metric = '', ...labels }, samples }: SampledSeries): StoredSeries {
  return { metric, labels, samples };
}

/**
 * Derives the counters of Coalmine from the histogram of an app: failures by their status, slowness by the nearest
 * bound.
 */
function standIns(
  { names, objective }: Release,
  histogram: {
    readonly counts: readonly StoredSeries[];
    readonly buckets: readonly StoredSeries[];
    readonly bound: number;
  },
): readonly StoredSeries[] {
  const { counts, buckets, bound } = histogram;
  const status = names.labels.status_code;
  const timed = sumSeries(counts, [status]);
  const within = sumSeries(buckets, [status, 'le']);
  const failed = sumSeries(
    counts.filter(({ labels }) => /^5/.test(labels[status] ?? '')),
    [status],
  );
  const perRoute = (metric: string, part: Sums, combine: (value: number, part: number) => number): StoredSeries[] =>
    [...timed].map(([key, { labels, samples }]) => {
      const parts = part.get(key)?.samples;
      return {
        metric,
        labels,
        samples: [...samples].map(([at, value]) => ({ at, value: combine(value, parts?.get(at) ?? 0) })),
      };
    });
  return [
    ...counts.map((series) => ({ ...series, metric: names.requests })),
    ...perRoute(names.timed, timed, (value) => value),
    ...perRoute(names.failed, failed, (_, part) => part),
    ...perRoute(names.slow, within, (value, part) => Math.max(0, value - part)),
    ...[...sumSeries(counts, Object.values(names.labels))].map(([, { labels, samples }]) => ({
      metric: OBJECTIVE,
      labels,
      samples: [...samples.keys()].map((at) => ({ at, value: objective.latency ?? bound })),
    })),
  ];
}

type Sums = ReadonlyMap<string, { readonly labels: StoredSeries['labels']; readonly samples: Map<number, number> }>;

/** The sums of series that are alike but for some labels, at the time of each scrape, in the order of the times. */
function sumSeries(all: readonly StoredSeries[], without: readonly string[]): Sums {
  const sums = new Map<string, { labels: StoredSeries['labels']; samples: Map<number, number> }>();
  for (const { labels, samples } of all) {
    const kept = Object.fromEntries(Object.entries(labels).filter(([name]) => !without.includes(name)));
    const key = JSON.stringify(Object.entries(kept).sort());
    const sum = sums.get(key) ?? { labels: kept, samples: new Map<number, number>() };
    for (const { at, value } of samples) sum.samples.set(at, (sum.samples.get(at) ?? 0) + value);
    sums.set(key, sum);
  }
  for (const sum of sums.values()) sum.samples = new Map([...sum.samples].sort(([a], [b]) => a - b));
  return sums;
}

/** Returns the median of the seconds between two samples of a series. */
export function gapOf(samples: readonly Sample[]): number {
  return medianOf(samples.slice(1).map(({ at }, i) => at - (samples[i]?.at ?? at))) ?? Number.POSITIVE_INFINITY;
}
