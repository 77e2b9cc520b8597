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

/** One stored sample. Its time is the start of the scrape, in epoch seconds. */
interface StoredSample {
  readonly at: number;
  readonly value: number;
}

/** The targets of a Prometheus, by job name. */
export type Jobs = Readonly<Record<string, { readonly port: number; readonly path?: string }>>;

/** A Prometheus that runs for a test. */
export interface Prometheus {
  readonly address: string;
  /** Returns the vector of an instant query at this time. Throws the error of Prometheus. */
  query(promql: string): Promise<readonly Element[]>;
  /** Returns the stored samples of the only series of a selector, oldest first. Throws if there are several series. */
  samples(selector: string): Promise<readonly StoredSample[]>;
  /** Waits for `times` successful scrapes of every job that start after this call. Throws after 100 s. */
  untilScraped(times: number): Promise<void>;
  /** Returns the types of the metrics by their names, as the format of the scrape spells them. */
  types(): Promise<Readonly<Record<string, string>>>;
  /** Ends the process and removes its data. */
  close(): Promise<void>;
}

const missing = missingBinaries('prometheus', 'promtool');
const sentence = `${missing.join(' and ')} not found on the PATH: install the Debian package prometheus`;

/** Whether tests of a real Prometheus must be skipped. Always false in CI, where these tests fail instead. */
export const isPrometheusMissing: boolean = missing.length > 0 && process.env.CI !== 'true';
if (isPrometheusMissing) process.stderr.write(`SKIPPING the tests against a real Prometheus: ${sentence}\n`);

// Long enough for a scrape on a slow machine, and short because a test waits for several scrapes.
const SCRAPE_INTERVAL = '500ms';

/** Starts a Prometheus on loopback, on a free port, with data of its own. */
export async function startPrometheus(jobs: Jobs): Promise<Prometheus> {
  const { address, close } = await startServer(() => configurationOf(jobs));
  return { ...client(address, Object.keys(jobs)), address, close };
}

/** A Prometheus that scrapes the targets in the files of a folder each second, for targets that come and go. */
export interface WatchingPrometheus {
  readonly address: string;
  /** The folder of the `file_sd` files. */
  readonly targets: string;
  query: Prometheus['query'];
  close(): Promise<void>;
}

/** Starts a Prometheus on loopback that reads its targets from files, with optional flags. */
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
  const { query } = client(address, []);
  return { address, targets, query, close };
}

/** Starts a Prometheus on loopback with a complete configuration. */
export async function startConfiguredPrometheus(configuration: object): Promise<Pick<Prometheus, 'address' | 'close'>> {
  return await startServer(() => JSON.stringify(configuration));
}

/**
 * Starts a Prometheus that scrapes nothing and has the samples of an OpenMetrics text. Each line of the text needs a
 * timestamp, and the samples of each series must be in order.
 */
export async function startBackfilledPrometheus(
  openMetrics: Iterable<string>,
  { configuration = {}, binary }: { readonly configuration?: object; readonly binary?: string } = {},
): Promise<Pick<Prometheus, 'address' | 'close'>> {
  return await startServer(
    (folder) => {
      const file = join(folder, 'samples.txt');
      for (const part of openMetrics) appendFileSync(file, part);
      // Prometheus reads the whole text once for each block.
      const flags = ['--max-block-duration=744h', 'openmetrics', file, join(folder, 'data')];
      const { status, stderr } = spawnSync('promtool', ['tsdb', 'create-blocks-from', ...flags], { encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
      return JSON.stringify(configuration);
    },
    [],
    binary,
  );
}

/** A Prometheus process. */
export interface StartedPrometheus {
  readonly address: string;
  /** Returns what Prometheus has logged until now. */
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

/** Returns the output of `promtool check metrics` for an exposition. */
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
 * Evaluates queries over series that promtool generates. Promtool samples the series and evaluates the rules every 15 s. `said` has
 * a line for each result that is not as expected.
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
    // Rules are evaluated less often than the series have samples: each evaluation of ours takes 0.1 s.
    evaluation_interval: '1m',
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
      const deadline = Date.now() + 100_000;
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
  // Promtool reads JSON, because YAML is a superset of JSON.
  return JSON.stringify({
    global: { scrape_interval: SCRAPE_INTERVAL, scrape_timeout: SCRAPE_INTERVAL },
    scrape_configs: Object.entries(jobs).map(([name, { port, path = '/metrics' }]) => ({
      job_name: name,
      metrics_path: path,
      static_configs: [{ targets: [`127.0.0.1:${port}`] }],
    })),
  });
}

/** Returns the address on which Prometheus listens, from its log. */
async function addressOf({ stderr, exitCode }: ChildProcess, log: string[]): Promise<string> {
  stderr?.setEncoding('utf8');
  for await (const chunk of stderr?.iterator({ destroyOnReturn: false }) ?? []) {
    log.push(chunk);
    const [, address] = /"Listening on" (?:component=web )?address=(\S+)\s/.exec(log.join('')) ?? [];
    if (address === undefined) continue;
    // Reads on, because Prometheus would block when the pipe is full.
    stderr?.on('data', (text: string) => void log.push(text)).resume();
    return `http://${address}`;
  }
  throw new Error(`Prometheus ended with ${exitCode} before it listened:\n${log.join('')}`);
}

async function untilReady(address: string): Promise<void> {
  const deadline = Date.now() + 100_000;
  while (!(await fetch(`${address}/-/ready`)).ok) {
    if (Date.now() > deadline) throw new Error('Prometheus is not ready after 100 s');
    await delay(20);
  }
}
