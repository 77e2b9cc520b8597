import type { Path, SourceObject } from '../objects.js';
import type { Argument } from './arguments.js';
import { type Resolution, resolveReference, type TemplateReference, withNamed } from './references.js';
import type { RawMetric } from './template.js';

/** A rule for metrics whose names it matches. */
interface MetricRule {
  readonly metricName?: string;
}

/** A template of Argo Rollouts, or an AnalysisRun. */
export interface TemplateSpec {
  readonly args?: readonly Argument[];
  readonly metrics?: readonly RawMetric[];
  readonly dryRun?: readonly MetricRule[];
  readonly measurementRetention?: readonly MetricRule[];
  readonly templates?: readonly TemplateReference[];
}

/** A place where templates run as one. */
export interface Run {
  /** The Rollout, the Experiment, or the template that names others. */
  readonly object: SourceObject;
  readonly path: Path;
  readonly role:
    | 'background'
    | 'a step'
    | 'prePromotionAnalysis'
    | 'postPromotionAnalysis'
    | 'an experiment'
    | 'a template of others';
  /** Whether it begins with the rollout, before there is a pod. */
  readonly isFromStart: boolean;
  readonly args: readonly Argument[];
  readonly dryRun: readonly MetricRule[];
  readonly measurementRetention: readonly MetricRule[];
  readonly references: readonly (TemplateReference & { readonly path: Path })[];
}

/** A run with its templates, as far as they are known. */
export interface ResolvedRun extends Run {
  /** Each template once, including the templates that templates name. */
  readonly templates: readonly SourceObject[];
  /** Whether every named template was found. */
  readonly isWhole: boolean;
  /** The references that the controller does not find, or that are not known here. */
  readonly unresolved: readonly {
    readonly reference: Run['references'][number];
    readonly resolution: Exclude<Resolution<SourceObject>, { kind: 'found' }>;
  }[];
}

interface Analysis {
  readonly templates?: readonly TemplateReference[];
  readonly args?: readonly Argument[];
  readonly dryRun?: readonly MetricRule[];
  readonly measurementRetention?: readonly MetricRule[];
  readonly startingStep?: number;
}

interface Experiment extends Pick<Analysis, 'dryRun' | 'measurementRetention'> {
  readonly analyses?: readonly (TemplateReference & Pick<Analysis, 'args'>)[];
}

interface Strategy {
  readonly canary?: {
    readonly analysis?: Analysis;
    readonly steps?: readonly { readonly analysis?: Analysis; readonly experiment?: Experiment }[];
  };
  readonly blueGreen?: { readonly prePromotionAnalysis?: Analysis; readonly postPromotionAnalysis?: Analysis };
}

/**
 * Returns the analyses of a Rollout or an Experiment, or the combination of a template and the templates that it names.
 */
export function runsOf(object: SourceObject): readonly Run[] {
  if (object.kind === 'Experiment') return runsOfExperiment(object, object.spec as Experiment, ['spec']);
  if (object.kind !== 'Rollout') return runsOfTemplate(object);
  const { canary, blueGreen } = (object.spec as { readonly strategy?: Strategy }).strategy ?? {};
  const path = (...keys: Path): Path => ['spec', 'strategy', ...keys];
  return [
    ...runOf(object, canary?.analysis, path('canary', 'analysis'), 'background'),
    ...(canary?.steps ?? []).flatMap(({ analysis, experiment = {} }, i) => [
      ...runOf(object, analysis, path('canary', 'steps', i, 'analysis'), 'a step'),
      ...runsOfExperiment(object, experiment, path('canary', 'steps', i, 'experiment')),
    ]),
    ...(['prePromotionAnalysis', 'postPromotionAnalysis'] as const).flatMap((role) =>
      runOf(object, blueGreen?.[role], path('blueGreen', role), role),
    ),
  ];
}

function runsOfTemplate(object: SourceObject): readonly Run[] {
  const { templates, ...spec } = object.spec as TemplateSpec;
  return templates === undefined ? [] : runOf(object, { ...spec, templates }, ['spec'], 'a template of others');
}

function runOf(object: SourceObject, analysis: Analysis | undefined, path: Path, role: Run['role']): readonly Run[] {
  if (analysis === undefined) return [];
  const { templates = [], args = [], dryRun = [], measurementRetention = [], startingStep = 0 } = analysis;
  const references = templates.map((reference, i) => ({
    ...reference,
    path: [...path, 'templates', i, 'templateName'],
  }));
  const isFromStart = role === 'background' && startingStep === 0;
  return [{ object, path, role, isFromStart, args, dryRun, measurementRetention, references }];
}

function runsOfExperiment(
  object: SourceObject,
  { analyses = [], dryRun = [], measurementRetention = [] }: Experiment,
  outer: Path,
): readonly Run[] {
  return analyses.map(({ args = [], ...reference }, i) => {
    const path = [...outer, 'analyses', i];
    const references = [{ ...reference, path: [...path, 'templateName'] }];
    return { object, path, role: 'an experiment', isFromStart: false, args, dryRun, measurementRetention, references };
  });
}

/** Finds the templates of a run, and the templates that these name. */
export function resolveRun(run: Run, templates: readonly SourceObject[]): ResolvedRun {
  const { object, role, references } = run;
  // The namespace of a template for the whole cluster depends on the object that names it.
  const namespace = object.kind === 'ClusterAnalysisTemplate' ? undefined : object.namespace;
  const resolved = references.map((reference) => ({
    reference,
    resolution: resolveReference(reference, namespace, templates),
  }));
  const named = resolved.flatMap(({ resolution }) => (resolution.kind === 'found' ? [resolution.template] : []));
  let isWhole = named.length === resolved.length;
  const all = withNamed(role === 'a template of others' ? [object, ...named] : named, templates, {
    referencesOf: ({ spec }) => (spec as TemplateSpec).templates ?? [],
    namespaceOf: () => namespace,
    missing: () => {
      isWhole = false;
    },
  });
  const unresolved = resolved.flatMap(({ reference, resolution }) =>
    resolution.kind === 'found' ? [] : [{ reference, resolution }],
  );
  return { ...run, templates: all, isWhole, unresolved };
}

/** Whether a template names itself, directly or through others: Argo Rollouts then follows the names without end. */
export function isCircular(template: SourceObject, templates: readonly SourceObject[]): boolean {
  const reached = new Set([template]);
  // The loop also visits elements that are added on the way.
  for (const { spec } of reached) {
    for (const reference of (spec as TemplateSpec).templates ?? []) {
      const resolution = resolveReference(reference, template.namespace, templates);
      if (resolution.kind !== 'found') continue;
      if (resolution.template === template) return true;
      reached.add(resolution.template);
    }
  }
  return false;
}
