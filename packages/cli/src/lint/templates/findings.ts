import type { Place } from '../../controllers/objects.js';
import type { Finding, Severity } from '../finding.js';

/**
 * Every rule for templates: its severity, unless a case is milder, and what it reports. Each rule has a section in
 * docs/lint.md, with an input that has the fault and one that does not.
 */
export const RULES = {
  'yaml-syntax': { severity: 'error', says: 'the document is not YAML' },
  'chart-source': { severity: 'note', says: 'the document is the source of a chart, and is not linted' },
  'wrong-type': { severity: 'error', says: 'a field is of another type than the controller reads' },
  'unknown-field': { severity: 'error', says: 'there is no such field' },
  'missing-field': { severity: 'error', says: 'a required field is missing' },
  'refused-value': { severity: 'error', says: 'the API server or the controller refuses the value' },
  'refused-together': { severity: 'error', says: 'the controller refuses the combination of several fields' },
  'missing-reference': { severity: 'warning', says: 'a named object is in no file' },
  'empty-spec': { severity: 'error', says: 'nothing is measured' },
  'no-condition': { severity: 'error', says: 'every measurement with a result is a success' },
  'invalid-condition': { severity: 'error', says: 'the condition cannot be evaluated on any result' },
  'ignored-condition': { severity: 'warning', says: 'the provider decides without the conditions' },
  'unknown-function': {
    severity: 'note',
    says: 'the condition or the query has a part that Coalmine does not evaluate',
  },
  'error-on-empty': { severity: 'error', says: 'no data is an Error' },
  'guard-order': { severity: 'error', says: 'the guard of a condition comes after the access that it guards' },
  'success-on-empty': { severity: 'error', says: 'no data is a success' },
  'success-on-nan': { severity: 'error', says: 'NaN is a success' },
  'promql-syntax': { severity: 'error', says: 'the query is not PromQL' },
  'swallowed-query': { severity: 'error', says: 'a comment swallows the rest of the query' },
  'several-series': { severity: 'error', says: 'the result has several elements, and only one is judged' },
  'divided-by-itself': { severity: 'error', says: 'each series is divided by itself' },
  'same-above-and-below': { severity: 'error', says: 'both sides of the division are the same' },
  'empty-when-healthy': { severity: 'error', says: 'a healthy canary has an empty result' },
  'empty-when-failing': { severity: 'warning', says: 'a canary that fails every request has an empty result' },
  'hides-unscraped': { severity: 'error', says: 'a canary that is not scraped has a good result' },
  'nan-when-idle': { severity: 'warning', says: 'without requests the result is NaN' },
  'condemns-quiet': { severity: 'error', says: 'a canary with few requests fails, even if all of them succeed' },
  'accepts-failure': { severity: 'error', says: 'a canary that fails half of its requests passes' },
  'condemns-health': { severity: 'error', says: 'a canary that fails nothing does not pass' },
  'divided-by-stable': { severity: 'error', says: 'the result is infinite if stable fails nothing' },
  'scalar-query': { severity: 'error', says: 'the result is a scalar' },
  irate: { severity: 'warning', says: 'irate() looks only at two scrapes' },
  'short-window': { severity: 'warning', says: 'the window contains fewer than four scrapes' },
  quantile: { severity: 'warning', says: 'a quantile is interpolated between bounds' },
  'whole-bound': { severity: 'error', says: 'versions of Prometheus store a bound differently' },
  'buckets-summed': { severity: 'error', says: 'cumulative buckets are added up' },
  'native-histogram': { severity: 'error', says: 'the result of a native histogram is not a number' },
  'success-is-2xx': { severity: 'warning', says: 'redirects and 404s count as failures' },
  'mixed-pods': { severity: 'warning', says: 'nothing tells the canary from stable' },
  'ephemeral-role': { severity: 'warning', says: 'a label changes when the pod is promoted' },
  'other-provider': { severity: 'note', says: 'the provider is not Prometheus, and the query is not linted' },
  'provider-count': { severity: 'error', says: 'a metric has no provider, or several' },
  'invalid-address': { severity: 'error', says: 'the controller cannot query the address' },
  'invalid-range': { severity: 'error', says: 'the range of a range query is not valid' },
  'invalid-duration': { severity: 'error', says: 'a time has no unit, or is not valid' },
  'interval-missing': { severity: 'error', says: 'a count has no interval' },
  'limit-beyond-count': { severity: 'error', says: 'a limit cannot be passed, or is refused' },
  'refused-count': { severity: 'error', says: 'the controller refuses a number' },
  'one-failure-aborts': { severity: 'warning', says: 'a single measurement aborts' },
  'pauses-at-first': { severity: 'warning', says: 'the first measurement without data pauses the rollout' },
  'too-few-retries': { severity: 'error', says: 'the last retry comes before there can be data' },
  'delay-shorter-than-window': { severity: 'warning', says: 'the first measurement looks back before the pods' },
  'repeated-name': { severity: 'error', says: 'two metrics, or two rules for metrics, have the same name' },
  'idle-dry-run': { severity: 'error', says: 'a dryRun matches no metric' },
  'idle-retention': { severity: 'error', says: 'a measurementRetention matches no metric' },
  'conflicting-defaults': { severity: 'error', says: 'an argument has two defaults that differ' },
  'undeclared-argument': { severity: 'error', says: 'an argument is not declared' },
  'unset-argument': { severity: 'error', says: 'an argument has no value' },
  'empty-argument': { severity: 'error', says: 'an argument is an empty text' },
  'dropped-argument': { severity: 'warning', says: 'no template declares an argument' },
  'endless-step': { severity: 'error', says: 'the rollout waits for an analysis that never ends' },
  'background-from-start': { severity: 'warning', says: 'the analysis begins before the first pod' },
  'missing-template': { severity: 'warning', says: 'a template is in none of the files' },
  'wrong-scope': { severity: 'error', says: 'the controller looks for a template in the other scope' },
  'wrong-namespace': { severity: 'error', says: 'a template is in another namespace' },
  'circular-templates': { severity: 'error', says: 'a template names itself, directly or through other templates' },
  'foreign-placeholder': { severity: 'error', says: 'the controller does not know a placeholder' },
  'unclosed-placeholder': { severity: 'error', says: 'a placeholder is not closed' },
  'no-threshold-range': { severity: 'error', says: 'a metric has no bounds' },
  'fractional-milliseconds': { severity: 'error', says: 'a bound is cut to whole milliseconds' },
  'one-failed-check': { severity: 'warning', says: 'the first failed check rolls back' },
  'interval-below-floor': { severity: 'warning', says: 'Flagger uses a longer interval' },
  'first-check-too-early': { severity: 'error', says: 'a check comes before there can be data' },
  'metric-interval': { severity: 'warning', says: 'a metric looks back further than a weight lasts' },
  'missing-metric-interval': {
    severity: 'error',
    says: 'the query uses an interval that the metric does not have',
  },
  'fixed-window': { severity: 'warning', says: 'the window of the query is not the interval of the metric' },
  'builtin-name': { severity: 'error', says: 'a metric with its own query runs the built-in check as well' },
  'builtin-labels': { severity: 'warning', says: 'the built-in check queries labels that few apps have' },
  'daemonset-target': { severity: 'error', says: 'the built-in check does not see the pods of a DaemonSet' },
  'no-such-pods': { severity: 'error', says: 'no pod of the canary is selected' },
  'pods-of-siblings': { severity: 'error', says: 'the query includes other pods' },
  'unknown-check': { severity: 'error', says: 'there is no such check' },
  'missing-variable': { severity: 'error', says: 'a variable is not set' },
  'no-weights': { severity: 'error', says: 'the canary gets no weight' },
  'skips-analysis': { severity: 'warning', says: 'no metric is queried' },
} as const;

