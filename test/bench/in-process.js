import { createMetrics, Exchange } from '@coalmine/metrics';
import { createInstrument } from '@coalmine/node';
import * as prometheusClient from '@prometheus-io/client';
import * as promClient from 'prom-client';
import { median } from './median.js';

const ROUNDS = 25;
const EXCHANGES = 20_000;
// Few enough to fit in the young generation, so that no collection hides what was allocated.
const EXCHANGES_WEIGHED = 4_000;
const STATUSES = [200, 200, 200, 200, 201, 404, 500, 200];

/** Nanoseconds and bytes per exchange, of each contender. */
export async function inProcess() {
  const contenders = [
    { name: 'Coalmine: cells only (`record`)', run: recordOnly() },
    { name: 'Coalmine: `begin` … `end`', run: beginEnd() },
    { name: 'Coalmine: whole exchange over a response', run: wholeExchange() },
    { name: 'prom-client 15: `startTimer` + `inc`', run: snippet(promClient) },
    { name: '@prometheus-io/client 0.16: `startTimer` + `inc`', run: snippet(prometheusClient) },
  ];
  for (const { run } of contenders) run(EXCHANGES);
  const times = contenders.map(() => []);
  const weights = contenders.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    contenders.forEach(({ run }, i) => {
      const startedAt = process.hrtime.bigint();
      run(EXCHANGES);
      times[i].push(Number(process.hrtime.bigint() - startedAt) / EXCHANGES);
    });
    contenders.forEach(({ run }, i) => {
      globalThis.gc();
      const before = process.memoryUsage().heapUsed;
      run(EXCHANGES_WEIGHED);
      weights[i].push((process.memoryUsage().heapUsed - before) / EXCHANGES_WEIGHED);
    });
  }
  const base = median(times[1]);
  return contenders.map(({ name }, i) => ({
    '': name,
    'ns per exchange': median(times[i]).toFixed(0),
    'bytes per exchange': Math.max(0, median(weights[i])).toFixed(0),
    'ratio to `begin` … `end`': (median(times[i]) / base).toFixed(2),
  }));
}

function routesOf(metrics) {
  return Array.from({ length: 40 }, (_, i) => metrics.route('GET', `/route/${i}`));
}

function recordOnly() {
  const metrics = createMetrics({ registry: new promClient.Registry() });
  const routes = routesOf(metrics);
  return (count) => {
    for (let i = 0; i < count; i++) metrics.record(routes[i % 40], STATUSES[i & 7], (i % 100) / 1000);
  };
}

function beginEnd() {
  const metrics = createMetrics({ registry: new promClient.Registry() });
  const routes = routesOf(metrics);
  return (count) => {
    for (let i = 0; i < count; i++) {
      const exchange = metrics.begin(new Exchange(routes[i % 40], metrics.now()));
      metrics.end(exchange, STATUSES[i & 7], (metrics.now() - exchange.startedAt) / 1000);
    }
  };
}

function wholeExchange() {
  const instrument = createInstrument({ registry: new promClient.Registry() });
  const routes = routesOf(instrument.metrics);
  // As little of a response as an exchange touches, so that what is weighed is not Node's own.
  const response = {
    listener: undefined,
    statusCode: 200,
    headersSent: true,
    writableEnded: true,
    chunkedEncoding: false,
    listenerCount: () => 0,
    on(_event, listener) {
      this.listener = listener;
    },
  };
  const request = { method: 'GET', httpVersion: '1.1', socket: { destroyed: false } };
  return (count) => {
    for (let i = 0; i < count; i++) {
      response.statusCode = STATUSES[i & 7];
      instrument.begin(request, response).route = routes[i % 40];
      response.listener();
    }
  };
}

function snippet({ Counter, Gauge, Histogram, Registry }) {
  const registers = [new Registry()];
  const labelNames = ['method', 'route', 'status_code'];
  const duration = new Histogram({ name: 'http_request_duration_seconds', help: 'Seconds', labelNames, registers });
  const requests = new Counter({ name: 'http_requests_total', help: 'Requests', labelNames, registers });
  const inFlight = new Gauge({ name: 'http_requests_in_flight', help: 'Requests', registers });
  const routes = Array.from({ length: 40 }, (_, i) => `/route/${i}`);
  return (count) => {
    for (let i = 0; i < count; i++) {
      inFlight.inc();
      const end = duration.startTimer();
      const labels = { method: 'GET', route: routes[i % 40], status_code: STATUSES[i & 7] };
      end(labels);
      requests.inc(labels);
      inFlight.dec();
    }
  };
}
