import { addComment } from '../promql/comments.js';
import type { Release } from '../release/release.js';
import { indent } from './evidence.js';
import { latest } from './series.js';

/** One thing on which an app and the queries about it must agree. */
export interface Term {
  /** The number that the metric `instrumentation` adds if the app differs: a power of two. */
  readonly code: number;
  /** PromQL that returns one element without labels if they agree, and none if they differ. */
  readonly holds: string;
}

/**
 * The number that `instrumentation` adds for each difference. The codes are a public interface: docs/analysis.md
 * explains them.
 */
export const CODES = {
  requests: 1,
  failed: 2,
  timed: 4,
  slow: 8,
  objective: 16,
  schema: 32,
  names: 64,
  stable: 128,
  scrapes: 256,
} as const;

/** Returns the series and labels that the queries read on the pods that label matchers select. */
export function seriesAgreed({ names, analysis }: Release, pods: string): readonly Term[] {
  const { method, route, status_code: status } = names.labels;
  const has = (metric: string, ...labels: readonly string[]): string =>
    `count(${latest(analysis, metric, [pods, ...labels.map((label) => `${label}!=""`)].join(','))})`;
  return [
    { code: CODES.requests, holds: has(names.requests, method, route, status) },
    { code: CODES.failed, holds: has(names.failed, method, route) },
    { code: CODES.timed, holds: has(names.timed, method, route) },
    { code: CODES.slow, holds: has(names.slow, method, route) },
  ];
}

/** Returns the objective of the templates, which the app must have; empty if the templates have none. */
export function objectiveAgreed({ objective, analysis }: Release, pods: string): readonly Term[] {
  if (objective.latency === undefined) return [];
  const told = latest(analysis, OBJECTIVE, pods);
  return [{ code: CODES.objective, holds: `(count(${told}) == count(${told} == ${objective.latency}))` }];
}

/** Returns a query that is empty unless the pods agree with the queries: a missing series is never healthy. */
export function guardQuery(release: Release, pods: string, query: string): string {
  const agreed = [...seriesAgreed(release, pods), ...objectiveAgreed(release, pods)];
  return `(
${indent(query)}
)
${addComment('No result if a series or a label is missing: the metric instrumentation says which.', `and ${agreed.map(({ holds }) => holds).join('\nand ')}`)}`;
}

/** Returns a query that is 0 where it has nothing to say. `zero` is empty unless the series exist that the query reads. */
export function orZero(query: string, zero: string): string {
  return `${query}\n${addComment('0 if nothing is proven, and the series exist.', `or ${zero}`)}`;
}

/** The series of Coalmine that nobody can rename: if a pod has it, the pod is scraped and contains Coalmine. */
export const OBJECTIVE = 'coalmine_objective_latency_seconds';
