import type { Answer } from '../../prometheus.js';
import { OBJECTIVE } from '../../queries/agreement.js';
import { seconds } from '../../queries/series.js';
import type { Account, AnalysisResult, MetricResult } from '../result.js';
import { type Asked, countsOf, routesOf, shareOf, type Within } from './counts.js';
import { type Evidence, percent, wordsOf } from './words.js';

/** Whom to ask, and what the steps of the release give the canary. */
export interface AccountSource extends Asked {
  /** Share of the traffic that the canary is given, in percent; `undefined` or 0 where it is not known. */
  readonly weight: number | undefined;
}

/**
 * A result with the requests behind it. Nothing else of it changes, and it never rejects: what Prometheus does not answer
 * is not told.
 */
export async function withAccount(result: AnalysisResult, source: AccountSource | undefined): Promise<AnalysisResult> {
  try {
    return source === undefined ? result : await told(result, source);
  } catch {
    return result;
  }
}

async function told(result: AnalysisResult, source: AccountSource): Promise<AnalysisResult> {
  const { release } = source;
  const window = release.analysis.windowSeconds;
  const end = Math.max(
    result.startedAt,
    ...result.metrics.flatMap(({ measurements }) => measurements.map(({ at }) => at)),
  );
  const range = Math.max(window, end - result.startedAt);
  // Most metrics are decided by measurements of the same time.
  const counted = new Map<string, ReturnType<typeof bothOf>>();
  const both = (at: number, within: Within): ReturnType<typeof bothOf> => {
    const key = `${at} ${within}`;
    const counts = counted.get(key) ?? bothOf(source, at, within);
    counted.set(key, counts);
    return counts;
  };
  const latest = (metric: string): string => `last_over_time(${metric}{${source.canary}}[${seconds(window)}])`;
  const [all, routes, objective, overdue, notes] = await Promise.all([
    both(end, range),
    routesOf(source, end, range),
    readValue(source, `max(${latest(OBJECTIVE)})`, end),
    readValue(source, `sum(${latest(release.names.overdue)})`, end),
    notesOf(source, end),
  ]);
  const metrics = await Promise.all(
    result.metrics.map(async (metric): Promise<MetricResult> => {
      const decisive =
        metric.measurements.findLast(({ phase }) => phase === metric.phase) ?? metric.measurements.at(-1);
      if (decisive === undefined) return metric;
      const [inWindow, life] = await Promise.all([both(decisive.at, window), both(decisive.at, 'life')]);
      const words = wordsOf(metric.name, {
        release,
        value: decisive.values[0],
        isBad: decisive.phase === 'Failed',
        window: inWindow,
        life,
        routes,
        objective,
        overdue,
        weight: source.weight,
      });
      return words === undefined ? metric : { ...metric, words };
    }),
  );
  if (all.canary === undefined) return { ...result, metrics };
  const account: Account = {
    canary: all.canary,
    ...(all.stable === undefined ? {} : { stable: all.stable }),
    routes,
    notes: [...(source.stable !== undefined && all.stable === undefined ? [STABLE_IS_SILENT] : []), ...notes],
  };
  return { ...result, metrics, account };
}

async function bothOf(source: AccountSource, at: number, within: Within): Promise<Evidence['window']> {
  const [canary, stable] = await Promise.all(
    [source.canary, source.stable].map((pods) => countsOf(source, pods, at, within)),
  );
  return { canary, stable };
}

const STABLE_IS_SILENT = 'stable has no series of Coalmine: the canary is judged by its objectives alone';

async function notesOf(source: AccountSource, at: number): Promise<readonly string[]> {
  const { accept } = source.release;
  const meant = accept.map(({ method, route, status }) => `${method} ${route} ${status}`);
  return [
    ...(meant.length === 0 ? [] : [`differences that are meant, and not judged: ${meant.join(', ')}`]),
    ...(await fadingOf(source, at)),
  ];
}

/** Slowness that passes with the age of the pods is a warm-up that is too short. */
async function fadingOf(source: AccountSource, at: number): Promise<readonly string[]> {
  const { analysis, objective } = source.release;
  const { windowSeconds, scrapeSeconds, lookbackSeconds } = analysis;
  const readyAt = await readValue(
    source,
    `max(last_over_time(coalmine_pod_ready_timestamp_seconds{${source.canary}}[${seconds(windowSeconds)}]) > 0)`,
    at,
  );
  const age = at - (readyAt ?? at);
  // Of pods that are older than the release, and of those whose first window is their only one, there is nothing to say.
  if (readyAt === undefined || age < 2 * windowSeconds || age > lookbackSeconds) return [];
  const share = async (time: number): Promise<number | undefined> => {
    const counts = await countsOf(source, source.canary, time, windowSeconds);
    return counts === undefined || counts.timed < analysis.minRequests ? undefined : shareOf(counts.slow, counts.timed);
  };
  const [first, last] = await Promise.all([share(readyAt + windowSeconds + scrapeSeconds), share(at)]);
  if (first === undefined || last === undefined || first <= objective.overShare || last > first / 2) return [];
  return [
    `slowness fades with the age of the pods: ${percent(first)} of their requests were slow at first, ${percent(last)} in the end; a longer warmup.minSeconds keeps such a start out`,
  ];
}

async function readValue({ query }: AccountSource, promql: string, at: number): Promise<number | undefined> {
  const answer: Answer = await query(promql, at);
  return answer.type === 'vector' ? answer.values[0]?.value : undefined;
}
