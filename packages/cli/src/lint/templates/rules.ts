import type { Finding } from '../finding.js';
import type { Place } from './source.js';

/** Every rule of templates; each has a heading in docs/lint.md. */
export const RULES = {
  'yaml-syntax': 'error',
  'wrong-type': 'error',
  'unknown-field': 'error',
  'missing-field': 'error',
  'refused-value': 'error',
  'refused-together': 'error',
  'missing-reference': 'warning',

  'no-condition': 'error',
  'invalid-condition': 'error',
  'error-on-empty': 'error',
  'guard-order': 'error',
  'success-on-empty': 'error',
  'success-on-nan': 'error',

  'promql-syntax': 'error',
  'several-series': 'error',
  'divided-by-itself': 'error',
  'same-above-and-below': 'error',
  'empty-when-healthy': 'error',
  'empty-when-failing': 'warning',
  'hides-unscraped': 'error',
  'nan-when-idle': 'warning',
  'accepts-failure': 'error',
  'condemns-health': 'error',
  'divided-by-stable': 'error',
  'scalar-query': 'error',
  irate: 'warning',
  'short-window': 'warning',
  quantile: 'warning',
  'whole-bound': 'error',
  'buckets-summed': 'error',
  'native-histogram': 'error',
  'success-is-2xx': 'warning',
  'mixed-pods': 'warning',
  'ephemeral-role': 'warning',

  'invalid-duration': 'error',
  'interval-missing': 'error',
  'limit-beyond-count': 'error',
  'one-failure-aborts': 'warning',
  'pauses-at-first': 'warning',
  'too-few-retries': 'error',
  'delay-shorter-than-window': 'warning',
  'repeated-name': 'error',
  'idle-dry-run': 'error',
  'undeclared-argument': 'error',
  'unset-argument': 'error',
  'empty-argument': 'error',
  'dropped-argument': 'warning',
  'endless-step': 'error',
  'background-from-start': 'warning',
  'missing-template': 'warning',
  'foreign-placeholder': 'error',

  'no-threshold-range': 'error',
  'fractional-milliseconds': 'error',
  'one-failed-check': 'warning',
  'interval-below-floor': 'warning',
  'first-check-too-early': 'error',
  'metric-interval': 'warning',
  'fixed-window': 'warning',
  'builtin-labels': 'warning',
  'daemonset-target': 'error',
  'pods-of-siblings': 'error',
  'unknown-check': 'error',
  'missing-variable': 'error',
  'no-weights': 'error',
  'skips-analysis': 'warning',
} as const;

export type Rule = keyof typeof RULES;

/** Says what a rule has found. The repair is `field: text` by the line, or a sentence. */
export type Report = (rule: Rule, place: Place, message: string, repair: string) => void;

/** What is known of where templates are used. */
export interface Setting {
  /** Seconds between two scrapes. */
  readonly scrapeSeconds: number;
  /** Seconds that a pod takes to become ready. */
  readonly startSeconds: number;
  readonly report: Report;
}

/** What was found so far. */
export interface Findings {
  readonly report: Report;
  /** Whether one of these rules has found something at a place. */
  has(rules: readonly Rule[], place: Place): boolean;
  all(): readonly Finding[];
}

/** A collector of findings: each once, in the order of the files. */
export function createFindings(): Findings {
  const findings = new Map<string, Finding>();
  return {
    report(rule, { file, line }, message, repair) {
      const key = JSON.stringify([rule, file, line]);
      if (!findings.has(key)) findings.set(key, { rule, severity: RULES[rule], message, repair, line, file });
    },
    has: (rules, { file, line }) => rules.some((rule) => findings.has(JSON.stringify([rule, file, line]))),
    all: () => [...findings.values()].sort((a, b) => (a.file === b.file ? a.line - b.line : 0)),
  };
}
