import type { Asked } from '../../prometheus.js';
import type { Clock } from '../clock.js';
import type { Measurement, MetricVerdict, Phase, RunVerdict, Verdict } from '../verdict.js';
import { measure } from './measure.js';
import type { ArgoMetric } from './template.js';
import { thresholdsOf } from './thresholds.js';

/** How and when a run happens. */
export interface ArgoRun {
  readonly clock: Clock;
  /** Epoch seconds at which the rollout's last step ends the run, whatever it has measured. @defaultValue never */
  readonly endAt?: number;
  /** Epoch seconds after which there is no more data: what is undecided then stays undecided. @defaultValue never */
  readonly cutAt?: number;
  /** Ends the run, undecided. */
  readonly signal?: AbortSignal;
  readonly onMeasurement?: (metric: MetricVerdict, measurement: Measurement) => void;
}

interface Options extends ArgoRun {
  /** The name of the template, or of all templates. */
  readonly name: string;
  readonly metrics: readonly ArgoMetric[];
  /** Returns the Prometheus at an address. */
  readonly client: (address: string) => Asked;
}

// Seconds that Argo Rollouts waits after an error, whatever the interval.
const ERROR_RETRY_SECONDS = 10;

/** The controller's verdict on the release, by the phase of a run. */
export const VERDICTS: Readonly<Record<Phase, Verdict>> = {
  Successful: 'promote',
  Running: 'pause',
  Inconclusive: 'pause',
  Error: 'rollback',
  Failed: 'rollback',
};

// From good to bad: the run is as bad as the worst of its metrics.
const ORDER: readonly Phase[] = ['Successful', 'Running', 'Inconclusive', 'Error', 'Failed'];

/** Runs an analysis as the controller of Argo Rollouts does, and says why it ended as it did. */
export async function runArgoAnalysis(options: Options): Promise<RunVerdict> {
  const { clock, endAt = Number.POSITIVE_INFINITY, cutAt = Number.POSITIVE_INFINITY, signal } = options;
  const startedAt = clock.now();
  const lastAt = Math.min(endAt, cutAt);
  let isCut = false;
  const states = options.metrics.map((metric) => new MetricState(metric, startedAt));
  while (!isOver()) {
    const next = Math.min(...states.map((state) => state.dueAt));
    await clock.until(Math.min(next, lastAt), signal);
    const now = clock.now();
    isCut = signal?.aborted === true || (now >= cutAt && next > cutAt);
    if (isCut || (now >= lastAt && next > lastAt)) break;
    await Promise.all(states.filter(({ dueAt }) => dueAt <= now).map((state) => take(state, now)));
  }
  const finishedAt = clock.now();
  const isEnded = !isOver();
  const results = states.map((state) => state.result(!(isCut && isEnded)));
  const worst = results
    .filter(({ dryRun }) => !dryRun)
    .reduce<MetricVerdict | undefined>((worse, each) => (isWorse(each, worse) ? each : worse), undefined);
  const phase = worst?.phase ?? 'Successful';
  return {
    controller: 'argo',
    name: options.name,
    verdict: VERDICTS[phase],
    phase,
    message: messageOf(worst, isEnded),
    ...(worst === undefined || phase === 'Successful' ? {} : { decidedBy: worst.name }),
    startedAt,
    finishedAt,
    metrics: results,
  };

  /** Whether a metric has ended badly, which ends all metrics, or all metrics have ended. */
  function isOver(): boolean {
    return (
      states.some(({ phase, metric }) => !metric.isDryRun && phase !== 'Running' && phase !== 'Successful') ||
      states.every(({ phase }) => phase !== 'Running')
    );
  }

  async function take(state: MetricState, now: number): Promise<void> {
    const { metric } = state;
    const measurement = await measure(metric, options.client(metric.provider.address), now, signal);
    if (signal?.aborted === true && measurement.phase === 'Error') return;
    state.add(measurement, clock.now());
    options.onMeasurement?.(state.result(false), measurement);
  }
}

/** The state of one metric in a run. */
class MetricState {
  readonly metric: ArgoMetric;
  phase: Phase = 'Running';
  /** Epoch seconds of the next measurement; infinite if there is none. */
  dueAt: number;
  readonly #measurements: Measurement[] = [];
  readonly #counts = { Successful: 0, Failed: 0, Inconclusive: 0, Error: 0, Running: 0 };
  #errorsInARow = 0;
  #successesInARow = 0;
  #message: string | undefined;

