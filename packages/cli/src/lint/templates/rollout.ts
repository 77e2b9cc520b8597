import type { TemplateSpec } from './analysis-template.js';
import type { Setting } from './rules.js';
import type { Path, SourceObject } from './source.js';

/** Where a Rollout runs a template. */
export interface TemplateUse {
  /** The Rollout. */
  readonly object: SourceObject;
  readonly path: Path;
  readonly template: string;
  readonly role: 'background' | 'a step' | 'prePromotionAnalysis' | 'postPromotionAnalysis';
  /** Whether it begins with the rollout, before there is a pod. */
  readonly isFromStart: boolean;
  readonly args: readonly Argument[];
}

interface Argument {
  readonly name?: string;
  readonly value?: unknown;
  readonly valueFrom?: unknown;
}

interface Analysis {
  readonly templates?: readonly { readonly templateName?: string }[];
  readonly args?: readonly Argument[];
  readonly startingStep?: number;
}

interface Spec {
  readonly strategy?: {
    readonly canary?: { readonly analysis?: Analysis; readonly steps?: readonly { readonly analysis?: Analysis }[] };
    readonly blueGreen?: { readonly prePromotionAnalysis?: Analysis; readonly postPromotionAnalysis?: Analysis };
  };
}

interface Run {
  readonly analysis: Analysis;
  readonly path: Path;
  readonly role: TemplateUse['role'];
}

/** The analyses of a Rollout. */
function runsOf({ spec }: SourceObject): readonly Run[] {
  const { canary, blueGreen } = (spec as Spec).strategy ?? {};
  const [ofCanary, ofBlueGreen] = [
    ['spec', 'strategy', 'canary'],
    ['spec', 'strategy', 'blueGreen'],
  ];
  const run = (analysis: Analysis | undefined, path: Path, role: Run['role']): readonly Run[] =>
    analysis === undefined ? [] : [{ analysis, path, role }];
  return [
    ...run(canary?.analysis, [...ofCanary, 'analysis'], 'background'),
    ...(canary?.steps ?? []).flatMap((step, i) => run(step.analysis, [...ofCanary, 'steps', i, 'analysis'], 'a step')),
    ...(['prePromotionAnalysis', 'postPromotionAnalysis'] as const).flatMap((role) =>
      run(blueGreen?.[role], [...ofBlueGreen, role], role),
    ),
  ];
}

/** Where a Rollout runs which templates. */
export function usesIn(object: SourceObject): readonly TemplateUse[] {
  return runsOf(object).flatMap(({ analysis, path, role }) =>
    (analysis.templates ?? []).map(({ templateName = '' }, i) => ({
      object,
      path: [...path, 'templates', i, 'templateName'],
      template: templateName,
      role,
      isFromStart: (analysis.startingStep ?? 0) === 0,
      args: analysis.args ?? [],
    })),
  );
}

/** Lints a Rollout, by the templates that it runs. */
export function lintRollout(object: SourceObject, templates: readonly SourceObject[], setting: Setting): void {
  for (const { template, path } of usesIn(object)) {
    if (template === '' || templates.some(({ name }) => name === template)) continue;
    setting.report(
      'missing-template',
      object.at(path),
      `there is no template ${template} in these files: unless it is in the cluster, the rollout is an error`,
      templates.length === 1
        ? `templateName: ${templates[0]?.name}`
        : 'lint it with the Rollout, or name one that is there',
    );
  }
  for (const run of runsOf(object)) {
    const specs = (run.analysis.templates ?? []).flatMap(({ templateName }) =>
      templates.filter(({ name }) => name === templateName).map(({ spec }) => spec as TemplateSpec),
    );
    lintGiven(object, run, specs, setting);
    lintTogether(object, run, specs, setting);
  }
}

/** Holds the arguments that a run is given against those that its templates take. */
function lintGiven(
  object: SourceObject,
  { analysis: { args = [] }, path }: Run,
  specs: readonly TemplateSpec[],
  { report }: Setting,
): void {
  const declared = specs.flatMap((spec) => spec.args ?? []);
  for (const [i, { name = '', value, valueFrom }] of args.entries()) {
    const place = object.at([...path, 'args', i]);
    if (value === undefined && valueFrom === undefined) {
      report(
        'empty-argument',
        place,
        `${name} has neither value nor valueFrom: it is an empty text, and the query matches nothing`,
        `valueFrom: { podTemplateHashValue: ${/stable/i.test(name) ? 'Stable' : 'Latest'} }`,
      );
    }
    if (specs.length > 0 && !declared.some((arg) => arg.name === name)) {
      const message = `no template declares ${name}: it is dropped without a word`;
      report('dropped-argument', place, message, `declare it in spec.args of the template: - name: ${name}`);
    }
  }
  for (const { name = '', value, valueFrom } of declared) {
    if (value !== undefined || valueFrom !== undefined || args.some((arg) => arg.name === name)) continue;
    report(
      'unset-argument',
      object.at([...path, 'templates']),
      `args.${name} has no default and is not given: it is not resolved, and the run is an Error`,
      `give it in args of the analysis: - { name: ${name}, value: … }`,
    );
  }
}

/** Lints what the templates of a run are together. */
function lintTogether(
  object: SourceObject,
  { analysis, path, role }: Run,
  specs: readonly TemplateSpec[],
  { report }: Setting,
): void {
  const names = specs.flatMap(({ metrics = [] }) => [...new Set(metrics.map((metric) => metric.name))]);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    report(
      'repeated-name',
      object.at([...path, 'templates']),
      `two of these templates have a metric named ${twice}: run together, they are refused`,
      'give one of the two metrics another name',
    );
  }
  const isDelayed = specs.every(({ metrics = [] }) => metrics.every(({ initialDelay = '' }) => initialDelay !== ''));
  if (role === 'background' && (analysis.startingStep ?? 0) === 0 && !isDelayed) {
    report(
      'background-from-start',
      object.at(path),
      'a background analysis begins before the first pod of the canary does, and these templates have no initialDelay',
      'startingStep: 1',
    );
  }
}
