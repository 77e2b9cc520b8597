import type { AnalysisResult, Counts, RouteCounts } from '../../analyze/result.js';
import { NotKnownHereError } from '../../not-known-here.js';
import type { Answer, Asked } from '../../prometheus.js';
import { NotKnown } from '../../promql/elements.js';
import { createEvaluator } from '../../promql/evaluator.js';
import { OBJECTIVE } from '../../queries/agreement.js';
import { READY } from '../../queries/series.js';
import type { Release } from '../../release/release.js';
import { verdictWordsOf } from '../../report/account.js';
import type { Pod } from '../history/pods.js';
import { gapOf, type PodSamples } from '../history/samples.js';
import type { Judgement } from '../result.js';
import { createStore, type StoredSeries } from './store.js';
import type { Side, Template } from './template.js';

/** A release of the past, or pods that are treated as one. */
interface Replay {
  readonly release: Release;
  readonly template: Template;
  /** The latest objective of the app, in seconds, if it reports one. */
  readonly appObjective: number | undefined;
  readonly samples: PodSamples;
  readonly canary: readonly Pod[];
  readonly stable: readonly Pod[];
  /** When the analysis starts, in epoch seconds. @defaultValue when a pod of the canary is ready and scraped */
  readonly from?: number;
  /** The names of the metrics that are measured. @defaultValue all */
  readonly measured?: readonly string[];
}

/** The judgement, or why there is none. */
export type Replayed =
  | { readonly judgement: Judgement; readonly without: readonly string[] }
  | { readonly why: string };

/** Runs the analysis of a release over samples of the past, with some pods as its canary and others as stable. */
export async function replay(replayed: Replay): Promise<Replayed> {
  const { release, template, appObjective, samples, canary, stable, measured } = replayed;
  const { names, labels, analysis, objective } = release;
  const sides = new Map<string, { readonly side: Side; readonly index: number }>();
  for (const [index, { name }] of canary.entries()) sides.set(name, { side: 'canary', index });
  for (const [index, { name }] of stable.entries()) sides.set(name, { side: 'stable', index });
  const series = samples.series.flatMap((each): StoredSeries[] => {
    const found = sides.get(each.labels[labels.pod] ?? '');
    if (found === undefined) return [];
    return [{ ...each, labels: { ...each.labels, ...template.labelsOf(found.side, found.index) } }];
  });
  const isOfCanary = (each: StoredSeries): boolean => canary.some(({ name }) => name === each.labels[labels.pod]);
  const ofCanary = samples.series.filter(isOfCanary);
  const requests = ofCanary.filter(({ metric }) => metric === names.requests);
  const longest = requests.reduce<StoredSeries['samples']>(
    (most, each) => (each.samples.length > most.length ? each.samples : most),
    [],
  );
  const [first] = longest;
  if (first === undefined) return { why: 'the history has no requests of it by method, route and status' };
  const missing = Object.values(names.labels).filter((label) =>
    requests.every((each) => each.labels[label] === undefined),
  );
  if (missing.length > 0) {
    return {
      why: `its series have no label ${missing.join(', ')}: give --series-label with their names`,
    };
  }
  const then = ofCanary.find(({ metric }) => metric === OBJECTIVE)?.samples.at(-1)?.value;
  if (objective.latency === appObjective && then !== undefined && then !== (appObjective ?? then)) {
    return { why: `the app had the objective ${then} s then, and these templates have the objective of today` };
  }
  const gap = gapOf(longest);
  const most = analysis.windowSeconds / 4;
  if (gap > 1.1 * most) {
    return {
      why: `the history has a sample each ${Math.round(gap)} s, and a window of ${analysis.windowSeconds} s needs one each ${most} s at least: it was scraped less often, or is downsampled`,
    };
  }
  // The start as in a controller's first analysis: a pod of the canary is ready, and is scraped.
  const readyAt = Math.min(
    ...ofCanary
      .filter(({ metric }) => metric === READY)
      .map((each) => each.samples.at(-1)?.value ?? Number.POSITIVE_INFINITY),
  );
  const scrapedAt = Math.min(...requests.map((each) => each.samples[0]?.at ?? Number.POSITIVE_INFINITY));
  const isKnown = readyAt > scrapedAt && readyAt < scrapedAt + 3600;
  const startedAt = replayed.from ?? (isKnown ? readyAt : scrapedAt);
  const besideAt = Math.min(
    ...samples.series
      .filter((each) => each.metric === names.requests && !isOfCanary(each))
      .map((each) => each.samples[0]?.at ?? Number.POSITIVE_INFINITY),
  );
  if (Number.isFinite(besideAt) && besideAt > startedAt + analysis.windowSeconds) {
    return {
      why: 'the other pods of the build started more than a window later: at first there was nothing to compare with',
    };
  }
  const without = samples.isStandIn ? findUnanswered(template, series) : [];
  const others =
    measured === undefined ? [] : template.metrics.map(({ name }) => name).filter((name) => !measured.includes(name));
  const result = await template.run(askedOf(template, series), startedAt, new Set([...without, ...others]));
  return { judgement: judgementOf(result, startedAt), without };
}

