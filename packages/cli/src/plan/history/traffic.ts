import { parseObjective } from '@coalmine/metrics';
import { showCount, showTime } from '../../controllers/shown.js';
import { podsOf } from '../../manifests/rules.js';
import type { SampledSeries } from '../../prometheus.js';
import { sumOf } from '../../promql/windows.js';
import { OBJECTIVE } from '../../queries/agreement.js';
import { seconds } from '../../queries/series.js';
import type { Release } from '../../release/release.js';
import { inexact } from './inexact.js';
import { medianOf, nearest, ratioOf } from './numbers.js';
import type { Pod } from './pods.js';
import { LIMIT_REACHED, MOST_PER_QUERY, type Reader, type Span } from './reader.js';
import { createSampling, HOUR_SECONDS, type Parts, type Probed } from './sampling.js';
import { sharesOver, sumByRoute, sumByTime } from './sums.js';

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
  /** Requests per second whose duration counts, and those of them over the objective; 0 if the app does not count them. */
  readonly timedPerSecond: number;
  readonly slowPerSecond: number;
}

interface RouteHistory {
  readonly route: string;
  readonly requests: number;
  readonly errorRatio: number | undefined;
  readonly over: readonly number[];
}

const PROBES = 8;
// Shares of the samples that may be read.
const SHARES = { counters: 0.4, buckets: 0.2 } as const;

/** Reads the requests of a history: how many there were, how they ended and how long they took. */
export async function readHistory(release: Release, span: Span, reader: Reader): Promise<History> {
  const { names, analysis } = release;
  const { method, route, status_code: status } = names.labels;
  const pods = podsOf(release);
  const sampling = createSampling(span, { scrapeSeconds: analysis.scrapeSeconds, budget: reader.left() });
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

  const perSecondAt = sumByTime(requests);
  const [failedAt, timedAt, slowAt] = [failed, timed ?? [], slow ?? []].map(sumByTime);
  const rateIn = (rates: ReadonlyMap<number, number> | undefined, at: number): number => rates?.get(at) ?? 0;
  const read = [...perSecondAt]
    .sort(([a], [b]) => a - b)
    .map(
      ([at, perSecond]): Slot => ({
        at,
        perSecond,
        errorRatio: ratioOf(rateIn(failedAt, at), perSecond),
        timedPerSecond: rateIn(timedAt, at),
        slowPerSecond: rateIn(slowAt, at),
      }),
    );
  notes.push(...missingHours(parts, read, span));
  const slots = withoutPart(read, parts);
  const [allOf, failedBy] = [sumByRoute(requests, names.labels), sumByRoute(failed, names.labels)];
  const bounds = [...new Set((buckets ?? []).map(({ labels: { le = '' } }) => Number(le)))]
    .filter((bound) => Number.isFinite(bound))
    .sort((a, b) => a - b);
  const overBy = sharesOver(buckets ?? [], bounds, names.labels);
  const nearestBound = nearest(bounds, objective);
  const total = sumOf(allOf.values());
  const service = overBy.get('') ?? [];
  const timedSum = timed && sumAll(timed);
  const slowShare = slow === undefined || timedSum === undefined ? undefined : ratioOf(sumAll(slow), timedSum);
  notes.push(...inexact({ failed: failedOf !== undefined, slowShare, bounds, service, objective, names }));

  return {
    slots,
    byHour: byHourOf(slots),
    requests: total * HOUR_SECONDS,
    errorRatio: ratioOf(sumOf(failedBy.values()), total),
    worstErrorRatio: slots.reduce<number | undefined>(
      (worst, { errorRatio }) => (errorRatio === undefined ? worst : Math.max(worst ?? 0, errorRatio)),
      undefined,
    ),
    usualErrorRatio: usualErrorRatioOf(slots),
    overShare: slowShare ?? service[bounds.indexOf(objective)],
    timedShare: timedSum === undefined || total === 0 ? 1 : Math.min(1, timedSum / total),
    routes: [...allOf]
      .filter(([name]) => !name.includes(' ('))
      .map(([name, count]) => ({
        route: name,
        requests: count * HOUR_SECONDS,
        errorRatio: ratioOf(failedBy.get(name) ?? 0, count),
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

  /** Chooses the parts of the history that are read of some metrics, and notes if they are not all of it. */
  function partsOf(metrics: readonly (Probed | undefined)[], share: number): Parts {
    const parts = sampling.partsOf(metrics, share);
    if (parts.note !== undefined) notes.push(parts.note);
    return parts;
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
      sampling.samplesIn(window, series),
    );
    if (found === undefined) {
      const isTooLarge = sampling.samplesIn(window, series) > MOST_PER_QUERY;
      const why = isTooLarge ? `one query would read more than ${showCount(MOST_PER_QUERY)} samples` : LIMIT_REACHED;
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

  function sumAll(series: readonly SampledSeries[]): number {
    return sumOf(sumByRoute(series, names.labels).values());
  }
}

/**
 * Returns a history whose usual failures and slowness leave out the hours in which some pods served: a release that was
 * bad for days is not what the service usually does.
 */
export function withoutHoursOf(history: History, pods: readonly Pick<Pod, 'from' | 'to'>[]): History {
  const kept = history.slots.filter(({ at }) => !pods.some(({ from, to }) => from < at && to > at - HOUR_SECONDS));
  if (kept.length === history.slots.length) return history;
  const [slow, timed] = [kept.map((slot) => slot.slowPerSecond), kept.map((slot) => slot.timedPerSecond)].map(sumOf);
  return {
    ...history,
    usualErrorRatio: usualErrorRatioOf(kept),
    overShare: kept.length === 0 ? undefined : (ratioOf(slow ?? 0, timed ?? 0) ?? history.overShare),
  };
}

function usualErrorRatioOf(slots: readonly Slot[]): number | undefined {
  return medianOf(slots.flatMap(({ errorRatio }) => errorRatio ?? []));
}

/** A metric, and what is read of it. */
interface Reading extends Probed {
  readonly matcher?: string;
  /** Labels that are kept besides the method and the route. */
  readonly labels?: readonly string[];
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

/** Returns hours without the first one, if the history starts in it, because the mean covers only part of that hour. */
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
      ? [`there is no history of these pods before ${showTime(first.at - stride * HOUR_SECONDS)}`]
      : []),
    ...(missing > 0 ? [`hours without samples of these pods, which are left out: ${showCount(missing)}`] : []),
  ];
}

function byHourOf(slots: readonly Slot[]): History['byHour'] {
  const hours = new Map<number, number[]>();
  for (const { at, perSecond } of slots) {
    const hour = Math.floor((at - 1) / HOUR_SECONDS) % 24;
    hours.set(hour, [...(hours.get(hour) ?? []), perSecond]);
  }
  return [...hours]
    .map(([hour, rates]) => ({ hour, perSecond: sumOf(rates) / rates.length }))
    .sort((a, b) => a.hour - b.hour);
}
