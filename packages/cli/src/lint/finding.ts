/** One thing that a canary controller would trip over, or that nothing can be said of. */
export interface Finding {
  /** Stable name of the rule, such as `ratio-of-nothing`; each has a heading in docs/lint.md. */
  readonly rule: string;
  /**
   * An `error` leads to a wrong verdict, or to none; a `warning` may, in a case that the sentence names; a `note` says what
   * Coalmine does not know.
   */
  readonly severity: 'error' | 'warning' | 'note';
  /** What is wrong, and what the controller would make of it. */
  readonly message: string;
  /** What to write instead: `field: text` by the line, of the mapping that the line stands in, or a sentence. */
  readonly repair: string;
  /** Where it stands in the source, from 1. */
  readonly line: number;
  /** The file it stands in, where several are looked at. */
  readonly file?: string;
}

/** How much a finding weighs. */
export type Severity = Finding['severity'];