  constructor(metric: ArgoMetric, startedAt: number) {
    this.metric = metric;
    this.dueAt = startedAt + metric.initialDelay;
  }

  add(measurement: Measurement, finishedAt: number): void {
    const { phase } = measurement;
    this.#measurements.push(measurement);
    this.#counts[phase] += 1;
    this.#errorsInARow = phase === 'Error' ? this.#errorsInARow + 1 : 0;
    this.#successesInARow = phase === 'Successful' ? this.#successesInARow + 1 : 0;
    this.phase = this.#assess();
    const { interval = ERROR_RETRY_SECONDS } = this.metric;
    const wait = phase === 'Error' ? ERROR_RETRY_SECONDS : interval;
    this.dueAt = this.phase === 'Running' ? finishedAt + wait : Number.POSITIVE_INFINITY;
  }

  #assess(): Phase {
    const { Successful, Failed, Inconclusive } = this.#counts;
    const { failureLimit, inconclusiveLimit, consecutiveErrorLimit, consecutiveSuccessLimit, count } = this.metric;
    const over = (is: number, name: string, limit: number): boolean => {
      if (is <= limit) return false;
      this.#message = `${name.toLowerCase()} (${is}) > ${LIMITS[name]} (${limit})`;
      return true;
    };
    // Errors count more than inconclusive measurements, and these more than failures.
    if (over(this.#errorsInARow, 'Errors in a row', consecutiveErrorLimit)) return 'Error';
    if (over(Inconclusive, 'Inconclusive', inconclusiveLimit)) return 'Inconclusive';
    if (failureLimit >= 0 && over(Failed, 'Failed', failureLimit)) return 'Failed';
    if (consecutiveSuccessLimit > 0 && this.#successesInARow >= consecutiveSuccessLimit) return 'Successful';
    if (count === undefined || Successful + Failed + Inconclusive < count) return 'Running';
    if (consecutiveSuccessLimit === 0) return 'Successful';
    this.#message = `no ${consecutiveSuccessLimit} successes in a row within ${count} measurements`;
    return failureLimit >= 0 ? 'Inconclusive' : 'Failed';
  }

  /** Returns the result so far. A metric that is ended early and has passed no limit is a success. */
  result(isEnded: boolean): MetricVerdict {
    const { metric } = this;
    const { name, isDryRun, provider, successCondition, failureCondition } = metric;
    const limit = (key: string, used: number, limit: number): MetricVerdict['limits'][number] => ({
      name: key,
      used,
      limit,
    });
    const last = this.#measurements.at(-1)?.message;
    return {
      name,
      phase: isEnded && this.phase === 'Running' ? 'Successful' : this.phase,
      ...(this.#message === undefined
        ? {}
        : { message: last === undefined ? this.#message : `${this.#message}: ${last}` }),
      dryRun: isDryRun,
      query: provider.query,
      ...(successCondition === '' ? {} : { successCondition }),
      ...(failureCondition === '' ? {} : { failureCondition }),
      thresholds: thresholdsOf(metric),
      limits: [
        limit('failureLimit', this.#counts.Failed, metric.failureLimit),
        limit('inconclusiveLimit', this.#counts.Inconclusive, metric.inconclusiveLimit),
        limit('consecutiveErrorLimit', this.#errorsInARow, metric.consecutiveErrorLimit),
      ],
      measurements: [...this.#measurements],
    };
  }
}

const LIMITS: Readonly<Record<string, string>> = {
  Failed: 'failureLimit',
  Inconclusive: 'inconclusiveLimit',
  'Errors in a row': 'consecutiveErrorLimit',
};

function isWorse({ phase }: MetricVerdict, than: MetricVerdict | undefined): boolean {
  return than === undefined || ORDER.indexOf(phase) > ORDER.indexOf(than.phase);
}

function messageOf(worst: MetricVerdict | undefined, isEnded: boolean): string {
  if (worst === undefined) return 'every metric is a dry run';
  if (worst.phase === 'Running') return `nothing is decided yet: metric "${worst.name}" was still being measured`;
  if (worst.phase !== 'Successful') return `metric "${worst.name}" assessed ${worst.phase} due to ${worst.message}`;
  // Argo counts a run that was ended as a success, with or without evidence.
  return isEnded ? 'the run was ended before a metric was over a limit' : 'no metric was over a limit';
}
