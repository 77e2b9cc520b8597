import { parseObjective } from '@coalmine/metrics';
import { podsOf } from '../../manifests/rules.js';
import type { SampledSeries } from '../../prometheus.js';
import { OBJECTIVE } from '../../queries/agreement.js';
import { seconds } from '../../queries/series.js';
import type { Release } from '../../release/release.js';
import { inexact } from './inexact.js';
import { medianOf, nearest, shareOf, sum } from './numbers.js';
import type { Counted, Reader, Span } from './reader.js';

/** What a service did in its history, hour by hour and route by route. */
export interface History {
  /** Requests per second of each hour that was read, oldest first. */
  readonly slots: readonly Slot[];
  /** The mean of each hour of the day, in UTC. */
  readonly byHour: readonly { readonly hour: number; readonly perSecond: number }[];
  /** Requests in the hours that were read. */
  readonly requests: number;
  readonly errorRatio: number | undefined;
  readonly worstErrorRatio: number | undefined;
  /** The median of all hours: an hour of trouble does not raise it. */
  readonly usualErrorRatio: number | undefined;
  /** Share of the requests over the objective of their route, if the app counts them. */
  readonly overShare: number | undefined;
  /** Share of the requests whose duration counts. */
  readonly timedShare: number;
  /** The busiest first, without requests that matched no route. */
  readonly routes: readonly RouteHistory[];
  /** Bounds of the histogram in seconds, and the share of the requests over each. */
  readonly bounds: readonly number[];
  readonly over: readonly number[];
  /** The objective of the app, in seconds. */
  readonly objective: number;
  /** The bound that is nearest to it. */
  readonly nearestBound: number | undefined;
  /** Remarks on buckets or counters that are not exact, and on how much of the history was read. */
  readonly notes: readonly string[];
}

interface Slot {
  /** The end of the slot, in epoch seconds. */
  readonly at: number;
  readonly perSecond: number;
  /** Share of its requests; `undefined` without any. */
  readonly errorRatio: number | undefined;
}

interface RouteHistory {
  readonly route: string;
  readonly requests: number;
  readonly errorRatio: number | undefined;
  readonly over: readonly number[];
}

const HOUR_SECONDS = 3600;
const PROBES = 8;
// If the whole hour would be too much, this much of each hour is read.
const LEAST_WINDOW_SECONDS = 300;
// Shares of the samples that may be read.
const SHARES = { requests: 0.2, counters: 0.1, buckets: 0.2 } as const;

