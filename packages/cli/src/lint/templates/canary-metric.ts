import { isBuiltin } from '../../controllers/flagger/builtin.js';
import { boundsOf, METRIC_INTERVAL } from '../../controllers/flagger/canary.js';
import { templateOf } from '../../controllers/flagger/references.js';
import type { SourceObject } from '../../controllers/objects.js';
import { secondsIn } from '../../go/duration.js';
import { seconds } from '../../queries/series.js';
import type { Report, Setting } from './findings.js';
import { reportInvalidDuration } from './invalid-duration.js';
import { lintFlaggerQuery } from './metric-template.js';
import type { MetricUse } from './metric-use.js';

/** The fields of a Canary that are linted. */
export interface CanarySpec {
  readonly provider?: string;
  readonly metricsServer?: string;
  readonly skipAnalysis?: boolean;
  readonly targetRef?: { readonly kind?: string; readonly name?: string };
  readonly analysis?: Analysis;
  readonly canaryAnalysis?: Analysis;
}

/** The analysis of a Canary. */
export interface Analysis {
  readonly interval?: string;
  readonly threshold?: number;
  readonly stepWeight?: number;
  readonly stepWeights?: readonly number[];
  readonly iterations?: number;
  readonly metrics?: readonly MetricUse['metric'][];
}

/** Lints a metric of a Canary, together with the MetricTemplates. */
export function lintCanaryMetric(
  use: MetricUse,
  spec: CanarySpec,
  templates: readonly SourceObject[],
  setting: Setting,
): void {
  const { canary, path, metric, analysisSeconds } = use;
  const { report } = setting;
  const { name = '', thresholdRange, threshold, templateRef, interval, query } = metric;
  const at = (field?: string): ReturnType<SourceObject['at']> =>
    canary.at(field === undefined ? path : [...path, field]);
  const isOwn = templateRef !== undefined || (query ?? '') !== '';
  lintBounds(use, setting);
  if (isBuiltin(name) && isOwn) {
    report(
      'builtin-name',
      at('name'),
      `Flagger has a check named ${name}, and runs it in addition to this one, with the same bounds`,
      `name: custom-${name}`,
    );
  }
  const { max } = boundsOf(metric, isBuiltin(name) ? name : undefined);
  const written = thresholdRange === undefined ? threshold : thresholdRange.max;
  if (!isOwn && name === 'request-duration' && written !== undefined && max !== written) {
    report(
      'fractional-milliseconds',
      canary.at(thresholdRange === undefined ? [...path, 'threshold'] : [...path, 'thresholdRange', 'max']),
      `the bound is in whole milliseconds: ${written} becomes ${max}`,
      `${thresholdRange === undefined ? 'threshold' : 'max'}: ${written < 10 ? Math.round(1000 * written) : Math.round(written)}`,
      max === 0 ? 'error' : 'warning',
    );
  }
  const window = secondsIn(interval ?? METRIC_INTERVAL);
  if (interval !== undefined && Number.isNaN(window)) {
    const [consequence, repair] = ['the query cannot be sent', `interval: ${METRIC_INTERVAL}`];
    reportInvalidDuration({ object: canary, path: [...path, 'interval'], text: interval, consequence, repair }, report);
  }
  if (interval !== undefined && window > analysisSeconds) {
    report(
      'metric-interval',
      at('interval'),
      `it looks back ${interval}, but the weight changes every ${seconds(analysisSeconds)}: it also judges earlier weights`,
      `interval: ${seconds(analysisSeconds)}`,
    );
  }
  if (query !== undefined && query !== '') lintFlaggerQuery(canary, [...path, 'query'], query, [use], setting);
  if (templateRef !== undefined) lintReference(use, templates, setting);
  if (isOwn) return;
  if (!isBuiltin(name)) {
    const message = `${name} has no templateRef, and is not one of request-success-rate, request-duration: every check fails`;
    return report('unknown-check', at(), message, `templateRef: { name: ${name} }`);
  }
  lintBuiltinWindow(use, window, setting);
  if (!/^(?:kubernetes|gatewayapi)/.test(spec.provider ?? '')) return;
  report(
    'builtin-labels',
    at(),
    `the check queries http_request_duration_seconds with the labels status, kubernetes_namespace and kubernetes_pod_name: if the app uses status_code, or the scrape namespace and pod, there are no values`,
    "give the app `names: { labels: { status_code: 'status' } }`, and relabel namespace and pod to kubernetes_namespace and kubernetes_pod_name; or use a MetricTemplate",
  );
  if (spec.targetRef?.kind === 'DaemonSet') {
    report(
      'daemonset-target',
      at(),
      'the check looks for pods with two suffixes: in a DaemonSet only pods of the primary have two, so the canary is never judged',
      'use a MetricTemplate that selects the pods by their app label: app="{{ target }}"',
    );
  }
}

