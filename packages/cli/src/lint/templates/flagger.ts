import { judged } from '../../analyze/flagger/run.js';
import type { Answer } from '../../analyze/prometheus.js';
import { seconds } from '../../queries/series.js';
import { secondsIn } from './duration.js';
import { isMatch } from './outcome.js';
import type { Matcher } from './promql.js';
import { lintQuery, windowsIn } from './query-rules.js';
import type { QueryUse } from './query-use.js';
import type { Setting } from './rules.js';
import type { Path, SourceObject } from './source.js';

export interface CanarySpec {
  readonly provider?: string;
  readonly skipAnalysis?: boolean;
  readonly targetRef?: { readonly kind?: string; readonly name?: string };
  readonly analysis?: Analysis;
  readonly canaryAnalysis?: Analysis;
}

interface Analysis {
  readonly interval?: string;
  readonly threshold?: number;
  readonly stepWeight?: number;
  readonly stepWeights?: readonly number[];
  readonly iterations?: number;
  readonly metrics?: readonly Metric[];
}

interface Metric {
  readonly name?: string;
  readonly interval?: string;
  readonly thresholdRange?: { readonly min?: number; readonly max?: number };
  readonly templateRef?: { readonly name?: string };
  readonly templateVariables?: Readonly<Record<string, unknown>>;
  readonly query?: string;
}

/** A metric of a Canary. */
export interface MetricUse {
  readonly canary: SourceObject;
  readonly path: Path;
  readonly metric: Metric;
  readonly analysisSeconds: number;
}

// What Flagger takes where nothing is said.
const INTERVAL = '60s';
const METRIC_INTERVAL = '1m';
const LEAST_INTERVAL_SECONDS = 10;
const BUILTINS: readonly string[] = ['request-success-rate', 'request-duration'];

function analysisOf({ spec }: SourceObject): { readonly analysis: Analysis; readonly path: Path } {
  const { analysis, canaryAnalysis } = spec as CanarySpec;
  return analysis === undefined && canaryAnalysis !== undefined
    ? { analysis: canaryAnalysis, path: ['spec', 'canaryAnalysis'] }
    : { analysis: analysis ?? {}, path: ['spec', 'analysis'] };
}

/** The metrics of a Canary. */
export function metricsOf(canary: SourceObject): readonly MetricUse[] {
  const { analysis, path } = analysisOf(canary);
  return (analysis.metrics ?? []).map((metric, i) => ({
    canary,
    path: [...path, 'metrics', i],
    metric,
    analysisSeconds: Math.max(LEAST_INTERVAL_SECONDS, secondsIn(analysis.interval ?? INTERVAL)),
  }));
}

/** Lints a Canary of Flagger, by the MetricTemplates that it names. */
export function lintCanary(canary: SourceObject, templates: readonly SourceObject[], setting: Setting): void {
  const { report, scrapeSeconds } = setting;
  const { analysis, path } = analysisOf(canary);
  const spec = canary.spec as CanarySpec;
  const { interval = INTERVAL, threshold = 0, stepWeight, stepWeights, iterations } = analysis;
  if (spec.skipAnalysis === true) {
    const message = 'skipAnalysis promotes whatever comes up: no metric is asked';
    report('skips-analysis', canary.at(['spec', 'skipAnalysis']), message, 'skipAnalysis: false');
  }
  if (
    stepWeight === undefined &&
    stepWeights === undefined &&
    iterations === undefined &&
    spec.provider !== 'kubernetes'
  ) {
    const message = 'there is neither stepWeight nor iterations: the canary is given no weight that could be judged';
    report('no-weights', canary.at(path), message, 'stepWeights: [5, 20, 50]');
  }
  if (threshold <= 1) {
    report(
      'one-failed-check',
      canary.at(analysis.threshold === undefined ? path : [...path, 'threshold']),
      'the first check that fails rolls back; failed checks are counted over the whole release, and never forgotten',
      'threshold: 2',
    );
  }
  const every = secondsIn(interval);
  const settled = seconds(60 + 2 * scrapeSeconds);
  const place = canary.at(analysis.interval === undefined ? path : [...path, 'interval']);
  if (every < LEAST_INTERVAL_SECONDS) {
    report('interval-below-floor', place, `Flagger makes 10 s of ${interval}`, `interval: ${settled}`);
  } else if (every < 2 * scrapeSeconds) {
    report(
      'first-check-too-early',
      place,
      `the first check comes ${seconds(every)} after the first request, before two scrapes, each ${seconds(scrapeSeconds)}: "no values found", a failed check`,
      `interval: ${settled}`,
    );
  }
  for (const use of metricsOf(canary)) lintCanaryMetric(use, spec, templates, setting);
}

