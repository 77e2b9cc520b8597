import type { Finding } from '../finding.js';

/** Every rule for expositions, with its repair. Each has a heading in docs/lint.md. */
const REPAIRS = {
  syntax:
    'Write the line in the syntax of the format; a client library does. Prometheus drops the whole scrape for one such line.',
  'bad-escape': 'In a label value only \\\\, \\" and \\n are escapes; write a backslash as \\\\.',
  'late-type': 'Write # HELP and # TYPE once for each metric, before its first sample.',
  'split-family': 'Write all samples of a metric in one group.',
  'duplicate-series': 'Expose each series once; two registries that are written one after the other often share names.',
  'end-of-file': 'End OpenMetrics with a line # EOF, and text with a line feed, and write nothing after it.',
  'content-type':
    'Send text/plain; version=0.0.4 with the text format, and application/openmetrics-text; version=1.0.0 with OpenMetrics: in prom-client, registry.contentType.',
  'counter-without-total': 'Name the counter with _total.',
  'negative-counter': 'Use a gauge for a value that can fall.',
  'nan-value': 'Find the NaN that is added to it: one NaN stays in a sum for good.',
  'bound-not-number': 'Write le as a number of the unit of the metric, or +Inf.',
  'bucket-without-inf': 'Write a bucket le="+Inf" for each series of a histogram.',
  'buckets-not-cumulative': 'Count each observation in every bucket whose bound it does not exceed.',
  'count-differs': 'Write the value of the bucket +Inf as _count, from the same moment.',
  'native-histogram': 'Expose classic buckets, with one at the objective.',
  'formats-differ': 'Give a metric one name in both formats: a counter ends in _total.',
  'no-requests':
    'Count requests and time them: `app.register(coalmine)` does both, or name your own series in `names` of the config.',
  'no-request-counter': 'Count requests in http_requests_total, or query the _count of the histogram.',
  'no-duration-histogram': 'Observe durations in a histogram, in seconds, with a bucket at the objective.',
  'objective-differs':
    'Use one objective: leave it out of the config, because the app has it, or give both the same. The templates pause until then.',
  'summary-instead-of-histogram': 'Use a histogram: its buckets can be summed.',
  'errors-without-requests': 'Count all requests as well as the errors, with the same labels.',
  'missing-status-label': 'Label requests with the status that was sent.',
  'missing-route-label': 'Label requests with the pattern of their route, such as /items/:id.',
  'unexpected-name': 'Write their names into `names` of the config, so that all generated queries use them.',
  'flagger-label': "Map the name: `names: { labels: { status_code: 'status' } }`, or use a MetricTemplate.",
  'no-zero-series': 'Create the series of the error statuses at 0 when the route becomes known.',
  'no-bound-at-objective': 'Add the objective to the buckets, and query the share over it.',
  'top-bucket-low': 'Add a bucket at the objective, and some above it: at twice and four times.',
  milliseconds: 'Observe seconds, in a metric whose name ends in _seconds.',
  'path-as-label': 'Use the pattern of the route, such as /items/:id, which the framework knows.',
  'unmatched-paths': 'Give all requests without a route one label, such as (unmatched).',
  'probes-counted': 'Leave probes and scrapes out of the series of users.',
  'unknown-method': 'Count methods that HTTP does not know as one, such as _OTHER.',
  'unbounded-label': 'Leave the label out, or make it one of a few values; put the rest into logs and traces.',
  'many-series': 'Drop labels, or routes that no query reads: each series costs memory in each pod and in Prometheus.',
  'counter-decreased': 'Never set a counter back; only a new process starts at 0.',
  'series-vanished': 'Never remove a series while the process lives, as registry.resetMetrics() and remove() do.',
  'two-processes': 'Scrape each process at its own address; in a cluster, aggregate the workers.',
} as const;

export type ExpositionRule = keyof typeof REPAIRS;

export const EXPOSITION_RULES = Object.keys(REPAIRS) as readonly ExpositionRule[];

/** Returns the finding of a rule, with its repair. */
export function createFinding(
  rule: ExpositionRule,
  severity: Finding['severity'],
  line: number,
  message: string,
): Finding {
  return { rule, severity, message, repair: REPAIRS[rule], line };
}
