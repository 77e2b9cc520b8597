import { hasDefault, twiceSet } from '../../controllers/argo/arguments.js';
import { mayBeRuleFor } from '../../controllers/argo/names.js';
import { isCircular, type ResolvedRun, type TemplateSpec } from '../../controllers/argo/runs.js';
import type { Path, SourceObject } from '../../controllers/objects.js';
import { lintNested, type Values } from './arguments.js';
import { milder, type Setting } from './findings.js';
import { lintMetric } from './metric.js';
import { lintLimits } from './metric-limits.js';
import { lintProvider } from './provider.js';
import { metricNames } from './rollout.js';

/** Lints a template of Argo Rollouts, together with the runs that use it: `uses`. */
export function lintArgoTemplate(
  object: SourceObject,
  templates: readonly SourceObject[],
  uses: readonly ResolvedRun[],
  setting: Setting,
): void {
  const spec = object.spec as TemplateSpec;
  const values = valuesOf(spec, uses);
  lintArguments(object, spec, uses, setting);
  lintNames(object, spec, uses, setting);
  if (isCircular(object, templates)) {
    const message = 'the templates that it names lead back to it: the controller follows them without end';
    setting.report('circular-templates', object.at(['spec', 'templates']), message, 'leave one of the names out');
  }
  for (const [i, metric] of (spec.metrics ?? []).entries()) {
    const path = ['spec', 'metrics', i];
    const isDryRun = isDry(metric.name ?? '', spec, uses);
    const query = metric.provider?.prometheus?.query;
    lintLimits(object, path, metric, { uses, values, isDryRun }, setting);
    const weighed = isDryRun ? { ...setting, report: milder(setting.report) } : setting;
    lintProvider(object, path, metric, values, weighed);
    if (query !== undefined) lintMetric(object, path, metric, { uses, values, isDryRun }, weighed);
  }
}

/** Whether the measurements of a metric decide nothing, in every known run. */
function isDry(name: string, { dryRun = [] }: TemplateSpec, uses: readonly ResolvedRun[]): boolean {
  const isNamed = (rules: readonly { readonly metricName?: string }[]): boolean =>
    rules.some(({ metricName = '' }) => mayBeRuleFor(metricName, name));
  const runs = uses.filter(({ role }) => role !== 'a template of others');
  const rulesOf = (run: ResolvedRun): boolean =>
    isNamed([...run.dryRun, ...run.templates.flatMap(({ spec }) => (spec as TemplateSpec).dryRun ?? [])]);
  return isNamed(dryRun) || (runs.length > 0 && runs.every(rulesOf));
}

/** Returns the values of arguments, from defaults or from the runs. */
function valuesOf({ args = [] }: TemplateSpec, uses: readonly ResolvedRun[]): Values {
  const given = [...args, ...uses.flatMap((use) => use.args)];
  return Object.fromEntries(
    given.flatMap(({ name, value }) =>
      name === undefined || value === undefined ? [] : [[`args.${name}`, String(value)]],
    ),
  );
}