function lintCanaryMetric(
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

/** Lints a MetricTemplate, by the Canaries that use it. */
export function lintMetricTemplate(template: SourceObject, uses: readonly MetricUse[], setting: Setting): void {
  const { query, provider } = template.spec as { query?: unknown; provider?: { type?: string } };
  if (typeof query !== 'string' || (provider?.type ?? 'prometheus') !== 'prometheus') return;
  lintFlaggerQuery(template, ['spec', 'query'], query, uses, setting);
}

const FUNCTIONS: readonly string[] = ['name', 'namespace', 'target', 'service', 'ingress', 'route', 'interval'];

function lintFlaggerQuery(
  object: SourceObject,
  path: Path,
  source: string,
  uses: readonly MetricUse[],
  { report, scrapeSeconds }: Setting,
): void {
  for (const { 1: action = '', index } of source.matchAll(/\{\{-?\s*(.*?)\s*-?\}\}/g)) {
    const [, variable] = /^variables\.(\w+)$/.exec(action) ?? [];
    if (variable === undefined && !FUNCTIONS.includes(action)) {
      report(
        'foreign-placeholder',
        object.within(path, index),
        `{{ ${action} }} cannot be rendered: every check fails`,
        `write one of ${FUNCTIONS.map((name) => `{{ ${name} }}`).join(', ')}, {{ variables.<name> }}`,
      );
    }
    const lacking = uses.find(
      ({ metric }) => variable !== undefined && metric.templateVariables?.[variable] === undefined,
    );
    if (lacking !== undefined) {
      report(
        'missing-variable',
        lacking.canary.at(lacking.path),
        `the template asks for variables.${variable}, which is not given: every check fails`,
        `templateVariables: { ${variable}: … }`,
      );
    }
  }
  for (const use of uses.length === 0 ? [undefined] : uses) {
    const { min, max } = use?.metric.thresholdRange ?? {};
    const bounds = { name: '', address: undefined, query: '', isDuration: false, min, max };
    const isJudged = min !== undefined || max !== undefined;
    const interval = use?.metric.interval ?? METRIC_INTERVAL;
    lintQuery({
      controller: 'flagger',
      object,
      path,
      source,
      values: { interval },
      report,
      scrapeSeconds,
      ...(isJudged ? { judge: (answer: Answer) => judged(bounds, answer).phase } : {}),
      ...(max === undefined && min === undefined ? {} : { threshold: max ?? min ?? 0 }),
      also(query) {
        lintFixedWindow(query, use);
        lintSiblings(query);
      },
    });
  }
}

function lintFixedWindow({ query, say }: QueryUse, use: MetricUse | undefined): void {
  const windows = windowsIn(query).filter(({ isFixed }) => isFixed);
  const isFollowed = /\{\{-?\s*interval/.test(query.source);
  const longer = windows.find(({ seconds }) => use === undefined || seconds > use.analysisSeconds);
  const found = longer ?? (use?.metric.interval === undefined || isFollowed ? undefined : windows[0]);
  if (found === undefined) return;
  const edits = windows.flatMap(({ part }) =>
    part.kind === 'selector' && part.range !== undefined ? [{ ...part.range, text: '{{ interval }}' }] : [],
  );
  say(
    'fixed-window',
    found.part,
    `the window is ${seconds(found.seconds)} whatever the interval of the metric says${use === undefined || longer === undefined ? '' : `, and the weight changes every ${seconds(use.analysisSeconds)}`}`,
    `query: ${query.edited(edits)}`,
  );
}

// The letters that Kubernetes makes suffixes of.
const SUFFIX = '[bcdfghjklmnpqrstvwxz2456789]';
const CANARY_POD = 'shop-5f6c7d8b9c-x7k2p';
const OTHER_PODS: Readonly<Record<string, string>> = {
  'shop-primary-5f6c7d8b9c-x7k2p': 'the primary',
  'shop-primary-x7k2p': 'the primary of a DaemonSet',
  'shop-worker-5f6c7d8b9c-x7k2p': 'a Deployment whose name begins alike',
  'shop-redis-0': 'a StatefulSet whose name begins alike',
};

function lintSiblings({ query, say }: QueryUse): void {
  const wide = query.parts.flatMap((part) =>
    part.kind === 'selector' ? part.matchers.filter((matcher) => siblingsOf(matcher).length > 0) : [],
  );
  const [first] = wide;
  if (first === undefined) return;
  const edits = wide.map((matcher) => ({
    ...matcher,
    text: `${matcher.label}=~"{{ target }}-${SUFFIX}+-${SUFFIX}{5}"`,
  }));
  say(
    'pods-of-siblings',
    first,
    `beside the pods of the canary it lets those through of ${siblingsOf(first).join(', ')}`,
    `query: ${query.edited(edits)}`,
  );
}

/** Whose pods a matcher takes for the canary's. */
function siblingsOf(matcher: Matcher): readonly string[] {
  if (!/pod/.test(matcher.label) || !matcher.value.includes('{{')) return [];
  const filled = { ...matcher, value: matcher.value.replace(/\{\{.*?\}\}/g, 'shop') };
  if (!isMatch(filled, CANARY_POD)) return [];
  return Object.entries(OTHER_PODS).flatMap(([pod, whose]) => (isMatch(filled, pod) ? [whose] : []));
}
