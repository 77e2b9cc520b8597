import type { AnalysisResult, Trace } from '../analyze/result.js';
import type { Controller } from '../controllers/controller.js';
import type { Phase } from '../controllers/verdict.js';

/** What became of a release; `passed` of an analysis alone, whose release nothing is known of. */
export type Outcome = 'promoted' | 'passed' | 'rolled back' | 'paused' | 'in progress' | 'not known';

/** Why a release was decided as it was, from what the controller has on record. */
export interface Explanation {
  /** Such as `Rollout shop/checkout`. */
  readonly subject: string;
  readonly controller: Controller;
  readonly outcome: Outcome;
  /** In one sentence. */
  readonly summary: string;
  /** What decided, the first to decide first. */
  readonly reasons: readonly Reason[];
  /** What to do now, in order. */
  readonly next: readonly string[];
  /** What the reader should know of the record: what it holds no more, or never held. */
  readonly notes: readonly string[];
  /** The runs of the analysis that belong to the release, the one that decided first. */
  readonly runs: readonly AnalysisResult[];
}

/** What decided, or helped to. */
export interface Reason {
  /** The metrics that say this: one, or all that had no answer. */
  readonly metrics: readonly [string, ...string[]];
  /** The AnalysisRun that measured the metric; absent under Flagger. */
  readonly run?: string;
  readonly phase: Phase;
  /** What was wrong, in plain words. */
  readonly says: string;
  /** The measurements that count, with the limit. */
  readonly evidence: string;
  /** Epoch seconds of the first bad measurement on record; absent where there is none on record. */
  readonly since?: number;
  /** Requests that made the metric bad, newest first, where traces were asked for. */
  readonly traces?: readonly Trace[];
}
