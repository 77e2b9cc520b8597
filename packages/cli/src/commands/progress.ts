import { withoutCredentials } from '../address.js';
import { AnalysisError } from '../analysis-error.js';
import type { MetricResult } from '../analyze/result.js';
import { type Clock, epochSeconds } from '../controllers/clock.js';
import { showTime } from '../controllers/shown.js';
import type { Measurement } from '../controllers/verdict.js';
import { createPrometheusClient } from '../prometheus.js';
import { printableLine } from '../report/printable.js';
import { renderMeasurement, terminalOf } from '../report/terminal.js';

/** Reports on stderr what an analysis waits for while it runs. It never shows credentials. */
export interface Progress {
  /** Called with each measurement. Over the past, it shows one per second. */
  measured(metric: MetricResult, measurement: Measurement): void;
  /** Returns the clock, which then reports what it waits for, and for which metrics. */
  watched(clock: Clock): Clock;
  /**
   * Waits until each Prometheus has responded. Rejects with `AnalysisError`, because a Prometheus that is away now says
   * nothing about the past.
   */
  reached(addresses: readonly string[], headers: Readonly<Record<string, string>>): Promise<void>;
  /** Ends the reports. */
  done(): void;
}

/** A metric, and when it is measured. */
export interface Scheduled {
  readonly name: string;
  /** Seconds before the first measurement. */
  readonly delay: number;
  /** Seconds between two measurements. */
  readonly interval: number;
}

interface Options {
  readonly watch?: boolean;
  readonly json?: boolean;
  readonly schedule: readonly Scheduled[];
}

// A shorter wait is not reported.
const QUIET_SECONDS = 1;
const REPEAT_SECONDS = 5;
// The seconds that Argo Rollouts waits after an error.
const ERROR_RETRY_SECONDS = 10;
const NAMED = 4;

export function createProgress({ watch = false, json = false, schedule }: Options): Progress {
  const options = terminalOf(process.stderr);
  const dueAt = new Map<string, number>();
  let quietUntil = Date.now() + 1000;
  let stop = (): void => {};

  return {
    measured({ name }, measurement) {
      const { interval = Number.POSITIVE_INFINITY } = schedule.find((each) => each.name === name) ?? {};
      const wait = measurement.phase === 'Error' ? Math.min(ERROR_RETRY_SECONDS, interval) : interval;
      dueAt.set(name, measurement.at + wait);
      if (dueBy(measurement.at).length === 0) stop();
      if (json || (!watch && Date.now() < quietUntil)) return;
      quietUntil = Date.now() + 1000;
      say(renderMeasurement({ name }, measurement, options));
    },
    watched(clock) {
      const startedAt = clock.now();
      for (const { name, delay } of schedule) dueAt.set(name, startedAt + delay);
      return {
        now: clock.now,
        async until(time, signal) {
          stop();
          const wait = Math.round(time - clock.now());
          if (watch && wait >= QUIET_SECONDS && wait < Number.POSITIVE_INFINITY) {
            say(`waiting ${wait} s, until ${showTime(time)}${listMetrics(dueBy(time))}`);
          }
          await clock.until(time, signal);
          if (signal?.aborted === true || dueBy(time).length === 0) return;
          stop = repeat((seconds) => `no response for ${seconds} s${listMetrics(dueBy(time))}`);
        },
      };
    },
    async reached(addresses, headers) {
      for (const address of new Set(addresses)) {
        const shown = withoutCredentials(address);
        const client = createPrometheusClient(address, headers);
        const answered = repeat((seconds) => `waiting for ${shown}: no response for ${seconds} s`);
        try {
          await client.query('vector(1)', epochSeconds());
        } catch (error) {
          throw new AnalysisError(`no Prometheus can be queried: ${(error as Error).message}`);
        } finally {
          answered();
        }
      }
    },
    done: () => stop(),
  };

  /** Returns the metrics that are due at a time and have not been measured yet. */
  function dueBy(time: number): readonly string[] {
    return [...dueAt].filter(([, due]) => due <= time + QUIET_SECONDS / 2).map(([name]) => name);
  }
}

function listMetrics(metrics: readonly string[]): string {
  if (metrics.length === 0) return '';
  const more = metrics.length - NAMED;
  return `: ${metrics.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/**
 * Reports how long something takes: after a second, and every few seconds. Returns a function that ends the reports.
 */
function repeat(words: (seconds: number) => string): () => void {
  const startedAt = Date.now();
  const tell = (): void => say(words(Math.round((Date.now() - startedAt) / 1000)));
  const first = setTimeout(tell, 1000 * QUIET_SECONDS).unref();
  const next = setInterval(tell, 1000 * REPEAT_SECONDS).unref();
  return () => {
    clearTimeout(first);
    clearInterval(next);
  };
}

function say(line: string): void {
  process.stderr.write(`${printableLine(line)}\n`);
}
