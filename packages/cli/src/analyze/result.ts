import type { MetricVerdict, RunVerdict } from '../controllers/verdict.js';

/** The result of one metric. */
export interface MetricResult extends MetricVerdict {
  /** The requests behind it in one sentence, if the template describes its release, or the run has recorded them. */
  readonly words?: string;
  /** Requests that made it bad, newest first, if traces were asked for. */
  readonly traces?: readonly Trace[];
  /** A remark on the traces: why there are none, or what they show. */
  readonly tracesNote?: string;
}

/** A request of the canary that counted as bad, and was traced. */
export interface Trace {
  readonly traceId: string;
  readonly spanId?: string;
  /** The address at which it can be seen, if an address was given. */
  readonly url?: string;
  /** Epoch seconds. */
  readonly at: number;
  /** The value of the exemplar: seconds in a histogram, 1 in a counter. */
  readonly value: number;
  /** Labels of the series that counted it, without labels that the query gives to all of them. */
  readonly labels: Readonly<Record<string, string>>;
}

/** The result of an analysis. */
export interface AnalysisResult extends RunVerdict {
  readonly metrics: readonly MetricResult[];
  /** What canary and stable served meanwhile, if the template describes its release. */
  readonly account?: Account;
  /** Remarks on the queries, such as an argument that no series has. */
  readonly notes?: readonly string[];
  /** Why no metric has traces, if traces were asked for. */
  readonly tracesNote?: string;
}

/** The requests during an analysis, and their outcomes. */
export interface Account {
  readonly canary: Counts;
  /** Absent if stable has no series of Coalmine, or no stable was named. */
  readonly stable?: Counts;
  /** The worst first: by how much more of its requests end badly on the canary than on stable. */
  readonly routes: readonly RouteCounts[];
  /** Remarks: intended differences, a stable without series, slowness that fades. */
  readonly notes: readonly string[];
}

/** The requests of one route. */
export interface RouteCounts {
  readonly method: string;
  readonly route: string;
  readonly canary: Counts;
  readonly stable?: Counts;
}

/** Requests of one side. Prometheus extrapolates them, so they are not whole numbers. */
export interface Counts {
  readonly requests: number;
  readonly failed: number;
  /** Requests whose duration counts. */
  readonly timed: number;
  /** Timed requests that took longer than the objective of their route. */
  readonly slow: number;
  /** Responses that are neither successes nor failures: 3xx, 401, 403, 404, 429, 499, and 4xx for the others. */
  readonly answers: Readonly<Record<string, number>>;
}