function lintArguments(
  object: SourceObject,
  { args = [] }: TemplateSpec,
  uses: readonly ResolvedRun[],
  { report }: Setting,
): void {
  const twice = twiceSet(args);
  if (twice !== undefined) {
    report(
      'conflicting-defaults',
      object.at(['spec', 'args', args.indexOf(twice)]),
      `args.${twice.name} has two defaults that differ: the template is refused, whatever is given`,
      'remove one of the two',
    );
  }
  for (const [i, argument] of args.entries()) {
    const { name = '', value } = argument;
    if (object.kind === 'AnalysisRun' && !hasDefault(argument)) {
      const message = `args.${name} of a run has no value: it is not resolved, and the run is an Error`;
      report('unset-argument', object.at(['spec', 'args', i]), message, 'value: …');
    }
    lintNested(object, ['spec', 'args', i, 'value'], value, report);
  }
  const declared = args.map(({ name }) => name);
  // A step is refused if a template has an argument of another template. A background analysis combines all arguments.
  const joined = uses.filter(({ role }) => !/^(?:a step|\w+PromotionAnalysis)$/.test(role));
  const isDeclaredBeside = (name: string): boolean =>
    joined.length > 0 &&
    joined.length === uses.length &&
    joined.every(
      ({ templates, isWhole }) =>
        !isWhole || templates.some(({ spec }) => (spec as TemplateSpec).args?.some((arg) => arg.name === name)),
    );
  // Arguments are filled in everywhere.
  const { spec } = object.written;
  const { metrics } = (spec ?? {}) as { readonly metrics?: unknown };
  for (const { path, text } of textsIn(metrics, ['spec', 'metrics'])) {
    const open = text.lastIndexOf('{{');
    if (open >= 0 && !text.includes('}}', open)) {
      report(
        'unclosed-placeholder',
        object.within(path, open),
        `${text.slice(open, open + 20)} has no }}: the arguments are not resolved, and the run is an Error`,
        'close it with }}',
      );
    }
    for (const { 1: action = '', index } of text.matchAll(/\{\{\s*(.*?)\s*\}\}/gs)) {
      const [, name] = /^args\.(.+)$/.exec(action) ?? [];
      const place = object.within(path, index);
      if (name === undefined) {
        report(
          'foreign-placeholder',
          place,
          `{{ ${action} }} is not a placeholder of Argo Rollouts: it is not resolved, and the run is an Error`,
          'write {{args.<name>}}, and declare the argument in spec.args',
        );
      } else if (!declared.includes(name) && !isDeclaredBeside(name)) {
        report(
          'undeclared-argument',
          place,
          `args.${name} is not among the arguments of the template: it is not resolved, and the run is an Error`,
          `declare it in spec.args: - name: ${name}`,
        );
      }
    }
  }
}

function lintNames(object: SourceObject, spec: TemplateSpec, uses: readonly ResolvedRun[], { report }: Setting): void {
  const names = (spec.metrics ?? []).map(({ name = '' }) => name);
  for (const [i, name] of names.entries()) {
    // A metric without a name is reported as such.
    if (name === '' || names.indexOf(name) === i) continue;
    const place = object.at(['spec', 'metrics', i, 'name']);
    report(
      'repeated-name',
      place,
      `two metrics are named ${name}: the controller refuses the template`,
      `name: ${name}-${i + 1}`,
    );
  }
  const others = uses.filter(({ role }) => role !== 'a template of others');
  /** Whether a condition holds for the metrics of a template, in every known run, or by itself. */
  const isEverywhere = (holds: (names: readonly string[]) => boolean): boolean => {
    const runs = others.length > 0 ? others : uses;
    return runs.length === 0
      ? holds(names)
      : runs.some(({ templates, isWhole }) => isWhole && holds(metricNames(templates)));
  };
  if (isEverywhere((all) => all.length === 0)) {
    report(
      'empty-spec',
      object.at(['spec']),
      'there is no metric: the controller refuses the run',
      'add metrics, or templates with metrics',
    );
  }
  for (const [field, rule] of [
    ['dryRun', 'idle-dry-run'],
    ['measurementRetention', 'idle-retention'],
  ] as const) {
    const rules = (spec[field] ?? []).map(({ metricName = '' }) => metricName);
    for (const [i, pattern] of rules.entries()) {
      const place = object.at(['spec', field, i, 'metricName']);
      if (rules.indexOf(pattern) !== i) {
        const message = `two rules of ${field} are named ${pattern}: the controller refuses the template`;
        report('repeated-name', place, message, 'remove one of the two');
      }
      const isIdle = (all: readonly string[]): boolean =>
        !all.some((name) => name.includes('{{') || pattern.includes('{{') || mayBeRuleFor(pattern, name));
      if (!isEverywhere(isIdle)) continue;
      report(rule, place, `${pattern} matches no metric: the run is an Error`, `metricName: ${names[0] ?? '.*'}`);
    }
  }
}

/** Returns every text within a value, with its path. */
function textsIn(value: unknown, path: Path): readonly { readonly path: Path; readonly text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (Array.isArray(value)) return value.flatMap((each, i) => textsIn(each, [...path, i]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => textsIn(each, [...path, key]));
}