export type Rule = keyof typeof RULES;

/**
 * Reports what a rule has found. The repair is `field: text` per line, or a sentence. Without a severity, the severity
 * of the rule applies.
 */
export type Report = (rule: Rule, place: Place, message: string, repair: string, severity?: Severity) => void;

/** How templates are used. */
export interface Setting {
  /** Seconds between two scrapes. */
  readonly scrapeSeconds: number;
  /** Seconds that a pod takes to become ready. */
  readonly startSeconds: number;
  readonly report: Report;
}

/** Returns a report for findings that decide nothing: an error becomes a warning. */
export function milder(report: Report): Report {
  return (rule, place, message, repair, severity = RULES[rule].severity) =>
    report(rule, place, message, repair, severity === 'error' ? 'warning' : severity);
}

const WEIGHTS: Readonly<Record<Severity, number>> = { error: 2, warning: 1, note: 0 };

/** The findings so far. */
export interface Findings {
  readonly report: Report;
  /** Whether one of these rules has a finding at a place. */
  has(rules: readonly Rule[], place: Place): boolean;
  all(): readonly Finding[];
}

/** Creates a collector of findings: each finding once, in the order of the files. */
export function createFindings(): Findings {
  const findings = new Map<string, Finding>();
  return {
    report(rule, place, message, repair, severity = RULES[rule].severity) {
      const { file, line } = place;
      const key = keyOf(rule, place);
      const before = findings.get(key);
      // A finding in an anchor would repeat at each alias.
      if (before !== undefined && WEIGHTS[before.severity] >= WEIGHTS[severity]) return;
      findings.set(key, { rule, severity, message, repair, line, file });
    },
    has: (rules, place) => rules.some((rule) => findings.has(keyOf(rule, place))),
    all: () => [...findings.values()].sort((a, b) => (a.file === b.file ? a.line - b.line : 0)),
  };
}

function keyOf(rule: Rule, { file, line, column }: Place): string {
  return JSON.stringify([rule, file, line, column]);
}
