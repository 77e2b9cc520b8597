/** When a number is good and when it is bad. Between the two, or without a number, nothing is known. */
export interface Judged {
  /** The number is good up to this, or from this on. */
  readonly good: { readonly most: number } | { readonly least: number };
  /** The number is bad above this; absent for a question that never rolls back. */
  readonly badAbove?: number;
}

/**
 * One question to Prometheus: a number, never `NaN`; empty if a series or a label that the question needs is missing.
 */
export interface Question extends Judged {
  readonly name: string;
  /** What the number means, and why it is measured. */
  readonly why: string;
  readonly query: string;
  /**
   * The purpose of the question. `release`: whether the release works. `evidence`: whether there is anything to judge.
   * `doubt`: whether a person should look; controllers without a pause do not get this question.
   */
  readonly kind: 'release' | 'evidence' | 'doubt';
  /** How many spans of time the query looks at, so that one result is a proof. */
  readonly spans?: number;
}

/** The pods of the canary, and the pods it is compared with, as label matchers: `namespace="shop",pod=~"shop-.*"`. */
export interface Sides {
  readonly canary: string;
  readonly stable?: string;
  /** PromQL of a vector: the canary's share of the traffic, in percent; 0 or empty if it is not known. */
  readonly weight?: string;
  /** Whether all users have moved from stable to the canary at once, just before the first measurement. */
  readonly isSwitched?: boolean;
}
