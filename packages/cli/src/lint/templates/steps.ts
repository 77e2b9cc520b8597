import type { ResolvedRun, TemplateSpec } from '../../controllers/argo/runs.js';
import type { SourceObject } from '../../controllers/objects.js';
import { has, listAt, numberAt, textAt, valueAt } from '../../controllers/read.js';
import type { Report } from './findings.js';

const STEPS = ['spec', 'strategy', 'canary', 'steps'] as const;

/** Lints whether the experiments in the steps of a Rollout come to an end. */
export function lintExperiments(object: SourceObject, report: Report): void {
  for (const [i, step] of listAt(object.written, ...STEPS).entries()) {
    if (!has(step, 'experiment') || textAt(step, 'experiment', 'duration') !== '') continue;
    const analyses = listAt(step, 'experiment', 'analyses');
    if (analyses.some((analysis) => valueAt(analysis, 'requiredForCompletion') === true)) continue;
    report(
      'endless-step',
      object.keyAt([...STEPS, i, 'experiment']),
      'the experiment has neither a duration nor an analysis with requiredForCompletion: the step ends only if somebody terminates the experiment, or if an analysis fails',
      'duration: 10m',
      'warning',
    );
  }
}

/** Lints whether a step measures the canary before a step creates its pods. */
export function lintBeforePods({ object, path, args, templates }: ResolvedRun, report: Report): void {
  const index = Number(path[STEPS.length]);
  const before = listAt(object.written, ...STEPS).slice(0, index);
  const hasPods = before.some(
    (step) => (numberAt(step, 'setWeight') ?? 0) > 0 || has(step, 'setCanaryScale') || has(step, 'plugin'),
  );
  const asksCanary = args.some(({ valueFrom }) => textAt(valueFrom, 'podTemplateHashValue') === 'Latest');
  const metrics = templates.flatMap(({ spec }) => (spec as TemplateSpec).metrics ?? []);
  if (hasPods || !asksCanary || metrics.every(({ provider }) => provider?.prometheus === undefined)) return;
  report(
    'background-from-start',
    object.at(path),
    'no step before this one creates a pod of the canary, so there is nothing to measure yet',
    'write a step with setWeight before it',
  );
}
