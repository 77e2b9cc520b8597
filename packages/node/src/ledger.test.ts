import { createMetrics } from '@coalmine/metrics';
import type { Exclusion } from '@coalmine/traffic';
import { createWarmup, type WarmupOptions } from '@coalmine/warmup';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { type Exchanges, HttpExchange } from './http-exchange.js';
import { createLedger } from './ledger.js';

const WARM: WarmupOptions = { minSeconds: 0 };
const COLD: WarmupOptions = { minSeconds: 30 };
const ROUTE: Exclusion = { reason: 'route', authority: '/' };
const TRUSTED: Exclusion = { reason: 'trusted', authority: 'peer' };

interface Situation {
  readonly warmup?: WarmupOptions;
  readonly countErrors?: boolean;
}

function serve({ warmup = WARM, countErrors = false }: Situation = {}) {
  const metrics = createMetrics({ registry: new Registry(), now: () => 1000 });
  const ledger = createLedger(metrics, { countErrors }, createWarmup({ now: metrics.now, ...warmup }));
  const route = metrics.route('GET', '/');
  return {
    ledger,
    open(exclusion?: Exclusion): HttpExchange {
      const message = {} as never;
      const exchange = new HttpExchange({} as Exchanges, route, 1000, message, message, exclusion);
      ledger.open(exchange);
      return exchange;
    },
    inFlight: () => ({ users: [...metrics.inFlight()].length, excluded: [...ledger.excluded].length }),
    /** The series that are not 0, without those that describe the service itself. */
    async shown(): Promise<readonly string[]> {
      const lines = (await metrics.registry.metrics()).split('\n');
      return lines
        .filter((line) => /^[^#].*_(?:total|count)\b.* [1-9]/.test(line))
        .map((line) => line.replace(/method="GET",route="\/",?/, '').replace('{}', ''));
    },
  };
}

describe('a request of a user', () => {
  it('is in flight, and counts once with its duration', async () => {
    const { ledger, open, inFlight, shown } = serve();
    const exchange = open();
    expect(inFlight()).toEqual({ users: 1, excluded: 0 });
    ledger.enter(exchange, 503, 0.7);
    expect(inFlight()).toEqual({ users: 0, excluded: 0 });
    expect(await shown()).toEqual([
      'http_requests_total{status_code="503"} 1',
      'http_errors_total{status_code="503"} 1',
      'http_requests_timed_total 1',
      'http_requests_slow_total 1',
      'http_requests_failed_total 1',
      'http_request_duration_seconds_count{status_code="503"} 1',
    ]);
  });

  it('does not fail if it is refused because of how the client asked', async () => {
    const { ledger, open, shown } = serve();
    const exchange = open();
    exchange.outcome = 'refused';
    ledger.enter(exchange, 503);
    expect(await shown()).toEqual([
      'http_requests_total{status_code="503"} 1',
      'http_errors_total{status_code="503"} 1',
    ]);
  });

  it('of a cold pod counts, and its duration is withheld', async () => {
    const { ledger, open, shown } = serve({ warmup: COLD });
    ledger.enter(open(), 500, 0.7);
    // A client that left at once says nothing about durations.
    ledger.enter(open(), 499);
    expect(await shown()).toEqual([
      'http_requests_total{status_code="500"} 1',
      'http_requests_total{status_code="499"} 1',
      'http_errors_total{status_code="500"} 1',
      'http_errors_total{status_code="499"} 1',
      'http_requests_failed_total 1',
      'coalmine_excluded_request_duration_seconds_count{reason="warmup"} 1',
    ]);
  });

  it('of a cold pod does not count, if the options say so', async () => {
    const { ledger, open, shown } = serve({ warmup: { ...COLD, withhold: 'all' } });
    ledger.enter(open(), 500, 0.7);
    expect(await shown()).toEqual([
      'coalmine_excluded_requests_total{reason="warmup",code_class="5xx"} 1',
      'coalmine_excluded_request_duration_seconds_count{reason="warmup"} 1',
    ]);
  });
});

describe('an excluded request', () => {
  it('is in flight separately, and counts with its reason', async () => {
    const { ledger, open, inFlight, shown } = serve();
    const exchange = open(TRUSTED);
    expect(inFlight()).toEqual({ users: 0, excluded: 1 });
    ledger.enter(exchange, 503, 0.7);
    expect(inFlight()).toEqual({ users: 0, excluded: 0 });
    expect(await shown()).toEqual([
      'coalmine_excluded_requests_total{reason="trusted",code_class="5xx"} 1',
      'coalmine_excluded_request_duration_seconds_count{reason="trusted"} 1',
    ]);
  });

  it('does not warm the pod up', async () => {
    const { ledger, open, shown } = serve({ warmup: { minSeconds: 0, minRequests: 1 } });
    ledger.enter(open(TRUSTED), 200, 0.1);
    ledger.enter(open(), 200, 0.1);
    expect(await shown()).toContain('coalmine_excluded_request_duration_seconds_count{reason="warmup"} 1');
  });

  it.each<[Exclusion, number, boolean]>([
    [TRUSTED, 500, true],
    [TRUSTED, 499, false],
    [{ reason: 'custom', authority: '(priming)' }, 503, true],
    [{ reason: 'signed', authority: 'monitor' }, 503, true],
    // Nobody waits for these.
    [{ reason: 'signed', authority: '(priming)' }, 503, false],
    [{ reason: 'health', authority: '/livez' }, 503, false],
    [{ reason: 'metrics', authority: '/metrics' }, 503, false],
  ])(
    'of %j with %i counts as a failure of the service, if that is asked for: %s',
    async (exclusion, status, counts) => {
      for (const countErrors of [true, false]) {
        const { ledger, open, shown } = serve({ countErrors });
        const exchange = open(exclusion);
        const isCounted = counts && countErrors;
        expect(ledger.isRouted(exchange, status)).toBe(isCounted);
        ledger.enter(exchange, status, 0.1);
        const counted = `http_requests_total{status_code="${status}"} 1`;
        const excluded = `coalmine_excluded_requests_total{reason="${exclusion.reason}",code_class="${Math.floor(status / 100)}xx"} 1`;
        const lines = await shown();
        expect([lines.includes(counted), lines.includes(excluded)]).toEqual([isCounted, !isCounted]);
      }
    },
  );

  it('may be excluded late, and counts as excluded from then on', async () => {
    const { ledger, open, inFlight, shown } = serve();
    const exchange = open();
    expect(ledger.isRouted(exchange, 200)).toBe(true);
    ledger.exclude(exchange, ROUTE);
    expect(inFlight()).toEqual({ users: 0, excluded: 1 });
    expect(ledger.isRouted(exchange, 500)).toBe(false);
    ledger.enter(exchange, 500, 0.1);
    expect(await shown()).toContain('coalmine_excluded_requests_total{reason="route",code_class="5xx"} 1');
  });

  it('does not come back in flight after it was counted', () => {
    const { ledger, open, inFlight } = serve();
    const exchange = open();
    exchange.state = 'counted';
    ledger.enter(exchange, 200, 0.1);
    ledger.exclude(exchange, ROUTE);
    expect(inFlight()).toEqual({ users: 0, excluded: 0 });
  });

  it("may become a user's again, if only its route was excluded", () => {
    const { ledger, open, inFlight } = serve();
    const [byRoute, byClient] = [open(), open(TRUSTED)];
    for (const exchange of [byRoute, byClient]) {
      ledger.exclude(exchange, ROUTE);
      ledger.readmit(exchange);
    }
    expect(inFlight()).toEqual({ users: 1, excluded: 1 });
    expect([byRoute.exclusion, byClient.exclusion]).toEqual([undefined, TRUSTED]);
    // A request that was never excluded stays in flight once.
    ledger.readmit(byRoute);
    expect(inFlight()).toEqual({ users: 1, excluded: 1 });
    ledger.exclude(byRoute, ROUTE);
    expect(inFlight()).toEqual({ users: 0, excluded: 2 });
  });
});

it('the lifetime of a stream is kept apart from the durations of users', async () => {
  const { ledger, shown } = serve();
  ledger.enterLifetime(3600);
  expect(await shown()).toEqual(['coalmine_excluded_request_duration_seconds_count{reason="stream"} 1']);
});