/** Lints the window of a built-in check, which is the interval of the metric. */
function lintBuiltinWindow(
  { canary, path, metric }: MetricUse,
  window: number,
  { report, scrapeSeconds }: Setting,
): void {
  if (!(window < 2 * scrapeSeconds)) return;
  report(
    'short-window',
    canary.at(metric.interval === undefined ? path : [...path, 'interval']),
    `${seconds(window)} contain fewer than two scrapes at one each ${seconds(scrapeSeconds)}: the check has no values, and fails`,
    `interval: ${seconds(4 * scrapeSeconds)}`,
  );
}

/** Lints the bounds of a metric. */
function lintBounds({ canary, path, metric }: MetricUse, { report }: Setting): void {
  const { name = '', thresholdRange, threshold = 0 } = metric;
  const isSuccess = name === 'request-success-rate';
  const repair = `thresholdRange: ${isSuccess ? '{ min: 99 }' : name === 'request-duration' ? '{ max: 500 }' : '{ max: 1 }'}`;
  if (thresholdRange === undefined && threshold === 0) {
    report(
      'no-threshold-range',
      canary.at(path),
      isSuccess
        ? 'without thresholdRange the old threshold of 0 applies: every success rate passes'
        : 'without thresholdRange the old threshold of 0 applies: any number above it is a failure',
      repair,
    );
  } else if (thresholdRange !== undefined && thresholdRange.min === undefined && thresholdRange.max === undefined) {
    const message = 'thresholdRange has neither min nor max: every number passes';
    report('no-threshold-range', canary.at(path), message, repair);
  } else {
    lintVerdicts({ canary, path, metric }, repair, report);
  }
}

// What the built-in checks measure of requests that all succeed, and of requests of which half fail: a share of 100.
const ALL_SUCCEED = 100;
const HALF_FAIL = 50;
// The milliseconds of a fast request.
const FAST = 1;

/** Lints bounds that no number fits, and bounds that a built-in check compares with another number than was meant. */
function lintVerdicts(
  { canary, path, metric }: Pick<MetricUse, 'canary' | 'path' | 'metric'>,
  repair: string,
  report: Report,
): void {
  const { name = '', templateRef, query = '', thresholdRange } = metric;
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = boundsOf(
    metric,
    isBuiltin(name) ? name : undefined,
  );
  const place = canary.at([...path, thresholdRange === undefined ? 'threshold' : 'thresholdRange']);
  const passes = (value: number): boolean => value >= min && value <= max;
  if (min > max) {
    report('condemns-health', place, `min is ${min} and max is ${max}: every number is a failure`, repair);
  } else if (templateRef !== undefined || query !== '') {
    return;
  } else if (name === 'request-success-rate') {
    if (!passes(ALL_SUCCEED)) {
      const message =
        'the check returns a percentage of successes: if every request succeeds, the result is 100, which is a failure';
      report('condemns-health', place, message, repair);
    } else if (passes(HALF_FAIL)) {
      const message =
        'the check returns a percentage of successes: if half of all requests fail, the result is 50, which passes';
      report('accepts-failure', place, message, repair);
    }
  } else if (name === 'request-duration' && min > FAST) {
    report('condemns-health', place, `a request within ${min} ms is a failure: write the bound as max`, repair);
  }
}

/** Lints the template that a metric names. */
function lintReference(
  { canary, path, metric }: MetricUse,
  templates: readonly SourceObject[],
  { report }: Setting,
): void {
  const { templateRef = {} } = metric;
  // A reference without a name is reported as incomplete.
  if ((templateRef.name ?? '') === '') return;
  if (templateOf(templateRef, canary.namespace, templates) !== undefined) return;
  const place = canary.at([...path, 'templateRef']);
  const elsewhere = templates.find((template) => template.name === templateRef.name);
  if (elsewhere === undefined) {
    return report(
      'missing-template',
      place,
      `there is no MetricTemplate ${templateRef.name} in these files: unless it is in the cluster, every check fails`,
      templates.length === 1
        ? `name: ${templates[0]?.name}`
        : 'lint it together with the Canary, or name an existing one',
    );
  }
  report(
    'wrong-namespace',
    place,
    `${templateRef.name} is in the namespace ${elsewhere.namespace}, but Flagger looks for it in ${templateRef.namespace || canary.namespace}: every check fails`,
    `namespace: ${elsewhere.namespace}`,
  );
}
