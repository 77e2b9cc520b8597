import { hasDefault, twiceSet } from '../../controllers/argo/arguments.js';
import { pauseSeconds } from '../../controllers/argo/check-canary-step.js';
import { firstRepeated, mayBeRuleFor } from '../../controllers/argo/names.js';
import type { ResolvedRun, TemplateSpec } from '../../controllers/argo/runs.js';
import type { RawMetric } from '../../controllers/argo/template.js';
import { isExcerpt } from '../../controllers/excerpt.js';
import type { Path, Place, SourceObject } from '../../controllers/objects.js';
import { has, listAt, mappingAt, numberAt, textAt, valueAt } from '../../controllers/read.js';
import { secondsIn } from '../../go/duration.js';
import { seconds } from '../../queries/series.js';
import { lintNested } from './arguments.js';
import type { Report, Setting } from './findings.js';
import { lintBeforePods } from './steps.js';

/** Lints a run of templates: in a Rollout, in an Experiment, or in a template that names others. */
export function lintRun(run: ResolvedRun, templates: readonly SourceObject[], setting: Setting): void {
  lintReferences(run, templates, setting);
  const isRun = run.role !== 'a template of others';
  if (isRun) lintGiven(run, setting);
  if (isRun && run.references.length > 0) lintRules(run, setting);
  if (run.role === 'background') lintStart(run, setting);
  if (run.role === 'a step') lintBeforePods(run, setting.report);
  lintTogether(run, setting);
}

function lintReferences(
  { object, path, role, references, unresolved }: ResolvedRun,
  templates: readonly SourceObject[],
  { report }: Setting,
): void {
  if (references.length === 0 && role !== 'a template of others') {
    report(
      'empty-spec',
      object.at(path),
      'the analysis names no template: nothing is measured',
      'name a template, or remove the analysis',
    );
  }
  for (const { reference, resolution } of unresolved) {
    const place = object.at(reference.path);
    const { templateName: name = '' } = reference;
    // A reference without a name is reported as missing.
    if (name === '') continue;
    if (resolution.kind === 'unknown') {
      const referable = templates.filter(
        (each) => each.kind !== 'AnalysisRun' && !references.some(({ templateName }) => templateName === each.name),
      );
      report(
        'missing-template',
        place,
        `there is no template ${name} in these files: unless it is in the cluster, the rollout is an error`,
        referable.length === 1
          ? `templateName: ${referable[0]?.name}`
          : 'lint it together with the Rollout, or name an existing one',
      );
    } else if (resolution.kind === 'other-namespace') {
      report(
        'wrong-namespace',
        place,
        `${name} is in the namespace ${resolution.template.namespace}, but the controller looks for it in ${object.namespace}: it is not found`,
        'put both into one namespace, or make a ClusterAnalysisTemplate of it and name it with clusterScope: true',
      );
    } else {
      const isCluster = resolution.template.kind === 'ClusterAnalysisTemplate';
      report(
        'wrong-scope',
        place,
        `${name} is ${isCluster ? 'a ClusterAnalysisTemplate' : 'an AnalysisTemplate'}, and with${isCluster ? 'out' : ''} clusterScope: true ${isCluster ? 'an AnalysisTemplate' : 'a ClusterAnalysisTemplate'} is expected: it is not found`,
        `clusterScope: ${isCluster}`,
      );
    }
  }
}

/** Lints whether a background analysis starts, and measures before the release is over. */
function lintStart({ object, path, templates, isWhole }: ResolvedRun, { report, startSeconds }: Setting): void {
  const canary = mappingAt(object.written, 'spec', 'strategy', 'canary');
  const [first = 0, steps] = [numberAt(canary, 'analysis', 'startingStep'), listAt(canary, 'steps').length];
  if (steps === 0) {
    const message =
      'the canary has no steps: the release, and the analysis with it, is over as soon as the pods are ready';
    if (!isExcerpt('Rollout', object.written))
      report('skips-analysis', object.at(path), message, 'steps: [{ setWeight: 20 }, …]');
    return;
  }
  if (first >= steps) {
    return report(
      'skips-analysis',
      object.keyAt([...path, 'startingStep']),
      first > steps
        ? `startingStep is ${first}, and the canary has ${steps} steps: the analysis never starts`
        : `startingStep is ${first}, and the last step is ${steps - 1}, because steps count from 0: the analysis starts after the last step, and ends when the pods are ready`,
      `startingStep: ${Math.max(steps - 1, 1)}`,
    );
  }
  const left = listAt(canary, 'steps').slice(first);
  const paused = pausedIn(left);
  const lasts = paused + startSeconds * (1 + left.filter((step) => has(step, 'setWeight')).length);
  const delay = Math.min(...templates.flatMap(({ spec }) => ((spec as TemplateSpec).metrics ?? []).map(delayOf)));
  if (!isWhole || paused === 0 || !(delay >= lasts) || delay === Number.POSITIVE_INFINITY) return;
  report(
    'skips-analysis',
    object.at(path),
    `the first measurement comes ${seconds(delay)} after the analysis begins, and the steps from there on pause for ${seconds(paused)} in all: the release may be over before anything is measured`,
    'pause longer, or give the metrics a shorter initialDelay',
  );
}

