import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endWithRun, missingBinaries } from './server-process.js';

/** One element of an instant vector. */
interface Element {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One sample as it is stored, its time in epoch seconds: that at which the scrape began. */
interface StoredSample {
  readonly at: number;
  readonly value: number;
}

/** What a Prometheus scrapes, by job name. */
export type Jobs = Readonly<Record<string, { readonly port: number; readonly path?: string }>>;

/** A Prometheus that runs for a test. */
export interface Prometheus {
  readonly address: string;
  /** The vector that an instant query answers, now. Throws what Prometheus complains of. */
  query(promql: string): Promise<readonly Element[]>;
  /** The samples stored for the only series of a selector, oldest first. Throws where there are several series. */
  samples(selector: string): Promise<readonly StoredSample[]>;
  /** Waits for `times` successful scrapes of every job that begin after this call. Throws after 50 s. */
  untilScraped(times: number): Promise<void>;
  /** What Prometheus was told of metrics: by name, as the format it was scraped in spells it, their type. */
  types(): Promise<Readonly<Record<string, string>>>;
  /** Ends it and removes its data. */
  close(): Promise<void>;
}

const missing = missingBinaries('prometheus', 'promtool');
const sentence = `${missing.join(' and ')} not found on the PATH: install the Debian package prometheus`;

/** Whether tests of a real Prometheus have to be skipped. Never so in CI, where they fail instead. */
export const isPrometheusMissing: boolean = missing.length > 0 && process.env.CI !== 'true';
if (isPrometheusMissing) process.stderr.write(`SKIPPING the tests against a real Prometheus: ${sentence}\n`);

// A slow machine must answer within it, and a test waits for several.
const SCRAPE_INTERVAL = '500ms';

/** Starts a Prometheus on loopback, on a free port, with data of its own. */
export async function startPrometheus(jobs: Jobs): Promise<Prometheus> {
  const { address, close } = await startServer(() => configurationOf(jobs));
  return { ...client(address, Object.keys(jobs)), address, close };
}

/** A Prometheus that scrapes what the files in a folder say, each second; for what comes and goes. */
export interface WatchingPrometheus {
  readonly address: string;
  /** Folder of `file_sd` files. */
  readonly targets: string;
  close(): Promise<void>;
}

/** Starts one on loopback, with more flags where some are given. */
export async function startWatchingPrometheus(...flags: readonly string[]): Promise<WatchingPrometheus> {
  let targets = '';
  const { address, close } = await startServer((folder) => {
    targets = join(folder, 'targets');
    mkdirSync(targets);
    return JSON.stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: [{ job_name: 'pods', file_sd_configs: [{ files: [join(targets, '*.json')] }] }],
    });
  }, flags);
  return { address, targets, close };
}

/** Starts one on loopback with a whole configuration. */
export async function startConfiguredPrometheus(configuration: object): Promise<Pick<Prometheus, 'address' | 'close'>> {
  return await startServer(() => JSON.stringify(configuration));
}

/**
 * Starts one that scrapes nothing and has the samples of an OpenMetrics text, which needs a timestamp on each line. Of one
 * series, they have to be in order.
 */
