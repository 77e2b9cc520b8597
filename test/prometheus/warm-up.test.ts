import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { send } from '../support/client.js';
import { isPrometheusMissing, type Prometheus, startPrometheus } from '../support/prometheus.js';
import { type Shop, startShop } from './shop.js';

const COLD_SECONDS = 6;
// Prometheus scrapes every half second, and a scrape may take as long.
const SCRAPE_SECONDS = 1;

const FRAMEWORKS = ['fastify', 'express'] as const;

const errorRatio = (job: string): string =>
  `sum(rate(http_errors_total{job="${job}",status_code=~"5.."}[1m])) / sum(rate(http_requests_total{job="${job}"}[1m]))`;
const overShare = (job: string): string =>
  `1 - sum(rate(http_request_duration_seconds_bucket{job="${job}",le="0.5"}[1m])) / sum(rate(http_request_duration_seconds_count{job="${job}"}[1m]))`;
const p95 = (job: string): string =>
  `histogram_quantile(0.95, sum(rate(http_request_duration_seconds_bucket{job="${job}"}[1m])) by (le))`;
const increase = (metric: string): string => `sum(increase(${metric}[1m]))`;

// Skipped only if the Debian package prometheus is not installed, with a line on stderr. Never skipped in CI.
describe.skipIf(isPrometheusMissing).each(FRAMEWORKS)('the warm-up, on %s', (framework) => {
  const shops: Record<string, Shop> = {};
  let prometheus: Prometheus;
  beforeAll(async () => {
    const started = {
      good: startShop({ framework, slowSeconds: COLD_SECONDS, options: { warmup: { minSeconds: COLD_SECONDS + 1 } } }),
      failing: startShop({ framework, isBroken: true }),
      slow: startShop({
        framework,
        slowSeconds: 600,
        options: { warmup: { minSeconds: 1, minRequests: 1_000_000, maxSeconds: 4 } },
      }),
      crashing: startShop({ framework, isBroken: true }),
      // docs/warm-up.md warns of this.
      hiding: startShop({ framework, isBroken: true, options: { warmup: { withhold: 'all' } } }),
    };
    for (const [name, shop] of Object.entries(started)) shops[name] = await shop;
    const ports = Object.entries(shops).map(([name, { port }]) => [name, { port }]);
    prometheus = await startPrometheus({
      ...Object.fromEntries(ports),
      snippet: { port: shop('good').port, path: '/snippet' },
    });
    await prometheus.untilScraped(2);
  });
  afterAll(async () => {
    await prometheus?.close();
    await Promise.all(Object.values(shops).map((each) => each.crash()));
  });

  const shop = (name: string): Shop => shops[name] as Shop;
  const value = async (promql: string): Promise<number | undefined> => (await prometheus.query(promql))[0]?.value;

  it.concurrent('keeps the durations of a good canary clean, where the usual snippet sees a slow release', async () => {
    const users = shop('good').drive(20, 2 * COLD_SECONDS + 2);
    await delay(1000 * (COLD_SECONDS - 1));
    // There is no evidence yet, and every user is counted.
    // A scrape may have failed just now, and then the series has no value at this moment.
    expect(await value('last_over_time(http_request_duration_seconds_count{job="good"}[1m])')).toBe(undefined);
    expect(await value(increase('http_requests_timed_total{job="good"}'))).toBe(0);
    expect(await value(increase('http_requests_total{job="good"}'))).toBeGreaterThan(50);
    expect(await value('last_over_time(coalmine_pod_warm{job="good"}[1m])')).toBe(0);

    const seen = await users;
    await prometheus.untilScraped(2);
    expect(await value('sum(http_requests_total{job="good"})')).toBe(seen.length);
    const withheld = 'coalmine_excluded_request_duration_seconds_count{job="good",reason="warmup"}';
    const counted = 'sum(http_request_duration_seconds_count{job="good"})';
    expect(await value(`${withheld} + on () ${counted}`)).toBe(seen.length);
    expect(await value(withheld)).toBeGreaterThanOrEqual(20 * COLD_SECONDS - 1);
    expect(await value(counted)).toBeGreaterThan(50);
    expect(await value('coalmine_pod_warm{job="good"}')).toBe(1);
    expect(await value(overShare('good'))).toBe(0);
    expect(await value(p95('good'))).toBeLessThan(0.5);

    expect(await value(overShare('snippet'))).toBeGreaterThan(0.2);
    expect(await value(p95('snippet'))).toBeGreaterThan(0.5);
  });

  it.concurrent('shows the failures of a canary at once, while it is cold', async () => {
    await shop('failing').drive(5, 1);
    await prometheus.untilScraped(2);
    expect(await value('coalmine_pod_warm{job="failing"}')).toBe(0);
    expect(await value(errorRatio('failing'))).toBe(1);
    expect(await value(increase('http_requests_failed_total{job="failing"}'))).toBeGreaterThanOrEqual(5);
    expect(await value(increase('http_errors_total{job="failing"}'))).toBeGreaterThanOrEqual(5);
  });

  it.concurrent('shows a canary that crashes in a loop, and never gets warm', async () => {
    for (const name of ['crashing', 'hiding']) {
      const options = name === 'hiding' ? { options: { warmup: { withhold: 'all' as const } } } : {};
      for (let life = 0; life < 3; life++) {
        const { port } = shop(name);
        await send(port, '/items');
        await send(port, '/items');
        await prometheus.untilScraped(2);
        await shop(name).crash();
        shops[name] = await startShop({ framework, port, isBroken: true, ...options });
        await prometheus.untilScraped(2);
      }
    }
    expect(await value('max_over_time(coalmine_pod_warm{job="crashing"}[2m])')).toBe(0);
    const errors = (name: string) => `sum(increase(http_errors_total{job="${name}"}[2m]))`;
    expect(await value(errors('crashing'))).toBeGreaterThanOrEqual(3 * 2);
    // If the user withholds all durations, the metrics show nothing of it.
    expect(await value(errors('hiding'))).toBe(0);
    const excluded =
      'sum(increase(coalmine_excluded_requests_total{job="hiding",reason="warmup",code_class="5xx"}[2m]))';
    expect(await value(excluded)).toBeGreaterThanOrEqual(3 * 2);
  });

  it.concurrent('shows a canary that is slow for ever, from its latest age on', async () => {
    await shop('slow').drive(10, 8);
    await prometheus.untilScraped(2);
    const readyAt = (await value('coalmine_pod_ready_timestamp_seconds{job="slow"}')) ?? Number.NaN;
    const samples = await prometheus.samples(
      'http_request_duration_seconds_count{job="slow",route="/items",status_code="200"}',
    );
    // A request that starts at that age ends 0.6 s later.
    const seenAt = samples.find((sample) => sample.value > 0)?.at ?? Number.NaN;
    expect(seenAt).toBeGreaterThan(readyAt + 4);
    expect(seenAt).toBeLessThan(readyAt + 4 + 0.6 + 5 * SCRAPE_SECONDS);
    expect(await value(overShare('slow'))).toBe(1);
    expect(await value('coalmine_pod_warm{job="slow"}')).toBe(1);
  });
});