/** Returns the metrics of a template that need series which neither the history nor the histogram has. */
function findUnanswered({ metrics }: Template, series: readonly StoredSeries[]): readonly string[] {
  const there = new Set(series.map(({ metric }) => metric));
  return metrics
    .filter(({ name, series: read }) => !ALWAYS_ANSWERED.includes(name) && read.some((metric) => !there.has(metric)))
    .map(({ name }) => name)
    .filter((name, i, all) => all.indexOf(name) === i);
}

// The series of these may be absent although a service has everything that it needs.
const ALWAYS_ANSWERED: readonly string[] = ['instrumentation', 'schema-state', 'arrival', 'users-refused'];

function askedOf({ parsing }: Template, series: readonly StoredSeries[]): Asked {
  const evaluate = createEvaluator(createStore(series));
  const unknown = (query: string): never => {
    throw new NotKnownHereError(`a part of the query ${query}`);
  };
  return {
    async query(promql, at): Promise<Answer> {
      const tree = parsing.parse(promql);
      if (tree === undefined) return unknown(promql);
      try {
        const value = evaluate(tree, at);
        return typeof value === 'number' ? { type: 'scalar', value } : { type: 'vector', values: value };
      } catch (error) {
        if (error instanceof NotKnown) return unknown(promql);
        throw error;
      }
    },
    queryRange: async (promql) => unknown(promql),
  };
}

function judgementOf(result: AnalysisResult, startedAt: number): Judgement {
  const { verdict, decidedBy, message, finishedAt, account } = result;
  const [worst] = account?.routes ?? [];
  const isOfRoutes = decidedBy !== undefined && /^(?:routes-|error-|slow-)/.test(decidedBy);
  const difference =
    worst === undefined || !/^routes-(?:differing|turning)/.test(decidedBy ?? '') ? undefined : differenceOf(worst);
  return {
    startedAt,
    verdict,
    decidedAt: finishedAt,
    ...(decidedBy === undefined ? {} : { metric: decidedBy }),
    ...(isOfRoutes && worst !== undefined ? { route: `${worst.method} ${worst.route}` } : {}),
    ...(difference === undefined ? {} : { difference }),
    why: verdict === 'promote' ? message : (verdictWordsOf(result) ?? message),
  };
}

/** Returns the class of responses in which a route exceeds stable most, in the form that `accept` takes. */
function differenceOf({ method, route, canary, stable }: RouteCounts): string | undefined {
  const share = (counts: Counts | undefined, kind: string): number =>
    counts === undefined || counts.requests === 0 ? 0 : (counts.answers[kind] ?? 0) / counts.requests;
  const [most] = Object.keys(canary.answers)
    .map((kind) => ({ kind, excess: share(canary, kind) - share(stable, kind) }))
    .sort((a, b) => b.excess - a.excess);
  return most === undefined || most.excess <= 0 ? undefined : `${method} ${route} ${most.kind}`;
}