/** Returns for how many seconds steps pause in all; `NaN` if that depends on somebody, or on an analysis. */
function pausedIn(steps: readonly unknown[]): number {
  return steps.reduce<number>((sum, step) => {
    if (['analysis', 'experiment', 'plugin'].some((field) => has(step, field))) return Number.NaN;
    return has(step, 'pause') ? sum + pauseSeconds(valueAt(step, 'pause', 'duration')) : sum;
  }, 0);
}

/** Returns the seconds before the first measurement of a metric; `NaN` if an argument sets them. */
function delayOf({ initialDelay = '' }: RawMetric): number {
  return initialDelay === '' ? 0 : secondsIn(String(initialDelay));
}

/** Compares the arguments of a run with the arguments that its templates declare. */
function lintGiven(run: ResolvedRun, { report }: Setting): void {
  const { object, args, path, templates, isWhole } = run;
  const declared = templates.flatMap(({ spec }) => (spec as TemplateSpec).args ?? []);
  for (const [i, { name = '', value, valueFrom }] of args.entries()) {
    const place = object.at([...path, 'args', i]);
    const valuePath = [...path, 'args', i, 'value'];
    if (run.role === 'an experiment') lintExperimentValue(run, valuePath, value, report);
    else lintNested(object, valuePath, value, report);
    if (value === undefined && valueFrom === undefined) {
      report(
        'empty-argument',
        place,
        `${name} has neither value nor valueFrom: it is an empty text, and the query matches nothing`,
        `valueFrom: { podTemplateHashValue: ${/stable/i.test(name) ? 'Stable' : 'Latest'} }`,
      );
    }
    lintHash(run, i, report);
    lintField(run, i, report);
    if (templates.length > 0 && isWhole && !declared.some((arg) => arg.name === name)) {
      const message = `no template declares ${name}: it is dropped silently`;
      report('dropped-argument', place, message, `declare it in spec.args of the template: - name: ${name}`);
    }
  }
  const isSet = (name: string): boolean =>
    args.some((arg) => arg.name === name) || declared.some((arg) => arg.name === name && hasDefault(arg));
  for (const name of new Set(declared.map(({ name = '' }) => name).filter((name) => !isSet(name)))) {
    const isField = declared.some((arg) => arg.name === name && has(arg.valueFrom, 'fieldRef'));
    report(
      'unset-argument',
      object.at([...path, 'templates']),
      isField
        ? `args.${name} of the template has a fieldRef, which Argo Rollouts reads only in the args of a Rollout, and is not given: the run is an Error`
        : `args.${name} has no default and is not given: it is not resolved, and the run is an Error`,
      `give it in args of the analysis: - { name: ${name}, value: … }`,
    );
  }
}

/** Reports an argument that is named for the canary, and has the hash of stable. */
function lintHash({ object, path, args }: ResolvedRun, i: number, report: Report): void {
  const name = args[i]?.name ?? '';
  const hashPath = [...path, 'args', i, 'valueFrom', 'podTemplateHashValue'];
  if (textAt(args[i], 'valueFrom', 'podTemplateHashValue') !== 'Stable') return;
  if (!/canary|latest/i.test(name) || /stable/i.test(name)) return;
  const message = `${name} has the hash of the pods of stable, so no pod of the canary is selected`;
  report('no-such-pods', object.at(hashPath), message, 'podTemplateHashValue: Latest');
}

