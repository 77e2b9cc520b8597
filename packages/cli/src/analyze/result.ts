import type { MetricVerdict, RunVerdict } from '../controllers/verdict.js';

/** What became of one metric. */
export interface MetricResult extends MetricVerdict {
  /** The requests behind it in one sentence, where the template says what its queries were made of. */
  readonly words?: string;
  /** Requests that made it bad, newest first, where traces were asked for. */
  readonly traces?: readonly Trace[];
  /** What is to be said of the traces: why there are none, or what they are of. */
  readonly tracesNote?: string;
}

/** A request of the canary that was counted as bad, and was traced. */
export interface Trace {
  readonly traceId: string;
  readonly spanId?: string;
  /** Where it can be looked at, where that was said. */
  readonly url?: string;
  /** Epoch seconds. */
  readonly at: number;
  /** Of the exemplar: seconds in a histogram, 1 in a counter. */
  readonly value: number;
  /** Of the series that counted it, without those that all of them have by the query. */
  readonly labels: Readonly<Record<string, string>>;
}

/** What became of an analysis. */
export interface AnalysisResult extends RunVerdict {
  readonly metrics: readonly MetricResult[];
  /** What canary and stable answered meanwhile, where the template says what its queries were made of. */
  readonly account?: Account;
  /** What a reader should know of how it was asked: an argument that no series has. */
  readonly notes?: readonly string[];
  /** Why no metric has traces, where they were asked for. */
  readonly tracesNote?: string;
}

/** What was asked for while an analysis ran, and what became of it. */
export interface Account {
  readonly canary: Counts;
  /** Absent where stable has no series of Coalmine, or none was named. */
  readonly stable?: Counts;
  /** The worst first: by how much more of its requests end badly on the canary than on stable. */
  readonly routes: readonly RouteCounts[];
  /** What a reader should know beside: differences that are meant, a stable that says nothing, slowness that passes. */
  readonly notes: readonly string[];
}

/** The requests of one route. */
export interface RouteCounts {
  readonly method: string;
  readonly route: string;
  readonly canary: Counts;
  readonly stable?: Counts;
}

/** Requests of one side. Prometheus extrapolates them, so that they are no whole numbers. */
export interface Counts {
  readonly requests: number;
  readonly failed: number;
  /** Those whose duration counts. */
  readonly timed: number;
  /** Those of them that took longer than the objective of their route. */
  readonly slow: number;
  /** Answers that are neither successes nor failures: 3xx, 401, 403, 404, 429, and 4xx for the others. */
  readonly answers: Readonly<Record<string, number>>;
}
