import { isAskable, withoutQueryPath, withScheme } from '../../controllers/address.js';
import { isExcerpt } from '../../controllers/excerpt.js';
import { isBuiltin } from '../../controllers/flagger/builtin.js';
import { INTERVAL, LEAST_INTERVAL_SECONDS } from '../../controllers/flagger/canary.js';
import type { Path, SourceObject } from '../../controllers/objects.js';
import { has, listAt, mappingAt, numberAt, textAt, valueAt } from '../../controllers/read.js';
import { secondsIn } from '../../go/duration.js';
import { seconds } from '../../queries/series.js';
import { type Analysis, type CanarySpec, lintCanaryMetric } from './canary-metric.js';
import type { Report, Setting } from './findings.js';
import { reportInvalidDuration } from './invalid-duration.js';
import type { MetricUse } from './metric-use.js';

function analysisOf({ spec }: SourceObject): { readonly analysis: Analysis; readonly path: Path } {
  const { analysis, canaryAnalysis } = spec as CanarySpec;
  return analysis === undefined && canaryAnalysis !== undefined
    ? { analysis: canaryAnalysis, path: ['spec', 'canaryAnalysis'] }
    : { analysis: analysis ?? {}, path: ['spec', 'analysis'] };
}

/** Returns the metrics of a Canary. */
export function metricsOf(canary: SourceObject): readonly MetricUse[] {
  const { analysis, path } = analysisOf(canary);
  return (analysis.metrics ?? []).map((metric, i) => ({
    canary,
    path: [...path, 'metrics', i],
    metric,
    analysisSeconds: Math.max(LEAST_INTERVAL_SECONDS, secondsIn(analysis.interval ?? INTERVAL)),
  }));
}

/** Lints a Canary of Flagger, together with the MetricTemplates that it names. */
export function lintCanary(canary: SourceObject, templates: readonly SourceObject[], setting: Setting): void {
  const { report, scrapeSeconds } = setting;
  const { analysis, path } = analysisOf(canary);
  const spec = canary.spec as CanarySpec;
  const isPart = isExcerpt('Canary', canary.written);
  const { interval = INTERVAL, threshold = isPart ? Number.NaN : 0, metrics = [] } = analysis;
  const isAnalysed = spec.analysis !== undefined || spec.canaryAnalysis !== undefined;
  if (spec.skipAnalysis === true || !(isAnalysed || isPart)) {
    const isSkipped = spec.skipAnalysis === true;
    const why = isSkipped ? 'skipAnalysis promotes' : 'there is no analysis, so Flagger promotes';
    report(
      'skips-analysis',
      canary.at(isSkipped ? ['spec', 'skipAnalysis'] : ['spec']),
      `${why} every release: no metric is queried`,
      isSkipped ? 'skipAnalysis: false' : 'give the Canary an analysis, with metrics',
    );
  }
  if (!isAnalysed) return;
  lintAddress(canary, spec, report);
  if (!isPart) {
    lintWeights(canary, path, spec, report);
    lintBlueGreen(canary, path, spec, report);
  }
  const every = secondsIn(interval);
  const settled = seconds(60 + 2 * scrapeSeconds);
  const place = canary.at(analysis.interval === undefined ? path : [...path, 'interval']);
  if (Number.isNaN(every)) {
    const [consequence, repair] = ['the Canary is refused', `interval: ${settled}`];
    reportInvalidDuration({ object: canary, path: [...path, 'interval'], text: interval, consequence, repair }, report);
  } else if (every < LEAST_INTERVAL_SECONDS) {
    report('interval-below-floor', place, `Flagger takes 10 s instead of ${interval}`, `interval: ${settled}`);
  }
  // Without metrics no check fails because of a measurement.
  if (metrics.length === 0) return;
  if (threshold <= 1) {
    report(
      'one-failed-check',
      canary.at(analysis.threshold === undefined ? path : [...path, 'threshold']),
      'the first failed check rolls back; failed checks are counted over the whole release, and the count is never reset',
      'threshold: 2',
    );
  }
  if (every < 2 * scrapeSeconds && every >= LEAST_INTERVAL_SECONDS) {
    const failing = Math.ceil((2 * scrapeSeconds) / every) - 1;
    const isEnough = failing >= Math.max(1, threshold);
    report(
      'first-check-too-early',
      place,
      `the first check comes ${seconds(every)} after the first request, before two scrapes, each ${seconds(scrapeSeconds)}: "no values found", ${isEnough ? `and ${failing === 1 ? 'one failed check rolls' : `${failing} failed checks roll`} back` : 'a failed check, which holds the weight'}`,
      `interval: ${settled}`,
      isEnough ? 'error' : 'warning',
    );
  }
  for (const use of metricsOf(canary)) lintCanaryMetric(use, spec, templates, setting);
}

function lintAddress(canary: SourceObject, { metricsServer = '' }: CanarySpec, report: Report): void {
  const asked = withoutQueryPath(metricsServer);
  if (asked !== undefined) {
    const message = `Flagger adds /api/v1/query to ${metricsServer}: every check of it fails`;
    report('invalid-address', canary.at(['spec', 'metricsServer']), message, `metricsServer: ${asked}`);
  }
  if (metricsServer === '' || isAskable(metricsServer)) return;
  const message = `${metricsServer} is not an address with a scheme and a host: every check of it fails`;
  const repair = `metricsServer: ${withScheme(metricsServer)}`;
  report('invalid-address', canary.at(['spec', 'metricsServer']), message, repair);
}

function lintWeights(canary: SourceObject, path: Path, spec: CanarySpec, report: Report): void {
  // A weight of another type is reported by another rule.
  const written = mappingAt(canary.written, ...path.map(String));
  const isWeighted =
    ['stepWeight', 'iterations'].some((field) => has(written, field)) || listAt(written, 'stepWeights').length > 0;
  if (isWeighted || spec.skipAnalysis === true || spec.provider === 'kubernetes') return;
  const message = 'there is neither stepWeight nor iterations: the canary gets no weight that could be judged';
  report('no-weights', canary.at(path), message, 'stepWeights: [5, 20, 50]');
}

/** Lints whether a built-in check of a Canary that gets no requests of users has requests to look at. */
function lintBlueGreen(canary: SourceObject, path: Path, spec: CanarySpec, report: Report): void {
  const written = mappingAt(canary.written, ...path.map(String));
  const { provider = '' } = spec;
  const isBlueGreen = (numberAt(written, 'iterations') ?? 0) > 0 && listAt(written, 'match').length === 0;
  const isMirrored = valueAt(written, 'mirror') === true && /^(?:istio$|gatewayapi|$)/.test(provider);
  const isTested = listAt(written, 'webhooks').some((webhook) => ['', 'rollout'].includes(textAt(webhook, 'type')));
  const i = listAt(written, 'metrics').findIndex((metric) => isBuiltin(textAt(metric, 'name')));
  const isJudged = spec.skipAnalysis !== true && i >= 0;
  if (!(isBlueGreen || provider === 'kubernetes') || !isJudged || isMirrored || isTested) return;
  report(
    'no-weights',
    canary.at([...path, 'metrics', i]),
    'users reach the canary only after the last check, and no webhook of type rollout sends it requests: if nothing else does, the check has no values, and fails',
    "add a webhook of type rollout that sends requests, such as Flagger's load tester",
    'warning',
  );
}
