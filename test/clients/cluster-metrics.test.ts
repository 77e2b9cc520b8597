import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { build } from '../support/build.js';
import { send } from '../support/client.js';
import { type Exposition, scrape, scrapeUntil } from '../support/exposition.js';
import { isPrometheusMissing, promtoolCheckMetrics } from '../support/prometheus.js';
import { samplesOf } from '../support/samples.js';

const fixture = fileURLToPath(new URL('./fixtures/cluster-metrics.mjs', import.meta.url));
const ITEMS = { method: 'GET', route: '/items/:id', status_code: 200 };

beforeAll(() => build('metrics', 'node'), 180_000);

/** A cluster in its own process. */
class TestCluster {
  readonly #primary: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #interface: Interface;
  port = 0;
  metricsUrl = '';

  constructor(client: string) {
    this.#primary = spawn(process.execPath, ['--expose-gc', fixture, client], { stdio: ['pipe', 'pipe', 'ignore'] });
    if (this.#primary.stdout === null) throw new Error('a piped stdout is always there');
    this.#interface = createInterface(this.#primary.stdout);
    this.#lines = this.#interface[Symbol.asyncIterator]();
  }

  async start(): Promise<void> {
    const { port, metricsPort } = (await this.#read()) as { readonly port: number; readonly metricsPort: number };
    this.port = port;
    this.metricsUrl = `http://127.0.0.1:${metricsPort}/metrics`;
  }

  /** Makes the primary do something to its first worker, and waits until it is done. */
  async order(line: string): Promise<unknown> {
    this.#primary.stdin?.write(`${line}\n`);
    return this.#read();
  }

  scrape(): Promise<Exposition> {
    return scrape(this.metricsUrl);
  }

  /** Scrapes when the workers have seen the end of each request, a moment after its client. */
  settle(): Promise<Exposition> {
    return scrapeUntil(this.metricsUrl, (exposition) => exposition.value('http_requests_in_flight') === 0);
  }

  /** Sends requests until each of a number of workers has responded, and returns the number of responses. */
  async reach(workers: number): Promise<number> {
    const seen = new Set<string>();
    let answered = 0;
    while (seen.size < workers) {
      const answer = await send(this.port, '/items/1');
      // The connection may have gone to a worker that was about to end.
      if (typeof answer !== 'object') continue;
      seen.add(answer.body);
      answered++;
    }
    return answered;
  }

  async end(): Promise<void> {
    if (this.#primary.exitCode !== null || this.#primary.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#primary.once('exit', resolve));
    this.#primary.stdin?.end();
    await ended;
    this.#interface.close();
  }

  async #read(): Promise<unknown> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the primary has ended');
    return JSON.parse(value);
  }
}

function counted(exposition: Exposition): readonly (number | undefined)[] {
  return [
    exposition.value('http_requests_total', ITEMS),
    exposition.value('http_request_duration_seconds_count', ITEMS),
    exposition.value('orders_total', { shop: 'a', till: '1' }),
    exposition.value('wait_seconds_bucket', { le: '2' }),
    exposition.value('wait_seconds_count'),
  ];
}

/** Returns all series, without the default metrics that exist only while there is a timer or after some kinds of garbage collection. */
function lastingSeries(exposition: Exposition): readonly string[] {
  return exposition.series().filter((series) => !/^nodejs_(?:active_|gc_)/.test(series));
}

async function startCluster(client: string): Promise<TestCluster> {
  const cluster = new TestCluster(client);
  await cluster.start();
  return cluster;
}

describe.each(['prom-client', '@prometheus-io/client'])('three workers with metrics of %s', (client) => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startCluster(client);
  });
  afterAll(() => cluster.end());

  it('are at zero for every route before the first request', async () => {
    const exposition = await cluster.scrape();
    expect(exposition.value('http_requests_total', ITEMS)).toBe(0);
    expect(exposition.value('http_errors_total', { route: '/items/:id', status_code: 500 })).toBe(0);
  });

