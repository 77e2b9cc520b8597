import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judge } from '../controllers/judges/judges.js';
import type { RuleSeries } from './prometheus.js';
import { valuesOf } from './promtool-values.js';
import { endWithRun, freePort, untilReady } from './server-process.js';

/** A real VictoriaMetrics on loopback. */
export interface VictoriaMetrics {
  /** Stores series in the shorthand of promtool: a sample for each period in seconds, from a time in epoch seconds. */
  store(series: readonly RuleSeries[], interval: number, from: number): Promise<void>;
  /** Makes the stored samples visible to queries. */
  flush(): Promise<void>;
  /** Returns the values of a query at a time in epoch seconds. */
  query(promql: string, at: number): Promise<readonly number[]>;
  /** Ends the process and removes its data. */
  close(): Promise<void>;
}

/** Starts the VictoriaMetrics that `npm run judges` has built. */
export async function startVictoriaMetrics(): Promise<VictoriaMetrics> {
  const folder = await mkdtemp(join(tmpdir(), 'coalmine-victoria-metrics-'));
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const child = spawn(
    judge('victoria-metrics'),
    [
      `-storageDataPath=${folder}`,
      `-httpListenAddr=127.0.0.1:${port}`,
      '-retentionPeriod=1y',
      // By default VictoriaMetrics waits for late samples.
      '-search.latencyOffset=0s',
    ],
    { stdio: 'ignore' },
  );
  const close = endWithRun(child, folder);
  await untilReady(child, `${address}/health`, close);
  const send = async (path: string, body?: string): Promise<string> => {
    const response = await fetch(`${address}${path}`, body === undefined ? {} : { method: 'POST', body });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return text;
  };
  return {
    async store(series, interval, from) {
      const lines = series.flatMap(({ series: selector, values }) =>
        valuesOf(values).flatMap((value, i) =>
          value === undefined ? [] : [`${selector} ${value} ${1000 * (from + i * interval)}`],
        ),
      );
      await send('/api/v1/import/prometheus', `${lines.join('\n')}\n`);
    },
    async flush() {
      await send('/internal/force_flush');
    },
    async query(promql, at) {
      const body = new URLSearchParams({ query: promql, time: String(at), nocache: '1' });
      const { data } = JSON.parse(await send(`/api/v1/query?${body}`)) as {
        data: { result: readonly { value: readonly [number, string] }[] };
      };
      return data.result.map(({ value: [, text] }) => Number(text));
    },
    close,
  };
}
