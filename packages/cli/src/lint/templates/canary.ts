import { seconds } from '../../queries/series.js';
import { type Analysis, type CanarySpec, lintCanaryMetric } from './canary-metric.js';
import { secondsIn } from './duration.js';
import type { MetricUse } from './metric-use.js';
import type { Setting } from './rules.js';
import type { Path, SourceObject } from './source.js';

// What Flagger takes where nothing is said.
const INTERVAL = '60s';

const LEAST_INTERVAL_SECONDS = 10;

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
  if (Number.isNaN(every)) {
    report('invalid-duration', place, `${interval} is no duration: the Canary is refused`, `interval: ${settled}`);
  } else if (every < LEAST_INTERVAL_SECONDS) {
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