  it('are shown as one, each metric by its aggregator, with the metrics of the primary', async () => {
    const sent = await cluster.reach(3);
    const exposition = await cluster.settle();
    expect(counted(exposition)).toEqual(Array(5).fill(sent));
    const till = { shop: 'a', till: '1' };
    expect(exposition.value('sum_depth', till)).toBe(1 + 2 + 3);
    expect(exposition.value('first_depth', till)).toBe(1);
    expect(exposition.value('min_depth', till)).toBe(1);
    expect(exposition.value('max_depth', till)).toBe(3);
    expect(exposition.value('average_depth', till)).toBe(2);
    expect(exposition.samples('omit_depth')).toEqual([]);
    expect(exposition.value('infinite_depth')).toBe(Number.POSITIVE_INFINITY);
    expect(exposition.value('size_bytes_sum')).toBe(1 + 2 + 3);
    expect(exposition.value('of_the_primary')).toBe(1);
    expect(exposition.value('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(exposition.value('nodejs_version_info')).toBe(1);
    expect(exposition.value('coalmine_objective_latency_seconds')).toBe(0.5);
    expect(exposition.value('coalmine_pod_warm')).toBe(1);
    expect(exposition.value('coalmine_cluster_workers', { state: 'responding' })).toBe(3);
    expect(exposition.value('coalmine_cluster_workers', { state: 'silent' })).toBe(0);
  });

  it('are written in the format that the scraper prefers, and compressed if it accepts that', async () => {
    const { text: plain } = await cluster.settle();
    const response = await fetch(cluster.metricsUrl, {
      headers: { accept: 'application/openmetrics-text;version=1.0.0', 'accept-encoding': 'gzip' },
    });
    expect(response.headers.get('content-type')).toContain('application/openmetrics-text');
    expect(response.headers.get('content-encoding')).toBe('gzip');
    const text = await response.text();
    expect(text).toMatch(/\n# EOF\n$/);
    expect(text).toContain('\n# TYPE http_requests counter\n');
    const ours = (exposition: string): readonly string[] =>
      samplesOf(exposition).filter((sample) => sample.startsWith('http_'));
    expect(ours(text)).toEqual(ours(plain));
  });

  it.skipIf(isPrometheusMissing)('are an exposition that promtool can read', async () => {
    const { said } = promtoolCheckMetrics((await cluster.scrape()).text);
    // promtool complains about names that the client gives to its default metrics.
    expect(said.split('\n').filter((line) => line !== '' && !line.startsWith('nodejs_'))).toEqual([]);
  });
});

describe('of three workers', () => {
  let cluster: TestCluster;
  let sent: number;
  beforeEach(async () => {
    cluster = await startCluster('prom-client');
    sent = await cluster.reach(3);
    expect(counted(await cluster.settle())).toEqual(Array(5).fill(sent));
  });
  afterEach(() => cluster.end());

  it('one that is killed leaves its counts in the sum, and takes its gauges along', async () => {
    await cluster.order('kill SIGKILL');
    const exposition = await cluster.scrape();
    expect(counted(exposition)).toEqual(Array(5).fill(sent));
    expect(exposition.value('size_bytes_sum')).toBe(1 + 2 + 3);
    expect(exposition.value('sum_depth', { shop: 'a' })).toBe(2 + 3);
    expect(exposition.value('average_depth', { shop: 'a' })).toBe(2.5);
    expect(exposition.value('size_bytes', { quantile: 0.5 })).toBe(2 + 3);
    expect(exposition.value('coalmine_cluster_workers', { state: 'responding' })).toBe(2);

    await cluster.order('fork');
    sent += await cluster.reach(3);
    expect(counted(await cluster.settle())).toEqual(Array(5).fill(sent));
  });

  it('one that is killed during a scrape does not hold the scrape up', async () => {
    // The worker is stopped, so it is asked and dies before it can respond.
    await cluster.order('hang');
    const scraping = cluster.scrape();
    await cluster.order('kill SIGKILL');
    const exposition = await scraping;
    expect(counted(exposition)).toEqual(Array(5).fill(sent));
    expect(exposition.value('coalmine_cluster_workers', { state: 'responding' })).toBe(2);
    expect(exposition.value('coalmine_cluster_workers', { state: 'silent' })).toBe(0);
  });

  it('one that crashes has reported its last counts, even if nobody has scraped since', async () => {
    await send(cluster.port, '/items/crash');
    const exposition = await scrapeUntil(
      cluster.metricsUrl,
      (each) => each.value('coalmine_cluster_workers', { state: 'responding' }) === 2,
    );
    expect(exposition.value('http_requests_total', ITEMS)).toBe(sent + 1);
    expect(exposition.value('http_request_duration_seconds_count', ITEMS)).toBe(sent + 1);
  });

  it('one that does not respond is shown with its last numbers, and with its current numbers once it responds', async () => {
    await cluster.order('hang');
    for (let i = 0; i < 2; i++) {
      const exposition = await cluster.scrape();
      expect(counted(exposition)).toEqual(Array(5).fill(sent));
      expect(exposition.value('coalmine_cluster_workers', { state: 'responding' })).toBe(2);
      expect(exposition.value('coalmine_cluster_workers', { state: 'silent' })).toBe(1);
    }
    await cluster.order('continue');
    sent += await cluster.reach(3);
    const exposition = await cluster.settle();
    expect(counted(exposition)).toEqual(Array(5).fill(sent));
    expect(exposition.value('coalmine_cluster_workers', { state: 'silent' })).toBe(0);
  });

  it('one in a loop that does not end holds no scrape up for ever', async () => {
    const looping = send(cluster.port, '/items/loop');
    const exposition = await scrapeUntil(
      cluster.metricsUrl,
      (each) => each.value('coalmine_cluster_workers', { state: 'silent' }) === 1,
    );
    expect(exposition.value('coalmine_cluster_workers', { state: 'silent' })).toBe(1);
    expect(counted(exposition)).toEqual(Array(5).fill(sent));
    await cluster.end();
    await looping;
  });

  it('those that have ended leave only their sum, however many they are', async () => {
    const replace = async (how: string): Promise<void> => {
      await cluster.order(how);
      await cluster.order('fork');
      sent += await cluster.reach(3);
      await cluster.settle();
    };
    for (const how of ['kill SIGKILL', 'disconnect', 'kill SIGTERM']) await replace(how);
    const [series, heap] = [lastingSeries(await cluster.scrape()), (await cluster.order('heap')) as number];
    for (let i = 0; i < 10; i++) await replace(i % 2 === 0 ? 'kill SIGKILL' : 'disconnect');
    const exposition = await cluster.scrape();
    expect(lastingSeries(exposition)).toEqual(series);
    expect(counted(exposition)).toEqual(Array(5).fill(sent));
    expect(((await cluster.order('heap')) as number) - heap).toBeLessThan(1024 * 1024);
  });
});
