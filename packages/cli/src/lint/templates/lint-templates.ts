import { objectOption, secondsOption } from '@coalmine/options';
import { KINDS } from '../../analyze/argo/template.js';
import type { Finding } from '../finding.js';
import { lintArgoTemplate } from './analysis-template.js';
import { lintCanary, metricsOf } from './canary.js';
import { lintMetricTemplate } from './metric-template.js';
import { lintRefusals } from './refusals.js';
import { lintRollout, usesIn } from './rollout.js';
import { createFindings, type Setting } from './rules.js';
import { CANARY, METRIC_TEMPLATE, ROLLOUT, type Shape, shapedAs, TEMPLATE } from './shape.js';
import { objectsIn, type SourceFile, type SourceObject } from './source.js';

/** What templates are linted with. */
export interface TemplateOptions {
  /** Seconds between two scrapes. @defaultValue `15` */
  readonly scrapeSeconds?: number;
  /** Seconds that a pod takes to become ready. @defaultValue `60` */
  readonly startSeconds?: number;
}

/**
 * What is wrong with the templates in files of YAML: AnalysisTemplate, ClusterAnalysisTemplate, AnalysisRun and Rollout of
 * Argo Rollouts, MetricTemplate and Canary of Flagger. Objects of other kinds are passed over. A Rollout is held against
 * the AnalysisTemplates in any of the files, a Canary against the MetricTemplates. Throws `InvalidOption`.
 */
export function lintTemplates(files: readonly SourceFile[], options: TemplateOptions = {}): readonly Finding[] {
  const given = objectOption('lint', options, ['scrapeSeconds', 'startSeconds']);
  const scrapeSeconds = secondsOption('scrapeSeconds', given.scrapeSeconds, 15);
  const startSeconds = secondsOption('startSeconds', given.startSeconds, 60);
  const findings = createFindings();
  const setting: Setting = { scrapeSeconds, startSeconds, report: findings.report };
  const { objects, errors } = objectsIn(files);
  for (const { message, ...place } of errors) {
    findings.report(
      'yaml-syntax',
      place,
      `it is no YAML: ${message}`,
      'correct it; nothing of the document was looked at',
    );
  }
  const ofKind = (shape: Shape, ...kinds: readonly string[]): readonly SourceObject[] =>
    objects.filter(({ kind }) => kinds.includes(kind)).map((object) => shapedAs(object, shape));
  const analyses = ofKind(TEMPLATE, ...KINDS);
  const rollouts = ofKind(ROLLOUT, 'Rollout');
  const uses = rollouts.flatMap(usesIn);
  for (const template of analyses) {
    lintArgoTemplate(
      template,
      uses.filter((use) => use.template === template.name),
      setting,
    );
  }
  for (const rollout of rollouts) lintRollout(rollout, analyses, setting);

  const metricTemplates = ofKind(METRIC_TEMPLATE, 'MetricTemplate');
  const canaries = ofKind(CANARY, 'Canary');
  const metrics = canaries.flatMap(metricsOf);
  for (const template of metricTemplates) {
    lintMetricTemplate(
      template,
      metrics.filter(({ metric }) => metric.templateRef?.name === template.name),
      setting,
    );
  }
  for (const canary of canaries) lintCanary(canary, metricTemplates, setting);
  lintRefusals(objects, findings);
  return findings.all();
}
