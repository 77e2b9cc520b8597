import { AnalysisError } from '../analysis-error.js';
import type { AnalysisResult, MetricResult } from '../analyze/result.js';
import { VERDICTS } from '../controllers/argo/run-analysis.js';
import { CONSECUTIVE_ERROR_LIMIT } from '../controllers/argo/template.js';
import { thresholdsOf } from '../controllers/argo/thresholds.js';
import type { Measurement, Phase } from '../controllers/verdict.js';
import { parseSampleValue } from '../sample-value.js';
import { type Fields, fieldsIn, isTrueIn, listIn, numberIn, type RecordedObject, secondsIn, textIn } from './record.js';

const PHASES: readonly Phase[] = ['Running', 'Successful', 'Failed', 'Inconclusive', 'Error'];

/**
 * Returns the record of an AnalysisRun of Argo Rollouts, in the form of an analysis that was run. Throws `AnalysisError`
 * for a phase that is not known.
 */
export function resultOfRun(run: RecordedObject): AnalysisResult {
  const { metadata, spec, status } = run;
  const args = argumentsOfRun(run);
  const results = new Map(listIn(status, 'metricResults').map((result) => [textIn(result, 'name'), result]));
  const metrics = listIn(spec, 'metrics').map((metric) =>
    metricOf(metric, results.get(textIn(metric, 'name')) ?? {}, args),
  );
  const times = metrics.flatMap(({ measurements }) => measurements.map(({ at }) => at));
  const startedAt =
    secondsIn(status, 'startedAt') ??
    secondsIn(metadata, 'creationTimestamp') ??
    (times.length > 0 ? Math.min(...times) : 0);
  const phase = phaseIn(status);
  const decided = metrics.find((metric) => isDeciding(metric, phase));
  return {
    controller: 'argo',
    name: textIn(metadata, 'name') ?? '(unnamed)',
    verdict: VERDICTS[phase],
    phase,
    message: textIn(status, 'message') || `the run is ${phase}`,
    ...(decided === undefined ? {} : { decidedBy: decided.name }),
    startedAt,
    finishedAt: secondsIn(status, 'completedAt') ?? Math.max(startedAt, ...times),
    metrics,
  };
}

/** Returns the arguments that an AnalysisRun was started with, by name. */
export function argumentsOfRun({ spec }: RecordedObject): ReadonlyMap<string, string | undefined> {
  return new Map(listIn(spec, 'args').map((arg) => [textIn(arg, 'name') ?? '', textIn(arg, 'value')]));
}

/** Returns the metrics that count and ended as their run did, the first to be decided first. */
export function findDecidingMetrics({ metrics, phase }: AnalysisResult): readonly MetricResult[] {
  const endOf = ({ measurements }: MetricResult): number => measurements.at(-1)?.at ?? 0;
  return metrics.filter((metric) => isDeciding(metric, phase)).sort((a, b) => endOf(a) - endOf(b));
}

/** Whether a metric decided the phase in which a run ended. No metric decides a success. */
function isDeciding(metric: MetricResult, phase: Phase): boolean {
  return phase !== 'Successful' && phase !== 'Running' && !metric.dryRun && metric.phase === phase;
}

function metricOf(spec: Fields, result: Fields, args: ReadonlyMap<string, string | undefined>): MetricResult {
  const condition = (key: string): string => fillIn(textIn(spec, key) ?? '', args);
  const [successCondition, failureCondition] = [condition('successCondition'), condition('failureCondition')];
  const phase = phaseIn(result);
  const limit = (name: string, used: string, byDefault: number): MetricResult['limits'][number] => ({
    name,
    used: numberIn(result, used) ?? 0,
    limit: Number(fillIn(textIn(spec, name) ?? String(byDefault), args)),
  });
  const prometheus = fieldsIn(fieldsIn(spec, 'provider'), 'prometheus');
  const query = textIn(fieldsIn(result, 'metadata'), 'ResolvedPrometheusQuery') ?? textIn(prometheus, 'query') ?? '';
  const message = textIn(result, 'message');
  return {
    name: textIn(spec, 'name') ?? '(unnamed)',
    phase,
    ...(message === undefined || message === '' ? {} : { message }),
    dryRun: isTrueIn(result, 'dryRun'),
    query: fillIn(query, args),
    ...(successCondition === '' ? {} : { successCondition }),
    ...(failureCondition === '' ? {} : { failureCondition }),
    thresholds: thresholdsOf({ successCondition, failureCondition }),
    limits: [
      limit('failureLimit', 'failed', 0),
      limit('inconclusiveLimit', 'inconclusive', 0),
      limit('consecutiveErrorLimit', 'consecutiveError', CONSECUTIVE_ERROR_LIMIT),
      ...(textIn(spec, 'consecutiveSuccessLimit') === undefined
        ? []
        : [limit('consecutiveSuccessLimit', 'consecutiveSuccess', 0)]),
    ],
    measurements: listIn(result, 'measurements').map((each) => measurementOf(each, providerIn(spec))),
  };
}

/** Returns the provider of a metric, if it is not Prometheus. */
function providerIn(spec: Fields): string | undefined {
  const [provider = 'prometheus'] = Object.keys(fieldsIn(spec, 'provider'));
  return provider === 'prometheus' ? undefined : provider;
}

function measurementOf(measurement: Fields, provider: string | undefined): Measurement {
  const value = textIn(measurement, 'value') ?? '';
  const values = valuesOf(value);
  const message =
    textIn(measurement, 'message') ||
    (values === undefined && value !== ''
      ? `returned ${value}`
      : value === '' && provider !== undefined
        ? `the ${provider} ended as ${phaseIn(measurement)}`
        : '');
  return {
    at: secondsIn(measurement, 'finishedAt') ?? secondsIn(measurement, 'startedAt') ?? 0,
    phase: phaseIn(measurement),
    values: values ?? [],
    ...(message === '' ? {} : { message }),
  };
}

/**
 * Returns the numbers of a measurement in the form of Argo Rollouts, such as `[0.5,NaN]`; `undefined` for other text.
 */
function valuesOf(value: string): readonly number[] | undefined {
  const texts = value
    .replace(/^\[|\]$/g, '')
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '');
  const values = texts.map(parseSampleValue);
  return values.every((each) => each !== undefined) ? values : undefined;
}

/** Returns the phase of a run, a metric or a measurement; `Running` if it has not started. Throws `AnalysisError`. */
function phaseIn(fields: Fields): Phase {
  const written = textIn(fields, 'phase') ?? '';
  if (written === '' || written === 'Pending') return 'Running';
  const phase = PHASES.find((each) => each === written);
  if (phase !== undefined) return phase;
  throw new AnalysisError(`the phase ${JSON.stringify(written)} is not known here: it is none of ${PHASES.join(', ')}`);
}

function fillIn(text: string, args: ReadonlyMap<string, string | undefined>): string {
  return text.replace(/\{\{\s*args\.([^\s}]+)\s*\}\}/g, (whole, name: string) => args.get(name) ?? whole);
}
