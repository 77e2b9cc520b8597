import type { Controller } from './controller.js';
/** What a controller makes of an analysis. Flagger knows no `pause`. */
export type Verdict = 'promote' | 'rollback' | 'pause';

/** Phase of a measurement, a metric or a run, by the names of Argo Rollouts. */
export type Phase = 'Running' | 'Successful' | 'Failed' | 'Inconclusive' | 'Error';

/** One look at a metric. */
export interface Measurement {
  /** Epoch seconds. */
  readonly at: number;
  readonly phase: Phase;
  /** The samples that the query answered, in the order of the server; none where it answered nothing. */
  readonly values: readonly number[];
  /** Why, where it was no success: an error, or which condition decided. */
  readonly message?: string;
}

/** A bound that a value is held against, for charts; a condition that is no plain comparison has none. */
export interface Threshold {
  /** The value is good on this side of the bound. */
  readonly good: 'below' | 'above';
  readonly bound: number;
}

/** What a controller makes of one metric. */
export interface MetricVerdict {
  readonly name: string;
  readonly phase: Phase;
  /** Why it ended so; absent for a success. */
  readonly message?: string;
  /** Result does not count. */
  readonly dryRun: boolean;
  /** The query as it was sent, arguments filled in. */
  readonly query: string;
  readonly successCondition?: string;
  readonly failureCondition?: string;
  readonly thresholds: readonly Threshold[];
  /** Limits and how much of each was used, such as `failureLimit` 1 of 2. */
  readonly limits: readonly { readonly name: string; readonly used: number; readonly limit: number }[];
  readonly measurements: readonly Measurement[];
}

/** What a controller makes of a run of all metrics. */
export interface RunVerdict {
  readonly controller: Controller;
  /** Of the template or the Canary. */
  readonly name: string;
  readonly verdict: Verdict;
  readonly phase: Phase;
  /** Why, in one sentence that names the metric that decided. */
  readonly message: string;
  /** The metric that decided; absent where none did. */
  readonly decidedBy?: string;
  /** Epoch seconds. */
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly metrics: readonly MetricVerdict[];
  /** Flagger: the weight of the canary over time, in percent, and how many checks had failed. */
  readonly steps?: readonly { readonly at: number; readonly weight: number; readonly failedChecks: number }[];
}
