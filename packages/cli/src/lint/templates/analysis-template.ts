import type { RawMetric } from '../../analyze/argo/template.js';
import type { Values } from './arguments.js';
import { lintMetric } from './metric.js';
import { lintLimits } from './metric-limits.js';
import type { TemplateUse } from './rollout.js';
import type { Setting } from './rules.js';
import type { SourceObject } from './source.js';
import { textsIn } from './texts.js';

/** A template of Argo Rollouts, as far as it is looked at. */
export interface TemplateSpec {
  readonly args?: readonly { readonly name?: string; readonly value?: unknown; readonly valueFrom?: unknown }[];
  readonly metrics?: readonly RawMetric[];
  readonly dryRun?: readonly { readonly metricName?: string }[];
}

/** Lints a template of Argo Rollouts, by the Rollouts that use it. */
export function lintArgoTemplate(object: SourceObject, uses: readonly TemplateUse[], setting: Setting): void {
  const spec = object.spec as TemplateSpec;
  const values = valuesOf(spec, uses);
  lintArguments(object, spec, setting);
  lintNames(object, spec, setting);
  for (const [i, metric] of (spec.metrics ?? []).entries()) {
    const path = ['spec', 'metrics', i];
    lintLimits(object, path, metric, uses, values, setting);
    if (metric.provider?.prometheus?.query !== undefined) lintMetric(object, path, metric, uses, values, setting);
  }
}

/** The values that arguments have by default, or are given. */
function valuesOf({ args = [] }: TemplateSpec, uses: readonly TemplateUse[]): Values {
  const given = [...args, ...uses.flatMap((use) => use.args)];
  return Object.fromEntries(
    given.flatMap(({ name, value }) =>
      name === undefined || value === undefined ? [] : [[`args.${name}`, String(value)]],
    ),
  );
}

function lintArguments(object: SourceObject, { args = [] }: TemplateSpec, { report }: Setting): void {
  const declared = args.map(({ name }) => name);
  // Arguments are filled in wherever they stand.
  const { metrics } = (object.written ?? {}) as { readonly metrics?: unknown };
  for (const { path, text } of textsIn(metrics, ['spec', 'metrics'])) {
    for (const { 1: action = '', index } of text.matchAll(/\{\{\s*(.*?)\s*\}\}/g)) {
      const [, name] = /^args\.([\w.-]+)$/.exec(action) ?? [];
      const place = object.within(path, index);
      if (name === undefined) {
        report(
          'foreign-placeholder',
          place,
          `{{ ${action} }} is nothing that Argo Rollouts fills in: the query is sent with it`,
          'write {{args.<name>}}, and declare the argument in spec.args',
        );
      } else if (!declared.includes(name)) {
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

function lintNames(object: SourceObject, { metrics = [], dryRun = [] }: TemplateSpec, { report }: Setting): void {
  const names = metrics.map(({ name = '' }) => name);
  for (const [i, name] of names.entries()) {
    if (names.indexOf(name) === i) continue;
    const place = object.at(['spec', 'metrics', i, 'name']);
    report(
      'repeated-name',
      place,
      `two metrics are named ${name}: the controller refuses the template`,
      `name: ${name}-${i + 1}`,
    );
  }
  for (const [i, { metricName = '' }] of dryRun.entries()) {
    if (names.some((name) => isMatching(metricName, name))) continue;
    const place = object.at(['spec', 'dryRun', i, 'metricName']);
    const message = `${metricName} matches no metric: the run is an Error`;
    report('idle-dry-run', place, message, `metricName: ${names[0] ?? '.*'}`);
  }
}

function isMatching(pattern: string, name: string): boolean {
  try {
    return new RegExp(pattern).test(name);
  } catch {
    return true;
  }
}
