import { parseObjective } from '@coalmine/metrics';
import { count } from '../../analyze/account/words.js';
import { podsOf } from '../../manifests/rules.js';
import type { SampledSeries } from '../../prometheus.js';
import { OBJECTIVE } from '../../queries/agreement.js';
import { seconds } from '../../queries/series.js';
import type { Release } from '../../release/release.js';
import { timeOf } from '../../report/terminal.js';
import { inexact } from './inexact.js';
import { medianOf, nearest, shareOf, sum } from './numbers.js';
import { type Counted, LIMIT_REACHED, MOST_PER_QUERY, type Reader, type Span } from './reader.js';

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
  /** The objective of the release, in seconds. */
  readonly objective: number;
  /** The latest objective of the app, if it reports one. */
  readonly appObjective: number | undefined;
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
// If whole hours would be too much, a part of each hour is read: as little as this. Then hours are left out.
const LEAST_WINDOW_SECONDS = 300;
// No common divisor with 24, so that hours at this distance reach each hour of the day.
const STRIDES = [1, 5, 7, 11, 13, 17, 19, 23, 25, 35, 49, 71];
// Shares of the samples that may be read.
const SHARES = { counters: 0.4, buckets: 0.2 } as const;

/** Reads the requests of a history: how many there were, how they ended and how long they took. */
export async function readHistory(release: Release, span: Span, reader: Reader): Promise<History> {
  const { names, analysis } = release;
  const { method, route, status_code: status } = names.labels;
  const pods = podsOf(release);
  const budget = reader.left();
  const hours = slotsOf(span);
  const probes = { ...span, step: Math.max(1, (span.end - span.start) / PROBES) };
  const notes: string[] = [];

  const [requestsOf, countsOf] = [await probe(names.requests), await probe(`${names.duration}_count`)];
  const isCounted =
    requestsOf !== undefined && (countsOf === undefined || requestsOf.since <= countsOf.since + HOUR_SECONDS);
  const all = isCounted ? requestsOf : countsOf;
  if (all === undefined) {
    const why = reader.left() > 0 ? 'the history has no requests of these pods' : LIMIT_REACHED;
    return { ...NOTHING, ...(await objectives()), notes: [why] };
  }
  const failedOf = isCounted ? await probe(names.failed) : undefined;
  const [slowOf, timedOf] = isCounted ? [await probe(names.slow), await probe(names.timed)] : [];
  const bucketsOf = await probe(`${names.duration}_bucket`);
  // Counters are divided by each other, so that all are read in the same parts of the same hours.
  const parts = partsOf([all, failedOf ?? all, slowOf, timedOf], SHARES.counters);
  const requests = await perRoute(all, parts);
  const failed = await perRoute(failedOf ?? { ...all, matcher: `${status}=~"5.."` }, parts);
  const slow = slowOf && (await perRoute(slowOf, parts));
  const timed = timedOf && (await perRoute(timedOf, parts));
  const buckets = bucketsOf && (await perRoute({ ...bucketsOf, labels: ['le'] }, partsOf([bucketsOf], SHARES.buckets)));
  const { objective, appObjective } = await objectives();

  const perSecondAt = sumAt(requests);
  const failedAt = sumAt(failed);
  const read = [...perSecondAt]
    .sort(([a], [b]) => a - b)
    .map(([at, perSecond]): Slot => ({ at, perSecond, errorRatio: shareOf(failedAt.get(at) ?? 0, perSecond) }));
  notes.push(...missingHours(parts, read, span));
  const slots = withoutPart(read, parts);
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
    appObjective,
    nearestBound,
    notes,
  };

  async function probe(metric: string): Promise<Probed | undefined> {
    const counted = await reader.counted(`${metric}{${pods}}`, probes);
    return counted && { metric, ...counted };
  }

  /**
   * Returns the parts of the history of which some metrics can be read within a share of the samples: a part of each
   * hour, or the least part of some hours.
   */
  function partsOf(metrics: readonly (Probed | undefined)[], share: number): Parts {
    const read = metrics.filter((metric) => metric !== undefined);
    const most = share * budget;
    const all = sum(read.map(({ series }) => series));
    const mostInOne = windowOf(MOST_PER_QUERY, Math.max(...read.map(({ series }) => series)));
    const least = Math.max(4 * analysis.scrapeSeconds, Math.min(LEAST_WINDOW_SECONDS, mostInOne));
    const mostHours = Math.floor(most / samplesIn(least, all));
    const stride = STRIDES.find((stride) => Math.ceil(hours.length / stride) <= mostHours) ?? hours.length;
    const times = hours.filter((_, i) => i % stride === 0);
    const window = Math.max(least, Math.min(windowOf(most / times.length, all), mostInOne, HOUR_SECONDS));
    if (window < HOUR_SECONDS && window <= mostInOne) {
      const names = read.map(({ metric }) => metric).filter((name, i, all) => all.indexOf(name) === i);
      const which = stride === 1 ? 'each hour' : `one hour in ${stride}`;
      notes.push(`of ${names.join(', ')}, ${seconds(window)} of ${which} were read: give --max-samples to read more`);
    }
    return { times, stride, window: Math.min(window, Math.ceil(span.end - span.start)) };
  }

  /** Returns the samples of some series in a window, of which both ends count with Prometheus 2. */
  function samplesIn(window: number, series: number): number {
    return series * (window / analysis.scrapeSeconds + 1);
  }

  /** Returns the seconds of a window with so many samples of some series. */
  function windowOf(samples: number, series: number): number {
    return Math.floor((samples / series - 1) * analysis.scrapeSeconds);
  }

  /** Returns requests per second by route at the end of each hour, from a part of the hour. */
  async function perRoute(
    { metric, series, matcher, labels = [] }: Reading,
    { times, stride, window }: Parts,
  ): Promise<readonly SampledSeries[]> {
    const [first] = times;
    if (first === undefined) return [];
    const selector = `${metric}{${pods}${matcher === undefined ? '' : `,${matcher}`}}`;
    const found = await reader.evaluated(
      `sum by (${[method, route, ...labels].join(', ')}) (increase(${selector}[${seconds(window)}])) / ${window}`,
      { start: first, end: times.at(-1) ?? first, step: stride * HOUR_SECONDS },
      samplesIn(window, series),
    );
    if (found === undefined) {
      const isTooLarge = samplesIn(window, series) > MOST_PER_QUERY;
      const why = isTooLarge ? `one query would read more than ${count(MOST_PER_QUERY)} samples` : LIMIT_REACHED;
      notes.push(`${metric} was not read: ${why}`);
    }
    return found ?? [];
  }

  /** Returns the objective from the options, otherwise the objective of the app. */
  async function objectives(): Promise<Pick<History, 'objective' | 'appObjective'>> {
    const [told] = (await reader.evaluated(`max(${OBJECTIVE}{${pods}})`, probes, 0)) ?? [];
    const appObjective = told?.samples.at(-1)?.value;
    return { objective: release.objective.latency ?? appObjective ?? parseObjective(undefined).latency, appObjective };
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

/** A metric, and what is read of it. */
interface Reading extends Probed {
  readonly matcher?: string;
  /** Labels that are kept besides the method and the route. */
  readonly labels?: readonly string[];
}

/** The parts of a history that are read. */
interface Parts {
  /** The ends of the hours, in epoch seconds. */
  readonly times: readonly number[];
  /** The distance of the hours: 1 for every hour. */
  readonly stride: number;
  /** Seconds at the end of each of the hours. */
  readonly window: number;
}

const NOTHING: Omit<History, 'objective' | 'appObjective' | 'notes'> = {
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

/** Returns hours without the first one, if the history began in it: its mean is not that of an hour. */
function withoutPart(slots: readonly Slot[], { times: [start] }: Parts): readonly Slot[] {
  return slots.length > 1 && slots[0]?.at !== start ? slots.slice(1) : slots;
}

/** Returns remarks on hours without samples: they are not quiet hours, and nothing is known of them. */
function missingHours({ times, stride }: Parts, slots: readonly Slot[], { start }: Span): readonly string[] {
  const [first] = slots;
  if (first === undefined) return [];
  const missing = times.filter((at) => at >= first.at).length - slots.length;
  return [
    ...(first.at > start + (stride + 1) * HOUR_SECONDS
      ? [`there is no history of these pods before ${timeOf(first.at - stride * HOUR_SECONDS)}`]
      : []),
    ...(missing > 0 ? [`hours without samples of these pods, which are left out: ${count(missing)}`] : []),
  ];
}

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