/** Reads the requests of a history: how many there were, how they ended and how long they took. */
export async function readHistory(release: Release, span: Span, reader: Reader): Promise<History> {
  const { names, analysis } = release;
  const { method, route, status_code: status } = names.labels;
  const pods = podsOf(release);
  const budget = reader.left();
  const times = slotsOf(span);
  const probes = { ...span, step: Math.max(1, (span.end - span.start) / PROBES) };
  const notes: string[] = [];

  const [requestsOf, countsOf] = [await probe(names.requests), await probe(`${names.duration}_count`)];
  const isCounted =
    requestsOf !== undefined && (countsOf === undefined || requestsOf.since <= countsOf.since + HOUR_SECONDS);
  const all = isCounted ? requestsOf : countsOf;
  if (all === undefined) {
    return { ...NOTHING, objective: await objectiveOf(), notes: ['the history has no requests of these pods'] };
  }
  const requests = await perRoute(all, '', SHARES.requests);
  const failedOf = isCounted ? await probe(names.failed) : undefined;
  const failed =
    failedOf === undefined
      ? await perRoute(all, `${status}=~"5.."`, SHARES.counters)
      : await perRoute(failedOf, '', SHARES.counters);
  const [slowOf, timedOf] = isCounted ? [await probe(names.slow), await probe(names.timed)] : [];
  const slow = slowOf === undefined ? undefined : await perRoute(slowOf, '', SHARES.counters / 2);
  const timed = timedOf === undefined ? undefined : await perRoute(timedOf, '', SHARES.counters / 2);
  const bucketsOf = await probe(`${names.duration}_bucket`);
  const buckets = bucketsOf === undefined ? undefined : await perRoute(bucketsOf, '', SHARES.buckets, ['le']);
  const objective = await objectiveOf();

  const perSecondAt = sumAt(requests);
  const failedAt = sumAt(failed);
  const slots = [...perSecondAt]
    .sort(([a], [b]) => a - b)
    .map(([at, perSecond]): Slot => ({ at, perSecond, errorRatio: shareOf(failedAt.get(at) ?? 0, perSecond) }));
  const [allOf, failedBy] = [totals(requests), totals(failed)];
  const bounds = [...new Set((buckets ?? []).map(({ labels: { le = '' } }) => Number(le)))]
    .filter((bound) => Number.isFinite(bound))
    .sort((a, b) => a - b);
  const overBy = overOf(buckets ?? [], bounds);
  const nearestBound = nearest(bounds, objective);
  const total = sum(allOf.values());
  const service = overBy.get('') ?? [];
  const slowShare =
    slow === undefined || timed === undefined
      ? undefined
      : shareOf(sum(totals(slow).values()), sum(totals(timed).values()));
  notes.push(...inexact({ failed: failedOf !== undefined, slowShare, bounds, service, objective, names }));

  return {
    slots,
    byHour: byHourOf(slots),
    requests: total * HOUR_SECONDS,
    errorRatio: shareOf(sum(failedBy.values()), total),
    worstErrorRatio: slots.reduce<number | undefined>(
      (worst, { errorRatio }) => (errorRatio === undefined ? worst : Math.max(worst ?? 0, errorRatio)),
      undefined,
    ),
    usualErrorRatio: medianOf(slots.flatMap(({ errorRatio }) => errorRatio ?? [])),
    overShare: slowShare ?? service[bounds.indexOf(objective)],
    timedShare: timed === undefined || total === 0 ? 1 : Math.min(1, sum(totals(timed).values()) / total),
    routes: [...allOf]
      .filter(([name]) => !name.includes(' ('))
      .map(([name, count]) => ({
        route: name,
        requests: count * HOUR_SECONDS,
        errorRatio: shareOf(failedBy.get(name) ?? 0, count),
        over: overBy.get(name) ?? [],
      }))
      .sort((a, b) => b.requests - a.requests),
    bounds,
    over: service,
    objective,
    nearestBound,
    notes,
  };

  async function probe(metric: string): Promise<Probed | undefined> {
    const counted = await reader.counted(`${metric}{${pods}}`, probes);
    return counted && { metric, ...counted };
  }

  /**
   * Returns requests per second by route at the end of each hour, from as much of the hour as the share of the samples
   * allows.
   */
  async function perRoute(
    { metric, series }: Probed,
    matcher: string,
    share: number,
    more: readonly string[] = [],
  ): Promise<readonly SampledSeries[]> {
    const [first] = times;
    if (first === undefined) return [];
    const whole = (series * HOUR_SECONDS) / analysis.scrapeSeconds;
    const part = Math.min(1, (share * budget) / (whole * times.length));
    const least = Math.max(LEAST_WINDOW_SECONDS, 4 * analysis.scrapeSeconds);
    const window = Math.min(
      Math.max(Math.round(HOUR_SECONDS * part), least),
      HOUR_SECONDS,
      Math.ceil(span.end - span.start),
    );
    if (part < 1)
      notes.push(`of ${metric}, ${seconds(window)} of each hour were read: give --max-samples to read more`);
    const selector = `${metric}{${pods}${matcher === '' ? '' : `,${matcher}`}}`;
    const found = await reader.evaluated(
      `sum by (${[method, route, ...more].join(', ')}) (increase(${selector}[${seconds(window)}])) / ${window}`,
      { start: first, end: times.at(-1) ?? first, step: HOUR_SECONDS },
      (series * window) / analysis.scrapeSeconds,
    );
    if (found === undefined) notes.push(`${metric} was not read: the limit of samples is reached`);
    return found ?? [];
  }

  /** Returns the objective from the options, otherwise the objective of the app. */
  async function objectiveOf(): Promise<number> {
    if (release.objective.latency !== undefined) return release.objective.latency;
    const [told] = (await reader.evaluated(`max(${OBJECTIVE}{${pods}})`, probes, 0)) ?? [];
    return told?.samples.at(-1)?.value ?? parseObjective(undefined).latency;
  }

  function nameOf({ labels: { [method]: verb = '', [route]: pattern = '' } }: SampledSeries): string {
    return `${verb} ${pattern}`;
  }

  function totals(series: readonly SampledSeries[]): ReadonlyMap<string, number> {
    const all = new Map<string, number>();
    for (const each of series) all.set(nameOf(each), (all.get(nameOf(each)) ?? 0) + sum(valuesOf(each)));
    return all;
  }

  /** Returns the share of the requests over each bound, by route; the service has an empty name. */
  function overOf(
    buckets: readonly SampledSeries[],
    bounds: readonly number[],
  ): ReadonlyMap<string, readonly number[]> {
    const within = new Map<string, Map<number, number>>();
    for (const bucket of buckets) {
      const { le = '' } = bucket.labels;
      const bound = Number(le.replace('+Inf', 'Infinity'));
      for (const name of ['', nameOf(bucket)]) {
        const counts = within.get(name) ?? new Map<number, number>();
        counts.set(bound, (counts.get(bound) ?? 0) + sum(valuesOf(bucket)));
        within.set(name, counts);
      }
    }
    return new Map(
      [...within].map(([name, counts]) => {
        const all = counts.get(Number.POSITIVE_INFINITY) ?? 0;
        return [name, all === 0 ? [] : bounds.map((bound) => Math.max(0, 1 - (counts.get(bound) ?? 0) / all))];
      }),
    );
  }
}