export async function startBackfilledPrometheus(
  openMetrics: Iterable<string>,
): Promise<Pick<Prometheus, 'address' | 'close'>> {
  return await startServer((folder) => {
    const file = join(folder, 'samples.txt');
    for (const part of openMetrics) appendFileSync(file, part);
    // It reads the whole text once for each block.
    const flags = ['--max-block-duration=744h', 'openmetrics', file, join(folder, 'data')];
    const { status, stderr } = spawnSync('promtool', ['tsdb', 'create-blocks-from', ...flags], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return '{}';
  });
}

/** A Prometheus that runs, whatever it is for. */
export interface StartedPrometheus {
  readonly address: string;
  /** What it has logged until now. */
  log(): string;
  close(): Promise<void>;
}

/** Starts a Prometheus with the configuration that a function returns for the folder of this Prometheus. */
export async function startServer(
  configuration: (folder: string) => string,
  flags: readonly string[] = [],
  binary = 'prometheus',
): Promise<StartedPrometheus> {
  if (binary === 'prometheus' && missing.length > 0) throw new Error(sentence);
  const folder = await mkdtemp(join(tmpdir(), 'coalmine-prometheus-'));
  const config = join(folder, 'prometheus.yml');
  await writeFile(config, configuration(folder));
  const child = spawn(
    binary,
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--web.listen-address=127.0.0.1:0',
      ...flags,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const close = endWithRun(child, folder);
  try {
    const log: string[] = [];
    const address = await addressOf(child, log);
    await untilReady(address);
    return { address, log: () => log.join(''), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What `promtool check metrics` says of an exposition. */
export function promtoolCheckMetrics(exposition: string): { readonly status: number | null; readonly said: string } {
  if (missing.length > 0) throw new Error(sentence);
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: exposition,
    encoding: 'utf8',
  });
  return { status, said: stdout + stderr };
}

/** A series of a rule test: its selector, and its samples in promtool's shorthand, such as `0+10x40`. */
export interface RuleSeries {
  readonly series: string;
  readonly values: string;
}

/**
 * What a query answers of series that promtool makes up, sampled every 15 s, and of rules that are evaluated as often: a
 * line for each that is not as expected.
 */
export async function promtoolTestQueries(
  tests: readonly {
    readonly name: string;
    readonly series: readonly RuleSeries[];
    readonly queries: readonly { readonly query: string; readonly at: string; readonly answers: readonly number[] }[];
  }[],
  rules?: object,
): Promise<{ readonly status: number | null; readonly said: string }> {
  if (missing.length > 0) throw new Error(sentence);
  const folder = await mkdtemp(join(tmpdir(), 'coalmine-promtool-'));
  const file = join(folder, 'tests.yml');
  if (rules !== undefined) await writeFile(join(folder, 'rules.yml'), JSON.stringify(rules));
  const written = {
    rule_files: rules === undefined ? [] : ['rules.yml'],
    evaluation_interval: '15s',
    tests: tests.map(({ name, series, queries }) => ({
      interval: '15s',
      name,
      input_series: series,
      promql_expr_test: queries.map(({ query, at, answers }) => ({
        expr: query,
        eval_time: at,
        exp_samples: answers.map((value) => ({ labels: '{}', value })),
      })),
    })),
  };
  await writeFile(file, JSON.stringify(written));
  const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' });
  await rm(folder, { recursive: true });
  return { status, said: stdout + stderr };
}

function client(address: string, jobs: readonly string[]): Omit<Prometheus, 'close' | 'address'> {
  const prometheus: Omit<Prometheus, 'close' | 'address'> = {
    async query(promql) {
      const result = await ask<{ metric: Record<string, string>; value: [number, string] }>(promql);
      return result.map(({ metric, value: [, text] }) => ({ metric, value: numberOf(text) }));
    },
    async samples(selector) {
      const [series, ...more] = await ask<{ values: [number, string][] }>(`${selector}[10m]`);
      if (more.length > 0) throw new Error(`${more.length + 1} series of ${selector}`);
      return series?.values.map(([at, text]) => ({ at, value: numberOf(text) })) ?? [];
    },
    async untilScraped(times) {
      const since = Date.now() / 1000;
      const deadline = Date.now() + 50_000;
      const isScraped = async (job: string): Promise<boolean> => {
        const scrapes = await prometheus.samples(`up{job="${job}"}`);
        return scrapes.filter(({ at, value }) => at > since && value === 1).length >= times;
      };
      for (const job of jobs) {
        while (!(await isScraped(job))) {
          if (Date.now() > deadline) throw new Error(`still waiting for scrape ${times} of ${job}`);
          await delay(50);
        }
      }
    },
    async types() {
      const metadata = await get<Record<string, { type: string }[]>>(`${address}/api/v1/metadata`);
      return Object.fromEntries(Object.entries(metadata).map(([name, [first]]) => [name, first?.type ?? '']));
    },
  };
  return prometheus;

  async function ask<T>(promql: string): Promise<readonly T[]> {
    const { result } = await get<{ result: T[] }>(`${address}/api/v1/query?${new URLSearchParams({ query: promql })}`);
    return result;
  }
}

async function get<T>(url: string): Promise<T> {
  const answer = (await (await fetch(url)).json()) as { status: string; data: T; error?: string };
  if (answer.status !== 'success') throw new Error(answer.error);
  return answer.data;
}

function numberOf(text: string): number {
  return text.endsWith('Inf') ? Number(text.replace('Inf', 'Infinity')) : Number(text);
}

function configurationOf(jobs: Jobs): string {
  // YAML is a superset of JSON.
  return JSON.stringify({
    global: { scrape_interval: SCRAPE_INTERVAL, scrape_timeout: SCRAPE_INTERVAL },
    scrape_configs: Object.entries(jobs).map(([name, { port, path = '/metrics' }]) => ({
      job_name: name,
      metrics_path: path,
      static_configs: [{ targets: [`127.0.0.1:${port}`] }],
    })),
  });
}

/** The address that it listens on, which its log tells. */
async function addressOf({ stderr, exitCode }: ChildProcess, log: string[]): Promise<string> {
  stderr?.setEncoding('utf8');
  for await (const chunk of stderr?.iterator({ destroyOnReturn: false }) ?? []) {
    log.push(chunk);
    const [, address] = /"Listening on" (?:component=web )?address=(\S+)\s/.exec(log.join('')) ?? [];
    if (address === undefined) continue;
    // Read on, or it would wait for us once the pipe is full.
    stderr?.on('data', (text: string) => void log.push(text)).resume();
    return `http://${address}`;
  }
  throw new Error(`Prometheus ended with ${exitCode} before it listened:\n${log.join('')}`);
}

async function untilReady(address: string): Promise<void> {
  const deadline = Date.now() + 50_000;
  while (!(await fetch(`${address}/-/ready`)).ok) {
    if (Date.now() > deadline) throw new Error('Prometheus is not ready after 50 s');
    await delay(20);
  }
}
