import { isMapping } from '@coalmine/options';
import { checkProvider } from '../../controllers/argo/check-provider.js';
import { providersOf } from '../../controllers/argo/providers.js';
import type { RawMetric } from '../../controllers/argo/template.js';
import type { Path, SourceObject } from '../../controllers/objects.js';
import { has } from '../../controllers/read.js';
import { demandCondition, timeOf } from '../../expr/argo.js';
import { secondsIn } from '../../go/duration.js';
import { NotKnownHereError } from '../../not-known-here.js';
import { fillIn, fillInAll, type Values } from './arguments.js';
import type { Report, Setting } from './findings.js';

/** Lints the provider of a metric of Argo Rollouts. */
export function lintProvider(
  object: SourceObject,
  path: Path,
  metric: RawMetric,
  values: Values,
  { report }: Setting,
): void {
  const [, , i] = path;
  const { spec } = object.written;
  const { metrics } = spec as { readonly metrics: readonly { readonly provider?: unknown }[] };
  const written = metrics[Number(i)]?.provider;
  const providers = providersOf(written);
  const place = object.at([...path, 'provider']);
  if (providers.length !== 1) {
    const names = providers.length === 0 ? 'there is no provider' : `${providers.join(' and ')} are several providers`;
    report('provider-count', place, `${names}: the controller refuses the run`, 'give the metric exactly one provider');
  }
  for (const fault of checkProvider(fillInAll(isMapping(written) ? written : {}, values))) {
    report(fault.rule, object.keyAt([...path, 'provider', ...fault.path]), fault.message, fault.repair);
  }
  const { prometheus } = metric.provider ?? {};
  if (prometheus === undefined) {
    const [name] = providers;
    if (name === undefined) return;
    // A plugin evaluates conditions itself.
    if (!has(written, 'plugin')) lintConditionsOf(object, path, metric, { name, values, report });
    const message = `the provider is ${name}: neither the query nor the conditions were linted`;
    return report('other-provider', place, message, 'nothing; the other parts of the metric were linted');
  }
  if (prometheus.query === undefined) {
    report('empty-spec', place, 'there is no query: every measurement is an Error', 'add a query');
  }
  for (const [field, text] of Object.entries(rangeOf(prometheus.rangeQuery))) {
    const given = fillIn(text, values);
    if (given.includes('{{') || isRangePart(field, given)) continue;
    report(
      'invalid-range',
      object.at([...path, 'provider', 'prometheus', 'rangeQuery', field]),
      `rangeQuery.${field} is ${text === '' ? 'missing' : `${JSON.stringify(given)}, but must be ${field === 'step' ? 'a duration' : 'an expression that gives a time'}`}: every measurement is an Error`,
      `${field}: ${EXAMPLES[field]}`,
    );
  }
}

/** What decides instead of the conditions, by provider, and how to repair conditions. */
const WITHOUT_CONDITIONS: ReadonlyMap<string, readonly [message: string, repair: string]> = new Map([
  [
    'job',
    [
      'Argo Rollouts does not evaluate the conditions of a job: the measurement is a success if the Job completes, and a failure if the Job fails',
      'remove the conditions, and let the Job exit with another code than 0',
    ],
  ],
  [
    'kayenta',
    [
      'Argo Rollouts does not evaluate the conditions of kayenta: the score and the threshold decide',
      'remove the conditions',
    ],
  ],
]);

/** Conditions are judged in the same way for every provider whose results the controller itself judges. */
function lintConditionsOf(
  object: SourceObject,
  path: Path,
  metric: RawMetric,
  { name, values, report }: { readonly name: string; readonly values: Values; readonly report: Report },
): void {
  const ignored = WITHOUT_CONDITIONS.get(name);
  if (ignored !== undefined) {
    const field = (['successCondition', 'failureCondition'] as const).find((each) => (metric[each] ?? '') !== '');
    if (field !== undefined) report('ignored-condition', object.at([...path, field]), ...ignored);
    return;
  }
  for (const field of ['successCondition', 'failureCondition'] as const) {
    const condition = fillIn(String(metric[field] ?? ''), values);
    // An argument may be any part of a condition.
    if (condition === '' || condition.includes('{{')) continue;
    try {
      demandCondition(condition);
    } catch (error) {
      if (error instanceof NotKnownHereError) continue;
      report(
        'invalid-condition',
        object.at([...path, field]),
        `every measurement is an Error, five of which abort: ${(error as Error).message}`,
        'write an expression that is true or false, such as `result <= 0.01`',
      );
    }
  }
}

const EXAMPLES: Readonly<Record<string, string>> = {
  start: `now() - duration("5m")`,
  end: 'now()',
  step: '1m',
};

function rangeOf(
  range: { readonly [field: string]: string | undefined } | undefined,
): Readonly<Record<string, string>> {
  if (range === undefined) return {};
  const { start = '', end = '', step = '' } = range;
  return { start, end, step };
}

/** Whether a range query accepts a text in one of its fields, or this is not known here. */
function isRangePart(field: string, text: string): boolean {
  if (field === 'step') return secondsIn(text) > 0;
  try {
    timeOf(text, 0);
    return true;
  } catch (error) {
    return error instanceof NotKnownHereError;
  }
}
