import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from '../support/build.js';
import { send } from '../support/client.js';
import { type Exposition, scrape, scrapeUntil } from '../support/exposition.js';

const fixture = fileURLToPath(new URL('./fixtures/cluster.mjs', import.meta.url));

const REQUESTS = 30;
const OTHER_REQUESTS = 4;
const HANGS = 3;

beforeAll(() => build('metrics', 'node'), 180_000);

describe.each(['prom-client', '@prometheus-io/client'])('three workers, aggregated by %s', (client) => {
  let primary: ChildProcess;
  let port: number;
  let metricsUrl: string;
  const hanging = new AbortController();

  beforeAll(async () => {
    primary = spawn(process.execPath, [fixture, client], { stdio: ['pipe', 'pipe', 'inherit'] });
    if (primary.stdout === null) throw new Error('a piped stdout is always there');
    const crashed = once(primary, 'exit').then(([code]) => {
      throw new Error(`the primary ended with ${code}`);
    });
    const [line] = await Promise.race([once(createInterface(primary.stdout), 'line'), crashed]);
    crashed.catch(() => {});
    const ports = JSON.parse(line);
    port = ports.port;
    metricsUrl = `http://127.0.0.1:${ports.metricsPort}`;
  });
  afterAll(async () => {
    hanging.abort();
    if (primary.exitCode !== null) return;
    const ended = once(primary, 'exit');
    // However this process ends, the end of its pipe ends the primary, and the primary ends its workers.
    primary.stdin?.end();
    await ended;
  });

  it('are at zero for every route before the first request', async () => {
    const exposition = await scrape(metricsUrl);
    expect(exposition.value('http_errors_total', { route: '/items/:id', status_code: 500 })).toBe(0);
    for (const counter of ['timed', 'slow', 'failed']) {
      expect(exposition.value(`http_requests_${counter}_total`, { route: '/items/:id' })).toBe(0);
    }
    expect(exposition.requests()).toEqual({});
  });

  it('count together every request that was sent', async () => {
    const workers = new Set<string>();
    for (let i = 0; i < REQUESTS; i++) {
      const seen = await send(port, `/items/${i}`);
      if (typeof seen === 'object') workers.add(seen.body);
    }
    expect([...workers].sort()).toEqual(['worker 1', 'worker 2', 'worker 3']);
    for (let i = 0; i < OTHER_REQUESTS; i++) {
      await send(port, '/items/broken');
      await send(port, '/nowhere');
    }
    const exposition = await settled(metricsUrl);
    expect(exposition.requests()).toEqual({
      'GET /items/:id 200': REQUESTS,
      'GET /items/:id 500': OTHER_REQUESTS,
      'GET (unmatched) 404': OTHER_REQUESTS,
    });
    expect(exposition.requests('http_errors_total')).toEqual({
      'GET /items/:id 500': OTHER_REQUESTS,
      'GET (unmatched) 404': OTHER_REQUESTS,
    });
  });

  it('add up their buckets', async () => {
    const exposition = await settled(metricsUrl);
    const series = { method: 'GET', route: '/items/:id', status_code: 200 };
    const buckets = exposition.samples('http_request_duration_seconds_bucket', series);
    const counts = buckets.map(({ value }) => value);
    expect(buckets.map(({ labels }) => Number(labels.le?.replace('Inf', 'Infinity')))).toEqual([
      0.05,
      0.125,
      0.25,
      0.5,
      2,
      Number.POSITIVE_INFINITY,
    ]);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(counts.at(-1)).toBe(REQUESTS);
    expect(exposition.value('http_request_duration_seconds_count', series)).toBe(REQUESTS);
    expect(exposition.value('http_request_duration_seconds_sum', series)).toBeGreaterThan(0);
  });

  it('add up what is in flight, but not the objective, which is the same for all', async () => {
    for (let i = 0; i < HANGS; i++) {
      fetch(`http://127.0.0.1:${port}/hang`, { signal: hanging.signal }).catch(() => {});
    }
    const exposition = await scrapeUntil(metricsUrl, (each) => each.value('http_requests_in_flight') === HANGS);
    expect(exposition.value('http_requests_in_flight')).toBe(HANGS);
    expect(exposition.value('coalmine_objective_latency_seconds')).toBe(0.5);
    expect(exposition.value('coalmine_pod_warm')).toBe(1);
  });
});

/** Returns what is counted when nothing is in flight any more. */
function settled(metricsUrl: string): Promise<Exposition> {
  return scrapeUntil(metricsUrl, (exposition) => exposition.value('http_requests_in_flight') === 0);
}
