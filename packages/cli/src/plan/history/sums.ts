import type { SampledSeries } from '../../prometheus.js';
import { sumOf } from '../../promql/windows.js';
import type { Release } from '../../release/release.js';

/** The labels of a metric that tell its routes apart. */
type RouteLabels = Pick<Release['names']['labels'], 'method' | 'route'>;

/** Returns the sum of some series at each time. */
export function sumByTime(series: readonly SampledSeries[]): ReadonlyMap<number, number> {
  const sums = new Map<number, number>();
  for (const { samples } of series) {
    for (const { at, value } of samples) sums.set(at, (sums.get(at) ?? 0) + (Number.isFinite(value) ? value : 0));
  }
  return sums;
}

/** Returns the sum of all samples of each route. */
export function sumByRoute(series: readonly SampledSeries[], labels: RouteLabels): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const each of series) {
    const route = routeOf(each, labels);
    sums.set(route, (sums.get(route) ?? 0) + sumSamples(each));
  }
  return sums;
}

/** Returns the share of the requests over each bound, by route; the service has an empty name. */
export function sharesOver(
  buckets: readonly SampledSeries[],
  bounds: readonly number[],
  labels: RouteLabels,
): ReadonlyMap<string, readonly number[]> {
  const within = new Map<string, Map<number, number>>();
  for (const bucket of buckets) {
    const { le = '' } = bucket.labels;
    const bound = Number(le.replace('+Inf', 'Infinity'));
    for (const route of ['', routeOf(bucket, labels)]) {
      const counts = within.get(route) ?? new Map<number, number>();
      counts.set(bound, (counts.get(bound) ?? 0) + sumSamples(bucket));
      within.set(route, counts);
    }
  }
  return new Map(
    [...within].map(([route, counts]) => {
      const all = counts.get(Number.POSITIVE_INFINITY) ?? 0;
      return [route, all === 0 ? [] : bounds.map((bound) => Math.max(0, 1 - (counts.get(bound) ?? 0) / all))];
    }),
  );
}

function routeOf({ labels: found }: SampledSeries, { method, route }: RouteLabels): string {
  return `${found[method] ?? ''} ${found[route] ?? ''}`;
}

function sumSamples({ samples }: SampledSeries): number {
  return sumOf(samples.map(({ value }) => value).filter((value) => Number.isFinite(value)));
}
