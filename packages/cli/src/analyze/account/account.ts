import { showShare } from '../../controllers/shown.js';
import type { Answer } from '../../prometheus.js';
import { OBJECTIVE } from '../../queries/agreement.js';
import { seconds } from '../../queries/series.js';
import type { Account, AnalysisResult, Counts, MetricResult } from '../result.js';
import { type Asked, countsOf, routesOf, shareOf, type Within } from './counts.js';
import { metricWordsOf } from './words.js';

/** The Prometheus to query, and the weight of the canary in the current step. */
export interface AccountSource extends Asked {
  /** The canary's share of the traffic, in percent; `undefined` or 0 if it is not known. */
  readonly weight: number | undefined;
}

/**
 * Returns a result with the requests behind it. Nothing else in it changes, and the promise never rejects: without a
 * response of Prometheus, the requests are left out.
 */
export async function withAccount(result: AnalysisResult, source: AccountSource | undefined): Promise<AnalysisResult> {
  try {
    return source === undefined ? result : await addAccount(result, source);
  } catch {
    return result;
  }
}

async function addAccount(result: AnalysisResult, source: AccountSource): Promise<AnalysisResult> {
  const { release } = source;
  const window = release.analysis.windowSeconds;
  const end = Math.max(
    result.startedAt,
    ...result.metrics.flatMap(({ measurements }) => measurements.map(({ at }) => at)),
  );
  const range = Math.max(window, end - result.startedAt);
  // Most metrics are decided by measurements at the same time.
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
  const agreement = result.metrics.find(({ name }) => name === 'instrumentation')?.measurements ?? [];
  const isComparable = !agreement.some(({ values: [code = 0] }) => code > 0);
  const metrics = await Promise.all(
    result.metrics.map(async (metric): Promise<MetricResult> => {
      const decisive =
        metric.measurements.findLast(({ phase }) => phase === metric.phase) ?? metric.measurements.at(-1);
      if (decisive === undefined) return metric;
      const [inWindow, life] = await Promise.all([both(decisive.at, window), both(decisive.at, 'life')]);
      const words = metricWordsOf(metric.name, {
        release,
        value: decisive.values[0],
        isBad: decisive.phase === 'Failed',
        window: inWindow,
        life,
        routes,
        objective,
        overdue,
        weight: source.weight,
        isComparable,
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

async function bothOf(
  source: AccountSource,
  at: number,
  within: Within,
): Promise<{ readonly canary: Counts | undefined; readonly stable: Counts | undefined }> {
  const [canary, stable] = await Promise.all(
    [source.canary, source.stable].map((pods) => countsOf(source, pods, at, within)),
  );
  return { canary, stable };
}

const STABLE_IS_SILENT = 'stable has no series of Coalmine: only its objectives judge the canary';

async function notesOf(source: AccountSource, at: number): Promise<readonly string[]> {
  const { accept } = source.release;
  const meant = accept.map(({ method, route, status }) => `${method} ${route} ${status}`);
  return [
    ...(meant.length === 0 ? [] : [`intended differences, which are not judged: ${meant.join(', ')}`]),
    ...(await fadingOf(source, at)),
  ];
}

/** Returns a note if slowness fades with the age of the pods: then the warm-up is too short. */
async function fadingOf(source: AccountSource, at: number): Promise<readonly string[]> {
  const { analysis, objective } = source.release;
  const { windowSeconds, scrapeSeconds, lookbackSeconds } = analysis;
  const readyAt = await readValue(
    source,
    `max(last_over_time(coalmine_pod_ready_timestamp_seconds{${source.canary}}[${seconds(windowSeconds)}]) > 0)`,
    at,
  );
  const age = at - (readyAt ?? at);
  // Pods that are older than the release, or in their first window, show nothing about it.
  if (readyAt === undefined || age < 2 * windowSeconds || age > lookbackSeconds) return [];
  const share = async (time: number): Promise<number | undefined> => {
    const counts = await countsOf(source, source.canary, time, windowSeconds);
    return counts === undefined || counts.timed < analysis.minRequests ? undefined : shareOf(counts.slow, counts.timed);
  };
  const [first, last] = await Promise.all([share(readyAt + windowSeconds + scrapeSeconds), share(at)]);
  if (first === undefined || last === undefined || first <= objective.overShare || last > first / 2) return [];
  return [
    `slowness fades with the age of the pods: ${showShare(first)} of their requests were slow at the start, ${showShare(last)} at the end; a longer warmup.minSeconds leaves the start out`,
  ];
}

async function readValue({ query }: AccountSource, promql: string, at: number): Promise<number | undefined> {
  const answer: Answer = await query(promql, at);
  return answer.type === 'vector' ? answer.values[0]?.value : undefined;
}
