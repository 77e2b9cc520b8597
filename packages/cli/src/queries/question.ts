/** When a number is good and when it is bad. Between the two, or where there is no number, nothing is known. */
export interface Judged {
  /** The number is good up to this, or from this on. */
  readonly good: { readonly most: number } | { readonly least: number };
  /** The number is bad above this; absent for a question that condemns nobody. */
  readonly badAbove?: number;
}

/** One question to Prometheus: a number, never `NaN`; none where a series or a label is missing that the question needs. */
export interface Question extends Judged {
  readonly name: string;
  /** What the number is, and why it is asked. */
  readonly why: string;
  readonly query: string;
  /**
   * What the question is for. `release`: whether the release is well. `evidence`: whether there is anything to judge by.
   * `doubt`: whether a person should look, which a controller without a pause is not asked.
   */
  readonly kind: 'release' | 'evidence' | 'doubt';
  /** How many spans of time the query asks, so that one answer is proof. */
  readonly spans?: number;
}

/** The pods of the canary, and those it is compared with, as label matchers: `namespace="shop",pod=~"shop-.*"`. */
export interface Sides {
  readonly canary: string;
  readonly stable?: string;
  /** PromQL of the share of the traffic that the canary is given, in percent; 0 or nothing where it is not known. */
  readonly weight?: string;
}
