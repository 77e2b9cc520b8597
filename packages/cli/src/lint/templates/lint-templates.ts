import { objectOption, secondsOption } from '@coalmine/options';
import { AnalysisError } from '../../analysis-error.js';
import { type ResolvedRun, resolveRun, runsOf } from '../../controllers/argo/runs.js';
import { KINDS } from '../../controllers/argo/template.js';
import { templateOf } from '../../controllers/flagger/references.js';
import { nearestFirstOf } from '../../controllers/nearness.js';
import { isJudged, readObjects, type SourceFile, type SourceObject } from '../../controllers/objects.js';
import { mappingAt } from '../../controllers/read.js';
import { readDescribedRelease } from '../../release/description.js';
import type { Finding } from '../finding.js';
import { lintArgoTemplate } from './analysis-template.js';
import { lintCanary, metricsOf } from './canary.js';
import { createFindings, type Setting } from './findings.js';
import { lintMetricTemplate } from './metric-template.js';
import { lintRefusals } from './refusals.js';
import { lintRun } from './rollout.js';
import { applyShape, CANARY, EXPERIMENT, METRIC_TEMPLATE, ROLLOUT, type Shape, TEMPLATE } from './shape.js';
import { lintExperiments } from './steps.js';

/** The options of the linter for templates. */
export interface TemplateOptions {
  /** Seconds between two scrapes. @defaultValue those of the release that a manifest describes, otherwise `15` */
  readonly scrapeSeconds?: number;
  /** Seconds that a pod takes to become ready. @defaultValue `60` */
  readonly startSeconds?: number;
}

/**
 * Returns what is wrong with the templates in files of YAML: AnalysisTemplate, ClusterAnalysisTemplate, AnalysisRun,
 * Rollout and Experiment of Argo Rollouts, MetricTemplate and Canary of Flagger. Objects of other kinds are ignored. A
 * Rollout is checked against the AnalysisTemplates in all files, a Canary against the MetricTemplates. Throws
 * `InvalidOption`, and `AnalysisError` for aliases or levels without end.
 */
export function lintTemplates(files: readonly SourceFile[], options: TemplateOptions = {}): readonly Finding[] {
  const given = objectOption('lint', options, ['scrapeSeconds', 'startSeconds']);
  const scrapeSeconds = secondsOption('scrapeSeconds', given.scrapeSeconds, 15);
  const startSeconds = secondsOption('startSeconds', given.startSeconds, 60);
  const findings = createFindings();
  const { report } = findings;
  const setting: Setting = { scrapeSeconds, startSeconds, report };
  const settingOf = (...described: readonly SourceObject[]): Setting =>
    given.scrapeSeconds === undefined
      ? { ...setting, scrapeSeconds: describedScrape(described) ?? scrapeSeconds }
      : setting;
  const { objects, unread } = readObjects(files);
  const endless = unread.find(({ kind }) => kind === 'endless');
  if (endless !== undefined)
    throw new AnalysisError(`${endless.file}:${endless.line} cannot be read: ${endless.message}`);
  for (const { kind, message, ...place } of unread) {
    if (kind === 'chart') {
      report(
        'chart-source',
        place,
        `${message}: the document was not linted`,
        'render the chart first: helm template …',
      );
    } else {
      report('yaml-syntax', place, `it is not YAML: ${message}`, 'correct it; the document was not linted');
    }
  }
  const ofKind = (shape: Shape, ...kinds: readonly string[]): readonly SourceObject[] =>
    objects
      .filter((object) => kinds.includes(object.kind) && isJudged(object))
      .map((object) => applyShape(object, shape));
  const analyses = ofKind(TEMPLATE, ...KINDS);
  const rollouts = ofKind(ROLLOUT, 'Rollout');
  const running = [...rollouts, ...ofKind(EXPERIMENT, 'Experiment'), ...analyses];
  const nearestAnalyses = nearestFirstOf(analyses);
  const runs = running.flatMap(runsOf).map((run) => resolveRun(run, nearestAnalyses(run.object)));
  const usesOf = new Map<SourceObject, ResolvedRun[]>(analyses.map((template) => [template, []]));
  for (const run of runs) for (const template of run.templates) usesOf.get(template)?.push(run);
  for (const [template, uses] of usesOf) {
    lintArgoTemplate(template, nearestAnalyses(template), uses, settingOf(template));
  }
  for (const run of runs) lintRun(run, analyses, setting);
  for (const object of rollouts) lintExperiments(object, report);

  const metricTemplates = ofKind(METRIC_TEMPLATE, 'MetricTemplate');
  const canaries = ofKind(CANARY, 'Canary');
  const nearestTemplates = nearestFirstOf(metricTemplates);
  const resolved = canaries.flatMap(metricsOf).map((use) => {
    const { canary, metric } = use;
    return { use, template: templateOf(metric.templateRef, canary.namespace, nearestTemplates(canary)) };
  });
  for (const template of metricTemplates) {
    const uses = resolved.flatMap((each) => (each.template === template ? [each.use] : []));
    lintMetricTemplate(template, uses, settingOf(...uses.map(({ canary }) => canary)));
  }
  for (const canary of canaries) lintCanary(canary, nearestTemplates(canary), settingOf(canary));
  lintRefusals(objects, findings);
  return findings.all();
}

/** Returns the longest time between two scrapes in the releases that objects describe, in seconds. */
function describedScrape(objects: readonly SourceObject[]): number | undefined {
  const seconds = objects.flatMap(({ written }) => {
    const annotations = mappingAt(written, 'metadata', 'annotations');
    return readDescribedRelease(annotations as Readonly<Record<string, string>>)?.analysis.scrapeSeconds ?? [];
  });
  return seconds.length === 0 ? undefined : Math.max(...seconds);
}
