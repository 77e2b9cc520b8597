import { CoalmineError } from '@coalmine/metrics';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createInstrument } from './instrument.js';

const create = (options: object): unknown => createInstrument({ registry: new Registry(), ...options });

describe('the options', () => {
  it.each<[object, unknown]>([
    [
      { metric: {} },
      'options.metric must be left out: options takes registry, objective, metrics, traffic, warmup, health, admin, telemetry, log, got an object',
    ],
    [{ registry: {} }, 'registry must be a Registry of prom-client or @prometheus-io/client, got an object'],
    [{ registry: 'global' }, 'registry must be a Registry of prom-client or @prometheus-io/client, got "global"'],
    [{ registry: null }, 'registry must be a Registry of prom-client or @prometheus-io/client, got null'],
    [{ objective: 0.5 }, 'objective must be an object with latency, patience, got 0.5'],
    [{ objective: { latency: 0 } }, 'objective.latency must be a finite number of seconds above 0, got 0'],
    [{ objective: { latency: '500ms' } }, 'objective.latency must be a finite number of seconds above 0, got "500ms"'],
    [{ objective: { patience: -1 } }, 'objective.patience must be a finite number of seconds above 0, got -1'],
    [
      { objective: { latency: 1, patience: 0.5 } },
      'objective.patience must be at least the latency of 1 seconds, got 0.5',
    ],
    [{ objective: { slo: 1 } }, 'objective.slo must be left out: objective takes latency, patience, got 1'],
    [
      { metrics: [] },
      'metrics must be an object with path, buckets, durationStatus, created, labels, maxRoutes, names, defaultMetrics, authorize, got []',
    ],
    [
      { metrics: { path: 'metrics' } },
      'metrics.path must be false or a path that begins with \'/\' and has no query, got "metrics"',
    ],
    [
      { metrics: { path: '/m?x=1' } },
      'metrics.path must be false or a path that begins with \'/\' and has no query, got "/m?x=1"',
    ],
    [
      { metrics: { path: true } },
      "metrics.path must be false or a path that begins with '/' and has no query, got true",
    ],
    [
      { metrics: { buckets: [] } },
      'metrics.buckets must be an ascending list of finite numbers of seconds above 0, got []',
    ],
    [
      { metrics: { buckets: [1, 0.5] } },
      'metrics.buckets must be an ascending list of finite numbers of seconds above 0, got [1, 0.5]',
    ],
    [
      { metrics: { buckets: [1, Infinity] } },
      'metrics.buckets must be an ascending list of finite numbers of seconds above 0, got [1, Infinity]',
    ],
    [
      { metrics: { buckets: 0.5 } },
      'metrics.buckets must be an ascending list of finite numbers of seconds above 0, got 0.5',
    ],
    [
      { metrics: { labels: ['team'] } },
      'metrics.labels must be an object of label names and string values, got ["team"]',
    ],
    [
      { metrics: { labels: { le: 'x' } } },
      'metrics.labels must be keyed by Prometheus label names other than le, method, route, status_code, reason, code_class, source, state, check, got "le"',
    ],
    [
      { metrics: { labels: { route: 'x' } } },
      'metrics.labels must be keyed by Prometheus label names other than le, method, route, status_code, reason, code_class, source, state, check, got "route"',
    ],
    [
      { metrics: { labels: { __name__: 'x' } } },
      'metrics.labels must be keyed by Prometheus label names other than le, method, route, status_code, reason, code_class, source, state, check, got "__name__"',
    ],
    [{ metrics: { labels: { shard: 1 } } }, 'metrics.labels.shard must be a string, got 1'],
    [{ metrics: { maxRoutes: 1.5 } }, 'metrics.maxRoutes must be an integer of at least 1, got 1.5'],
    [
      { metrics: { names: { requests: 'http-requests' } } },
      'metrics.names.requests must be a Prometheus metric name, got "http-requests"',
    ],
    [
      { metrics: { names: { errors: 'http_requests_total' } } },
      'metrics.names.errors must be different from requests, got "http_requests_total"',
    ],
    [
      { metrics: { names: { latency: 'x' } } },
      'metrics.names.latency must be left out: names takes requests, errors, duration, timed, slow, failed, inFlight, overdue, labels, got "x"',
    ],
    [
      { metrics: { names: { labels: { route: 'le' } } } },
      'metrics.names.labels.route must be a Prometheus label name other than le, got "le"',
    ],
    [
      { metrics: { names: { labels: { status_code: 'method' } } } },
      'metrics.names.labels.status_code must be different from method, got "method"',
    ],
    [{ metrics: { defaultMetrics: 'yes' } }, 'metrics.defaultMetrics must be true or false, got "yes"'],
    [{ metrics: { authorize: 'token' } }, 'metrics.authorize must be a function, got "token"'],
    [{ traffic: 'internal' }, 'traffic must be an object with exclude, countErrors, maxExcludedShare, got "internal"'],
    [{ traffic: { countErrors: 1 } }, 'traffic.countErrors must be true or false, got 1'],
    [
      { traffic: { exclude: { signed: { keys: { monitor: 'short' } } } } },
      'traffic.exclude.signed.keys must be a secret of at least 32 characters each, got "5 characters for key 1 of 1"',
    ],
    [
      { traffic: { exclude: { trusted: { cidrs: ['0.0.0.0/0'] } } } },
      expect.stringMatching(/^traffic\.exclude\.trusted\.cidrs\[0\] must be /),
    ],
    [{ warmup: true }, 'warmup must be an object with minSeconds, minRequests, maxSeconds, withhold, prime, got true'],
    [{ warmup: { minSeconds: -1 } }, expect.stringMatching(/^warmup\.minSeconds must be /)],
    [
      { warmup: { seconds: 3 } },
      'warmup.seconds must be left out: warmup takes minSeconds, minRequests, maxSeconds, withhold, prime, got 3',
    ],
    [{ warmup: { prime: { requests: ['items'] } } }, expect.stringMatching(/^warmup\.prime\.requests\[0\] must be /)],
    [{ admin: 9090 }, 'admin must be an object with port, host, got 9090'],
    [{ admin: {} }, 'admin.port must be an integer from 0 to 65535, got undefined'],
    [{ admin: { port: 70_000 } }, 'admin.port must be an integer from 0 to 65535, got 70000'],
    [{ admin: { port: '9090' } }, 'admin.port must be an integer from 0 to 65535, got "9090"'],
    [{ admin: { port: 0, host: 4 } }, 'admin.host must be a string, got 4'],
    [{ telemetry: true }, 'telemetry must be the result of otel() of @coalmine/otel, got true'],
    [{ telemetry: null }, 'telemetry must be the result of otel() of @coalmine/otel, got null'],
    [{ log: true }, 'log must be false or a logger with the methods info(message) and warn(message), got true'],
    [
      { log: { info() {} } },
      'log must be false or a logger with the methods info(message) and warn(message), got an object',
    ],
  ])('are refused in one sentence: %j', (options, message) => {
    let thrown: unknown;
    try {
      create(options);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(CoalmineError);
    expect(thrown).toMatchObject({ code: 'COALMINE_INVALID_OPTION', message });
  });

  it('are accepted if they are correct', () => {
    const options = {
      objective: { latency: 0.3, patience: 3 },
      metrics: {
        path: '/internal/metrics',
        buckets: [0.1, 0.2],
        labels: { team: 'checkout' },
        maxRoutes: 1,
        names: { requests: 'requests_total', labels: { status_code: 'status' } },
        defaultMetrics: false,
        authorize: () => true,
      },
      traffic: {
        exclude: { routes: ['/healthz'], trusted: { cidrs: ['192.0.2.1'] }, when: () => false },
        countErrors: true,
        maxExcludedShare: 0.5,
      },
      warmup: { minSeconds: 5, minRequests: 10, maxSeconds: 60, withhold: 'latency', prime: { requests: ['/'] } },
      admin: { port: 0, host: '127.0.0.1' },
    };
    expect(() => create(options)).not.toThrow();
    expect(() => create({})).not.toThrow();
    expect(() => create({ warmup: false })).not.toThrow();
  });
});

describe('the admin listener', () => {
  it('says which option to change when its port is taken', async () => {
    const options = { registry: new Registry(), admin: { port: 0, host: '127.0.0.1' } };
    const first = createInstrument(options);
    const port = await first.listen();
    const second = createInstrument({ ...options, admin: { port: port ?? 0, host: '127.0.0.1' } });
    await expect(second.listen()).rejects.toMatchObject({
      code: 'COALMINE_ADMIN_LISTEN',
      message: expect.stringMatching(new RegExp(`^admin.port must be free to listen on, got ${port} on 127.0.0.1: `)),
    });
    await first.close();
    await second.close();
  });
});
