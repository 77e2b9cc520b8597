import { AnalysisError } from '../../analysis-error.js';
import { type Asked, createPrometheusClient } from '../../prometheus.js';
import type { Clock } from '../clock.js';
import type { Measurement, MetricVerdict, RunVerdict, Threshold, Verdict } from '../verdict.js';
import type { CanaryAnalysis, CanaryMetric } from './canary.js';
import { judge } from './judge.js';

/** How and when a run happens. */
export interface FlaggerRun {
  /** Queried instead of the addresses in the templates; required for the built-in checks. */
  readonly prometheus?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Called with each warning of Prometheus, such as that a result is partial. */
  readonly onWarning?: (warning: string) => void;
  readonly clock: Clock;
  /** Epoch seconds after which there is no more data: what is undecided then stays undecided. @defaultValue never */
  readonly cutAt?: number;
  readonly signal?: AbortSignal;
  readonly onMeasurement?: (metric: MetricVerdict, measurement: Measurement) => void;
}

/** Seconds that Flagger waits for a response. */
export const TIMEOUT_SECONDS = 5;

/** A run that may query something else than the Prometheus at an address. */
type AskingRun = FlaggerRun & { readonly client?: (address: string) => Asked };

/**
 * Runs an analysis as Flagger does, without its webhooks, and says why it ended as it did. Rejects with
 * `AnalysisError`.
 */
export async function runFlaggerAnalysis(analysis: CanaryAnalysis, options: AskingRun): Promise<RunVerdict> {
  const { clock, cutAt = Number.POSITIVE_INFINITY, signal } = options;
  const { name, interval, isSkipped, threshold, weights, metrics } = analysis;
  const startedAt = clock.now();
  const taken = new Map<CanaryMetric, Measurement[]>(metrics.map((metric) => [metric, []]));
  const steps: { at: number; weight: number; failedChecks: number }[] = [];
  let failedChecks = 0;
  let step = -1;
  let lastFailure = '';
  let lastFailed: string | undefined;

  if (isSkipped) return result('promote', 'spec.skipAnalysis promotes without a check');
  // The first tick sets the first weight and queries nothing.
  for (let tick = 0; ; tick += 1) {
    const due = startedAt + tick * interval;
    await clock.until(Math.min(due, cutAt), signal);
    const at = clock.now();
    if (signal?.aborted === true || due > cutAt) {
      return result(
        'pause',
        `nothing is decided yet: ${weightAt(step)} %, ${failedChecks} failed checks of ${threshold}`,
      );
    }
    if (failedChecks >= threshold) {
      return result('rollback', `${failedChecks} failed checks reached the threshold of ${threshold}: ${lastFailure}`);
    }
    const failure = tick === 0 ? undefined : await check(at);
    if (failure !== undefined) {
      failedChecks += 1;
      lastFailure = failure;
    } else if (step + 1 < weights.length) step += 1;
    else return result('promote', `all checks passed up to ${weightAt(step)} %`);
    steps.push({ at, weight: weightAt(step), failedChecks });
  }

  function weightAt(index: number): number {
    return weights[index] ?? 0;
  }

  /**
   * Queries metric by metric. The first metric that fails is the failure of the check, and the metrics after it are not
   * queried.
   */
  async function check(at: number): Promise<string | undefined> {
    for (const metric of metrics) {
      const measurement = await measure(metric, at);
      taken.get(metric)?.push(measurement);
      options.onMeasurement?.(resultOf(metric), measurement);
      if (measurement.phase === 'Successful') continue;
      lastFailed = metric.name;
      return `${metric.name}: ${measurement.message}`;
    }
    return undefined;
  }

  async function measure(metric: CanaryMetric, at: number): Promise<Measurement> {
    if (metric.fault !== undefined) return { at, phase: 'Error', values: [], message: metric.fault };
    const address = options.prometheus ?? metric.address;
    if (address === undefined) throw new AnalysisError(`metric ${metric.name}: give the address of a Prometheus`);
    const client = options.client?.(address) ?? createPrometheusClient(address, options.headers, options.onWarning);
    try {
      const answer = await client.query(metric.query, at, { timeoutSeconds: TIMEOUT_SECONDS });
      const { message, ...rest } = judge(metric, answer);
      const said = [message, metric.note].filter((part) => part !== undefined).join('; ');
      return { at, ...rest, ...(message === undefined ? {} : { message: said }) };
    } catch (error) {
      return { at, phase: 'Error', values: [], message: (error as Error).message };
    }
  }

  function resultOf(metric: CanaryMetric): MetricVerdict {
    const measurements = taken.get(metric) ?? [];
    const last = measurements.at(-1);
    return {
      name: metric.name,
      phase: last?.phase ?? 'Running',
      ...(last?.message === undefined ? {} : { message: last.message }),
      dryRun: false,
      query: metric.query,
      thresholds: thresholdsOf(metric),
      limits: [],
      measurements: [...measurements],
    };
  }

  function result(verdict: Verdict, message: string): RunVerdict {
    return {
      controller: 'flagger',
      name,
      verdict,
      phase: PHASES[verdict],
      message,
      ...(lastFailed === undefined || verdict === 'promote' ? {} : { decidedBy: lastFailed }),
      startedAt,
      finishedAt: clock.now(),
      metrics: metrics.map(resultOf),
      steps,
    };
  }
}

/** The phase of a run with a verdict: Flagger itself has no phases. */
export const PHASES = { promote: 'Successful', rollback: 'Failed', pause: 'Running' } as const;

/** Returns the bounds that a metric's value is compared with. */
export function thresholdsOf({ min, max }: Pick<CanaryMetric, 'min' | 'max'>): readonly Threshold[] {
  return [
    ...(min === undefined ? [] : [{ good: 'above' as const, bound: min }]),
    ...(max === undefined ? [] : [{ good: 'below' as const, bound: max }]),
  ];
}
