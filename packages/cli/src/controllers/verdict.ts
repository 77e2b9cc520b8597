import type { Controller } from './controller.js';
/** A controller's verdict on an analysis. Flagger has no `pause`. */
export type Verdict = 'promote' | 'rollback' | 'pause';

/** Phase of a measurement, a metric or a run, by the names of Argo Rollouts. */
export type Phase = 'Running' | 'Successful' | 'Failed' | 'Inconclusive' | 'Error';

/** One measurement of a metric. */
export interface Measurement {
  /** Epoch seconds. */
  readonly at: number;
  readonly phase: Phase;
  /** The samples that the query returned, in the order of the server; none if the result was empty. */
  readonly values: readonly number[];
  /** The reason, if it did not succeed: an error, or the condition that decided. */
  readonly message?: string;
}

/** A bound that a value is compared with, for charts. A condition that is not a plain comparison has none. */
export interface Threshold {
  /** The value is good on this side of the bound. */
  readonly good: 'below' | 'above';
  readonly bound: number;
}

/** A controller's verdict on one metric. */
export interface MetricVerdict {
  readonly name: string;
  readonly phase: Phase;
  /** Why it ended in its phase; absent for a success. */
  readonly message?: string;
  /** Whether the result does not count. */
  readonly dryRun: boolean;
  /** The query as it was sent, with arguments. */
  readonly query: string;
  readonly successCondition?: string;
  readonly failureCondition?: string;
  readonly thresholds: readonly Threshold[];
  /** Limits and how much of each was used, such as `failureLimit` 1 of 2. */
  readonly limits: readonly { readonly name: string; readonly used: number; readonly limit: number }[];
  readonly measurements: readonly Measurement[];
}

/** A controller's verdict on a run of all metrics. */
export interface RunVerdict {
  readonly controller: Controller;
  /** The name of the template or the Canary. */
  readonly name: string;
  readonly verdict: Verdict;
  readonly phase: Phase;
  /** The reason, in one sentence that names the deciding metric. */
  readonly message: string;
  /** The deciding metric; absent if no metric decided. */
  readonly decidedBy?: string;
  /** Epoch seconds. */
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly metrics: readonly MetricVerdict[];
  /** Flagger: the weight of the canary over time, in percent, and how many checks had failed. */
  readonly steps?: readonly { readonly at: number; readonly weight: number; readonly failedChecks: number }[];
}
