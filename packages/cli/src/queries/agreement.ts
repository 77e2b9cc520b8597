import type { Release } from '../release/release.js';
import { indent } from './evidence.js';
import { latest } from './series.js';

/** One thing that an app and the queries about it have to agree on. */
export interface Term {
  /** What the metric `instrumentation` adds to its answer where the app differs: a power of two. */
  readonly code: number;
  /** PromQL that answers one element without labels where they agree, and none where they differ. */
  readonly holds: string;
}

/** What `instrumentation` adds for each difference. The codes are a public interface: docs/analysis.md puts them into words. */
export const CODES = {
  requests: 1,
  failed: 2,
  timed: 4,
  slow: 8,
  objective: 16,
  schema: 32,
  names: 64,
  stable: 128,
} as const;

/** The series and labels that the queries read on the pods that label matchers select. */
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

/** Whether the app has the objective that the templates were told of; nothing to agree on where they were told of none. */
export function objectiveAgreed({ objective, analysis }: Release, pods: string): readonly Term[] {
  if (objective.latency === undefined) return [];
  const told = latest(analysis, OBJECTIVE, pods);
  return [{ code: CODES.objective, holds: `(count(${told}) == count(${told} == ${objective.latency}))` }];
}

/** A query that answers nothing, unless the pods have what app and queries have to agree on: absent is never healthy. */
export function guarded(release: Release, pods: string, query: string): string {
  const agreed = [...seriesAgreed(release, pods), ...objectiveAgreed(release, pods)];
  return `(\n${indent(query)}\n)\nand ${agreed.map(({ holds }) => holds).join('\nand ')}`;
}

/** That of ours which nobody can rename: where a pod has it, the pod is scraped, and Coalmine is in it. */
export const OBJECTIVE = 'coalmine_objective_latency_seconds';
