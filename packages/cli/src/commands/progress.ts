import { AnalysisError } from '../analyze/analysis-error.js';
import type { Clock } from '../analyze/clock.js';
import { createPrometheusClient } from '../analyze/prometheus.js';
import type { Measurement, MetricResult } from '../analyze/verdict.js';
import { renderMeasurement, timeOf } from '../report/terminal.js';
import { terminalOf } from './terminal-of.js';

/** What is said on stderr while an analysis runs, so that nobody waits in the dark. */
export interface Progress {
  /** Each measurement; or, of the past, one a second. */
  measured(metric: MetricResult, measurement: Measurement): void;
  /** The clock, which says what it waits for. */
  watched(clock: Clock): Clock;
  /** Waits until each Prometheus has answered. Rejects with `AnalysisError`: that it is away now says nothing of the past. */
  reached(addresses: readonly string[], headers: Readonly<Record<string, string>>): Promise<void>;
}

// A wait that is shorter needs no word.
const QUIET_SECONDS = 1;

export function createProgress({ watch, json }: { readonly watch?: boolean; readonly json?: boolean }): Progress {
  const say = (line: string): void => {
    if (!json) process.stderr.write(`${line}\n`);
  };
  const options = terminalOf(process.stderr);
  let quietUntil = Date.now() + 1000;

  return {
    measured(metric, measurement) {
      if (!watch && Date.now() < quietUntil) return;
      quietUntil = Date.now() + 1000;
      say(renderMeasurement(metric, measurement, options));
    },
    watched(clock) {
      return {
        now: clock.now,
        until(time, signal) {
          const wait = Math.round(time - clock.now());
          if (wait >= QUIET_SECONDS && wait < Number.POSITIVE_INFINITY) say(`waiting ${wait} s, until ${timeOf(time)}`);
          return clock.until(time, signal);
        },
      };
    },
    async reached(addresses, headers) {
      for (const address of new Set(addresses)) {
        const client = createPrometheusClient(address, headers);
        const slow = setTimeout(() => say(`waiting for ${address}`), 1000);
        try {
          await client.query('vector(1)', Date.now() / 1000);
        } catch (error) {
          throw new AnalysisError(`no Prometheus to ask: ${(error as Error).message}`);
        } finally {
          clearTimeout(slow);
        }
      }
    },
  };
}
