import type { AnalysisResult, Trace } from '../analyze/result.js';
import type { Controller } from '../controllers/controller.js';
import type { Phase } from '../controllers/verdict.js';

/** The outcome of a release; `passed` is the outcome of an analysis alone, without a known release. */
export type Outcome = 'promoted' | 'passed' | 'rolled back' | 'paused' | 'in progress' | 'not known';

/** Why a release was decided as it was, from the record of the controller. */
export interface Explanation {
  /** Such as `Rollout shop/checkout`. */
  readonly subject: string;
  readonly controller: Controller;
  readonly outcome: Outcome;
  /** The explanation in one sentence. */
  readonly summary: string;
  /** The reasons of the decision, the first to decide first. */
  readonly reasons: readonly Reason[];
  /** What to do now, in order. */
  readonly next: readonly string[];
  /** Remarks on the record: what it no longer has, or never had. */
  readonly notes: readonly string[];
  /** The runs of the analysis that belong to the release, the deciding run first. */
  readonly runs: readonly AnalysisResult[];
}

/** A reason of the decision, or one that contributed to it. */
export interface Reason {
  /** The metrics with this reason: one, or all metrics whose query returned nothing. */
  readonly metrics: readonly [string, ...string[]];
  /** The AnalysisRun that measured the metric; absent under Flagger. */
  readonly run?: string;
  readonly phase: Phase;
  /** What was wrong, in plain words. */
  readonly says: string;
  /** The measurements that count, with the limit. */
  readonly evidence: string;
  /** Epoch seconds of the first bad measurement on record; absent if there is none on record. */
  readonly since?: number;
  /** Whether there were bad measurements before `since`, which are no longer on record. */
  readonly hasEarlier?: boolean;
  /** Requests that made the metric bad, newest first, if traces were asked for. */
  readonly traces?: readonly Trace[];
}
