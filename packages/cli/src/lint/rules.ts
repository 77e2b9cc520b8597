import type { Severity } from './finding.js';

/** A rule of the linter. Its name is its id. */
export interface LintRule {
  /** The severity, unless a case has another. */
  readonly severity: Severity;
  /** What the rule reports. */
  readonly says: string;
  /** What to write instead, unless each case has its own repair. */
  readonly repair?: string;
}

/**
 * Every rule, by what it lints. Each rule has a section in docs/lint.md, with an input that has the fault and one that does
 * not; the tests run both.
 */
export const RULES = {
  /** Files of any kind, and the comments and the list that suppress findings. */
  source: {
    'not-utf8': { severity: 'error', says: 'the file is not UTF-8', repair: 'Write the file in UTF-8.' },
    'not-linted': {
      severity: 'note',
      says: 'the file is of a kind that is not linted',
      repair: 'Leave it out, or check it with the tool that reads it.',
    },
    'ignore-without-reason': {
      severity: 'warning',
      says: 'a suppression has no reason',
      repair: 'Write `# coalmine-ignore rule: reason`.',
    },
    'ignore-unknown-rule': {
      severity: 'warning',
      says: 'a suppression names no rule',
      repair: 'Write the name of the rule as the finding shows it; docs/lint.md lists all rules.',
    },
    'ignore-unused': { severity: 'warning', says: 'a suppression suppresses nothing', repair: 'Remove it.' },
  },
  /** Manifests of the release controllers. */
  template: {
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
    'rate-of-gauge': { severity: 'warning', says: 'a function for counters is used on a gauge' },
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
  },
  /** What an app exposes. */
  exposition: {
    syntax: {
      severity: 'error',
      says: 'a line cannot be read',
      repair:
        'Write the line in the syntax of the format; a client library does. Prometheus drops the whole scrape for one such line.',
    },
    'bad-escape': {
      severity: 'warning',
      says: 'a label value has an escape that the format does not know',
      repair: 'In a label value only \\\\, \\" and \\n are escapes; write a backslash as \\\\.',
    },
    'late-type': {
      severity: 'warning',
      says: 'the type of a metric comes after its samples, or twice',
      repair: 'Write # HELP and # TYPE once for each metric, before its first sample.',
    },
    'split-family': {
      severity: 'warning',
      says: 'the samples of a metric are in several groups',
      repair: 'Write all samples of a metric in one group.',
    },
    'duplicate-series': {
      severity: 'error',
      says: 'a series is there twice',
      repair: 'Expose each series once; two registries that are written one after the other often share names.',
    },
    'end-of-file': {
      severity: 'error',
      says: 'the exposition does not end as its format ends',
      repair: 'End OpenMetrics with a line # EOF, and text with a line feed, and write nothing after it.',
    },
    'content-type': {
      severity: 'error',
      says: 'the content type is not that of the format',
      repair:
        'Send text/plain; version=0.0.4 with the text format, and application/openmetrics-text; version=1.0.0 with OpenMetrics: in prom-client, registry.contentType.',
    },
    'counter-without-total': {
      severity: 'error',
      says: 'the name of a counter does not end in _total',
      repair: 'Name the counter with _total.',
    },
    'negative-counter': {
      severity: 'error',
      says: 'a counter is negative',
      repair: 'Use a gauge for a value that can fall.',
    },
    'nan-value': {
      severity: 'error',
      says: 'a counter or a histogram is NaN',
      repair: 'Find the NaN that is added to it: one NaN stays in a sum for good.',
    },
    'bound-not-number': {
      severity: 'error',
      says: 'the bound of a bucket is not a number',
      repair: 'Write le as a number of the unit of the metric, or +Inf.',
    },
    'bucket-without-inf': {
      severity: 'error',
      says: 'a histogram has no bucket +Inf',
      repair: 'Write a bucket le="+Inf" for each series of a histogram.',
    },
    'buckets-not-cumulative': {
      severity: 'error',
      says: 'a bucket counts less than the bucket below it',
      repair: 'Count each observation in every bucket whose bound it does not exceed.',
    },
    'count-differs': {
      severity: 'error',
      says: 'a _count differs from the bucket +Inf',
      repair: 'Write the value of the bucket +Inf as _count, from the same moment.',
    },
    'native-histogram': {
      severity: 'error',
      says: 'a histogram has no classic buckets',
      repair: 'Expose classic buckets, with one at the objective.',
    },
    'formats-differ': {
      severity: 'error',
      says: 'text and OpenMetrics have different names',
      repair: 'Give a metric one name in both formats: a counter ends in _total.',
    },
    'no-requests': {
      severity: 'error',
      says: 'nothing counts or times requests',
      repair:
        'Count requests and time them: `app.register(coalmine)` does both, or name your own series in `names` of the config.',
    },
    'no-request-counter': {
      severity: 'warning',
      says: 'nothing counts requests, except a histogram',
      repair: 'Count requests in http_requests_total, or query the _count of the histogram.',
    },
    'no-duration-histogram': {
      severity: 'error',
      says: 'nothing tells a slow release from a fast release',
      repair: 'Observe durations in a histogram, in seconds, with a bucket at the objective.',
    },
    'objective-differs': {
      severity: 'error',
      says: 'the app has another objective',
      repair:
        'Use one objective: leave it out of the config, because the app has it, or give both the same. The templates pause until then.',
    },
    'summary-instead-of-histogram': {
      severity: 'error',
      says: 'durations are in a summary',
      repair: 'Use a histogram: its buckets can be summed.',
    },
    'errors-without-requests': {
      severity: 'error',
      says: 'errors are counted, and requests are not',
      repair: 'Count all requests as well as the errors, with the same labels.',
    },
    'missing-status-label': {
      severity: 'error',
      says: 'requests have no label for the status',
      repair: 'Label requests with the status that was sent.',
    },
    'missing-route-label': {
      severity: 'warning',
      says: 'requests have no label for the route',
      repair: 'Label requests with the pattern of their route, such as /items/:id.',
    },
    'unexpected-name': {
      severity: 'warning',
      says: 'a metric or a label has another name than in the queries',
      repair: 'Write their names into `names` of the config, so that all generated queries use them.',
    },
    'flagger-label': {
      severity: 'error',
      says: 'the label that the built-in check of Flagger reads is missing',
      repair: "Map the name: `names: { labels: { status_code: 'status' } }`, or use a MetricTemplate.",
    },
    'no-zero-series': {
      severity: 'error',
      says: 'the series of errors do not exist before the first error',
      repair: 'Create the series of the error statuses at 0 when the route becomes known.',
    },
    'no-bound-at-objective': {
      severity: 'error',
      says: 'no bucket has the objective as its bound',
      repair: 'Add the objective to the buckets, and query the share over it.',
    },
    'top-bucket-low': {
      severity: 'error',
      says: 'the highest bucket is too low',
      repair: 'Add a bucket at the objective, and some above it: at twice and four times.',
    },
    milliseconds: {
      severity: 'error',
      says: 'durations are in milliseconds',
      repair: 'Observe seconds, in a metric whose name ends in _seconds.',
    },
    'path-as-label': {
      severity: 'error',
      says: 'a label has paths instead of routes',
      repair: 'Use the pattern of the route, such as /items/:id, which the framework knows.',
    },
    'unmatched-paths': {
      severity: 'warning',
      says: 'requests without a route have their paths as labels',
      repair: 'Give all requests without a route one label, such as (unmatched).',
    },
    'probes-counted': {
      severity: 'warning',
      says: 'probes and scrapes are counted like users',
      repair: 'Leave probes and scrapes out of the series of users.',
    },
    'unknown-method': {
      severity: 'warning',
      says: 'a label has methods that HTTP does not know',
      repair: 'Count methods that HTTP does not know as one, such as _OTHER.',
    },
    'unbounded-label': {
      severity: 'error',
      says: 'a label has a value for each request or user',
      repair: 'Leave the label out, or make it one of a few values; put the rest into logs and traces.',
    },
    'many-series': {
      severity: 'warning',
      says: 'there are many series',
      repair: 'Drop labels, or routes that no query reads: each series costs memory in each pod and in Prometheus.',
    },
    'counter-decreased': {
      severity: 'error',
      says: 'a counter fell between two reads',
      repair: 'Never set a counter back; only a new process starts at 0.',
    },
    'series-vanished': {
      severity: 'error',
      says: 'a series is gone at the second read',
      repair: 'Never remove a series while the process lives, as registry.resetMetrics() and remove() do.',
    },
    'two-processes': {
      severity: 'error',
      says: 'two reads came from two processes',
      repair: 'Scrape each process at its own address; in a cluster, aggregate the workers.',
    },
  },
} as const;

export type SourceRule = keyof typeof RULES.source;
export type TemplateRule = keyof typeof RULES.template;
export type ExpositionRule = keyof typeof RULES.exposition;

// One shape for all. The names that somebody writes may be those of no rule.
const BY_KIND: Readonly<Record<string, Readonly<Record<string, LintRule>>>> = RULES;

/**
 * Returns the rule with this name, for sources of one kind or of any kind. A template and an exposition have rules of one name,
 * about one fault.
 */
export function ruleNamed(name: string, kind?: string): LintRule | undefined {
  const lists = kind === undefined ? Object.values(BY_KIND) : [BY_KIND[kind], BY_KIND['source']];
  return lists.find((rules) => rules !== undefined && Object.hasOwn(rules, name))?.[name];
}
