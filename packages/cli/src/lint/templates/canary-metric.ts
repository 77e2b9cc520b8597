import { seconds } from '../../queries/series.js';
import { secondsIn } from './duration.js';
import { lintFlaggerQuery } from './metric-template.js';
import { METRIC_INTERVAL, type Metric, type MetricUse } from './metric-use.js';
import type { Setting } from './rules.js';
import type { SourceObject } from './source.js';

/** A Canary, as far as it is looked at. */
export interface CanarySpec {
  readonly provider?: string;
  readonly skipAnalysis?: boolean;
  readonly targetRef?: { readonly kind?: string; readonly name?: string };
  readonly analysis?: Analysis;
  readonly canaryAnalysis?: Analysis;
}

/** How a Canary is judged. */
export interface Analysis {
  readonly interval?: string;
  readonly threshold?: number;
  readonly stepWeight?: number;
  readonly stepWeights?: readonly number[];
  readonly iterations?: number;
  readonly metrics?: readonly Metric[];
}

const BUILTINS: readonly string[] = ['request-success-rate', 'request-duration'];

/** Lints a metric of a Canary, by the MetricTemplates that there are. */
export function lintCanaryMetric(
  use: MetricUse,
  spec: CanarySpec,
  templates: readonly SourceObject[],
  setting: Setting,
): void {
  const { canary, path, metric, analysisSeconds } = use;
  const { report } = setting;
  const { name = '', thresholdRange, templateRef, interval, query } = metric;
  const at = (field?: string): ReturnType<SourceObject['at']> =>
    canary.at(field === undefined ? path : [...path, field]);
  const isBuiltin = templateRef === undefined && query === undefined;
  if (thresholdRange === undefined) {
    report(
      'no-threshold-range',
      at(),
      name === 'request-success-rate'
        ? 'without thresholdRange the old threshold of 0 stands: every success rate passes'
        : 'without thresholdRange the old threshold of 0 stands: any number above it is a failure',
      `thresholdRange: ${name === 'request-success-rate' ? '{ min: 99 }' : name === 'request-duration' ? '{ max: 500 }' : '{ max: 1 }'}`,
    );
  }
  const max = thresholdRange?.max;
  if (isBuiltin && name === 'request-duration' && max !== undefined && !Number.isInteger(max)) {
    report(
      'fractional-milliseconds',
      canary.at([...path, 'thresholdRange', 'max']),
      `the bound is whole milliseconds: ${max} becomes ${Math.trunc(max)}`,
      `max: ${max < 10 ? Math.round(1000 * max) : Math.round(max)}`,
    );
  }
  const window = secondsIn(interval ?? METRIC_INTERVAL);
  if (interval !== undefined && Number.isNaN(window)) {
    const message = `${interval} is no duration: the query cannot be asked`;
    report('invalid-duration', at('interval'), message, `interval: ${METRIC_INTERVAL}`);
  }
  if (interval !== undefined && window > analysisSeconds) {
    report(
      'metric-interval',
      at('interval'),
      `it looks back ${interval}, and the weight changes every ${seconds(analysisSeconds)}: it judges the weights before as well`,
      `interval: ${seconds(analysisSeconds)}`,
    );
  }
  if (query !== undefined) lintFlaggerQuery(canary, [...path, 'query'], query, [use], setting);
  if (templateRef !== undefined && !templates.some((template) => template.name === templateRef.name)) {
    report(
      'missing-template',
      canary.at([...path, 'templateRef']),
      `there is no MetricTemplate ${templateRef.name} in these files: unless it is in the cluster, every check fails`,
      templates.length === 1 ? `name: ${templates[0]?.name}` : 'lint it with the Canary, or name one that is there',
    );
  }
  if (!isBuiltin) return;
  if (!BUILTINS.includes(name)) {
    const message = `${name} has no templateRef, and is not one of ${BUILTINS.join(', ')}: every check fails`;
    return report('unknown-check', at(), message, `templateRef: { name: ${name} }`);
  }
  if (!/^(?:kubernetes|gatewayapi)/.test(spec.provider ?? '')) return;
  report(
    'builtin-labels',
    at(),
    `the check asks for http_request_duration_seconds with the labels status, kubernetes_namespace and kubernetes_pod_name: where the app says status_code, or the scrape namespace and pod, there are no values`,
    "give the app `names: { labels: { status_code: 'status' } }`, and relabel namespace and pod to kubernetes_namespace and kubernetes_pod_name; or use a MetricTemplate",
  );
  if (spec.targetRef?.kind === 'DaemonSet') {
    report(
      'daemonset-target',
      at(),
      'the check looks for pods with two suffixes: of a DaemonSet those are of the primary, so that the canary is never judged',
      'use a MetricTemplate that asks for the pods by their app label: app="{{ target }}"',
    );
  }
}