/** Reports an argument that reads a field that the Rollout does not have. */
function lintField({ object, path, args }: ResolvedRun, i: number, report: Report): void {
  const field = textAt(args[i], 'valueFrom', 'fieldRef', 'fieldPath');
  const name = args[i]?.name ?? '';
  const place = object.at([...path, 'args', i]);
  if (field !== '' && !field.startsWith('metadata')) return lintFieldPath(object, field, { name, place }, report);
  const [, kind = '', key = ''] = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(field) ?? [];
  // The controller writes annotations of its own.
  if (key === '' || /argoproj\.io\//.test(key) || has(object.written, 'metadata', kind, key)) return;
  report(
    'empty-argument',
    place,
    `the ${object.kind} has no ${field}: ${name} is an empty text, and the query matches nothing`,
    /hash/.test(key) ? 'valueFrom: { podTemplateHashValue: Latest }' : `add ${key} to metadata.${kind}`,
    'warning',
  );
}

/** Reports a path into the Rollout that the controller cannot follow: it splits the path at dots and brackets. */
function lintFieldPath(
  { written, kind }: SourceObject,
  field: string,
  { name, place }: { readonly name: string; readonly place: Place },
  report: Report,
): void {
  const keys = field.split(/[.[\]]+/).filter((key) => key !== '');
  // The controller sets the status and the replicas.
  const isSet = keys[0] === 'status' || field === 'spec.replicas';
  const isUnknown = isSet || (keys[1] === 'template' && has(written, 'spec', 'workloadRef'));
  const value = keys.reduce<unknown>(
    (of, key) => (Object.hasOwn(Object(of), key) ? Object(of)[key] : undefined),
    written,
  );
  const isMany = typeof value === 'object' && value !== null;
  if (isUnknown || (value != null && !isMany)) return;
  const quoted = keys.find((key) => /['"]/.test(key));
  report(
    'empty-argument',
    place,
    `${
      isMany
        ? `${field} of the ${kind} is not a single value`
        : quoted === undefined
          ? `the ${kind} has no ${field}`
          : `the controller looks for a field with the name ${quoted}, quotes included, which no ${kind} has`
    }: the analysis is not started, or ${name} is an empty text`,
    'write the path of a text, such as spec.template.metadata.labels.version',
    quoted === undefined && !isMany ? 'warning' : undefined,
  );
}

/** Reports placeholders in an argument of an experiment that the experiment does not resolve. */
function lintExperimentValue({ object, path }: ResolvedRun, valuePath: Path, value: unknown, report: Report): void {
  const experiment = path.slice(0, -2).reduce<unknown>((of, key) => Object(of)[key], object.written);
  const names = listAt(experiment, 'templates').map((template) => textAt(template, 'name'));
  const known = [
    'experiment.availableAt',
    ...(has(experiment, 'duration') ? ['experiment.finishedAt'] : []),
    ...names.flatMap((name) => [`templates.${name}.podTemplateHash`, `templates.${name}.replicaset.name`]),
  ];
  for (const { 1: action = '', index } of String(value ?? '').matchAll(/\{\{\s*(.*?)\s*\}\}/gs)) {
    if (known.includes(action)) continue;
    report(
      'foreign-placeholder',
      object.within(valuePath, index),
      `{{ ${action} }} is not a placeholder of this experiment: it is not resolved, and the analysis is an Error`,
      `write one of ${known.map((name) => `{{${name}}}`).join(', ')}`,
    );
  }
}

/** Compares the rules of a run for metrics with the metrics of its templates. */
function lintRules(run: ResolvedRun, { report }: Setting): void {
  if (!run.isWhole) return;
  const names = metricNames(run.templates);
  for (const [field, rule] of [
    ['dryRun', 'idle-dry-run'],
    ['measurementRetention', 'idle-retention'],
  ] as const) {
    for (const [i, { metricName = '' }] of run[field].entries()) {
      if (names.some((name) => name.includes('{{') || mayBeRuleFor(metricName, name))) continue;
      const place = run.object.at([...run.path, field, i, 'metricName']);
      report(rule, place, `${metricName} matches no metric: the run is an Error`, `metricName: ${names[0] ?? '.*'}`);
    }
  }
}

/** Lints the combination of the templates of a run. */
function lintTogether(run: ResolvedRun, { report }: Setting): void {
  const { object, path, role, isFromStart, templates } = run;
  const specs = templates.map(({ spec }) => spec as TemplateSpec);
  const names = specs.flatMap(({ metrics = [] }) => [...new Set(metrics.map((metric) => metric.name))]);
  const twice = firstRepeated(names);
  const place = object.at([...path, 'templates']);
  if (twice !== undefined) {
    report(
      'repeated-name',
      place,
      `two of these templates have a metric named ${twice}: run together, they are refused`,
      'give one of the two metrics another name',
    );
  }
  const isAlone = specs.some(({ args = [] }) => twiceSet(args) !== undefined);
  const argument = twiceSet(specs.flatMap(({ args = [] }) => args));
  if (argument !== undefined && !isAlone) {
    report(
      'conflicting-defaults',
      place,
      `two of these templates have different defaults for args.${argument.name}: run together, they are always refused`,
      'give both the same default, or none',
    );
  }
  for (const field of ['dryRun', 'measurementRetention'] as const) {
    const lists = [...(role === 'a template of others' ? [] : [run[field]]), ...specs.map((spec) => spec[field] ?? [])];
    const rules = lists.flatMap((list) => [...new Set(list.map(({ metricName = '' }) => metricName))]);
    const repeated = firstRepeated(rules);
    if (repeated === undefined) continue;
    report(
      'repeated-name',
      run[field].length > 0 && role !== 'a template of others' ? object.at([...path, field]) : place,
      `two rules of ${field} that run together are named ${repeated}: the controller refuses the run`,
      'remove one of the two',
    );
  }
  const isDelayed = specs.every(({ metrics = [] }) => metrics.every(({ initialDelay = '' }) => initialDelay !== ''));
  if (role === 'background' && isFromStart && !isDelayed) {
    report(
      'background-from-start',
      object.at(path),
      'a background analysis begins before the first pod of the canary does, and these templates have no initialDelay',
      'startingStep: 1',
    );
  }
}

/** Returns the names of the metrics of templates. */
export function metricNames(templates: readonly SourceObject[]): readonly string[] {
  return templates.flatMap(({ spec }) => ((spec as TemplateSpec).metrics ?? []).map(({ name = '' }) => name));
}