describe.skipIf(isPrometheusMissing)('the query that filters by age, in docs/warm-up.md', () => {
  const WARM_UP = 14;
  // Its last slow answer must have ended by then, and the start of a process is known to the second only. A process that starts
  // late on a busy machine must still be slow for some seconds.
  const SLOW = 11;
  const RANGE = 5;
  const [, documented = ''] =
    /^## Filtering in the query instead.*?```promql\n(.*?)```/ms.exec(
      readFileSync(new URL('../../docs/warm-up.md', import.meta.url), 'utf8'),
    ) ?? [];
  const scaled = documented.replaceAll('30 + 60', `${WARM_UP} + ${RANGE}`).replaceAll('[1m]', `[${RANGE}s]`);
  const naive = scaled.replaceAll(`${WARM_UP} + ${RANGE}`, `${WARM_UP}`);

  it('returns nothing for a young pod, and only clean durations later; without the range they are not clean', async () => {
    expect(documented).toContain('30 + 60');
    expect(naive).not.toBe(scaled);
    // The pod must be scraped from its first second on, and Prometheus takes longer to start.
    const { port, crash } = await startShop({});
    const prometheus = await startPrometheus({ shop: { port } });
    await crash();
    const shop = await startShop({
      port,
      slowFrom: 'start',
      slowSeconds: SLOW,
      options: { warmup: false, metrics: { defaultMetrics: true } },
    });
    const users = shop.drive(20, WARM_UP + RANGE + 4);
    const seen: { age: number; scaled: number | undefined; naive: number | undefined }[] = [];
    const value = async (promql: string): Promise<number | undefined> => (await prometheus.query(promql))[0]?.value;
    while ((seen.at(-1)?.age ?? 0) < WARM_UP + RANGE + 3) {
      await delay(100);
      const age = await value('time() - process_start_time_seconds');
      if (age !== undefined) seen.push({ age, scaled: await value(scaled), naive: await value(naive) });
    }
    await users;
    await prometheus.close();
    await shop.crash();

    // The queries come one after the other.
    const young = seen.filter(({ age }) => age < WARM_UP + RANGE - 0.5);
    expect(young.length).toBeGreaterThan(10);
    expect(new Set(young.map((each) => each.scaled))).toEqual(new Set([undefined]));
    const between = seen.filter(({ age }) => age > WARM_UP && age < WARM_UP + RANGE - 1);
    expect(Math.min(...between.map((each) => each.naive ?? 1))).toBeLessThan(0.9);
    const old = seen.filter(({ age }) => age > WARM_UP + RANGE);
    expect(old.length).toBeGreaterThan(3);
    expect(new Set(old.map((each) => each.scaled))).toEqual(new Set([1]));
  });
});
