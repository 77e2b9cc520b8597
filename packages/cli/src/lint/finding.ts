/** One fault that would mislead a canary controller, or one part that Coalmine does not know. */
export interface Finding {
  /** Stable name of the rule, such as `ratio-of-nothing`. Each rule has a heading in docs/lint.md. */
  readonly rule: string;
  /**
   * An `error` leads to a wrong verdict, or to none. A `warning` may do so, in a case that its message names. A `note`
   * says what Coalmine does not know.
   */
  readonly severity: 'error' | 'warning' | 'note';
  /** What is wrong, and what the controller would do. */
  readonly message: string;
  /** What to write instead: `field: text` by the line, of the mapping that the line stands in, or a sentence. */
  readonly repair: string;
  /** The line in the source, from 1. */
  readonly line: number;
  /** The file, if several files are read. */
  readonly file?: string;
}

/** The weight of a finding. */
export type Severity = Finding['severity'];

/** Returns findings of one source in the order of lines. */
export function sortByLine(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort((a, b) => a.line - b.line);
}