interface Probed extends Counted {
  readonly metric: string;
}

const NOTHING: Omit<History, 'objective' | 'notes'> = {
  slots: [],
  byHour: [],
  requests: 0,
  errorRatio: undefined,
  worstErrorRatio: undefined,
  usualErrorRatio: undefined,
  overShare: undefined,
  timedShare: 1,
  routes: [],
  bounds: [],
  over: [],
  nearestBound: undefined,
};

/** Returns the ends of the whole hours of a span; the end of the span if it is shorter than an hour. */
function slotsOf({ start, end }: Span): readonly number[] {
  const first = Math.ceil((start + LEAST_WINDOW_SECONDS) / HOUR_SECONDS) * HOUR_SECONDS;
  const count = Math.floor((end - first) / HOUR_SECONDS) + 1;
  return count < 1 ? [end] : Array.from({ length: count }, (_, i) => first + i * HOUR_SECONDS);
}

function byHourOf(slots: readonly Slot[]): History['byHour'] {
  const hours = new Map<number, number[]>();
  for (const { at, perSecond } of slots) {
    const hour = Math.floor((at - 1) / HOUR_SECONDS) % 24;
    hours.set(hour, [...(hours.get(hour) ?? []), perSecond]);
  }
  return [...hours]
    .map(([hour, rates]) => ({ hour, perSecond: sum(rates) / rates.length }))
    .sort((a, b) => a.hour - b.hour);
}

function sumAt(series: readonly SampledSeries[]): ReadonlyMap<number, number> {
  const sums = new Map<number, number>();
  for (const { samples } of series) {
    for (const { at, value } of samples) sums.set(at, (sums.get(at) ?? 0) + (Number.isFinite(value) ? value : 0));
  }
  return sums;
}

function valuesOf({ samples }: SampledSeries): readonly number[] {
  return samples.map(({ value }) => value).filter((value) => Number.isFinite(value));
}
