import { createMetrics, Exchange } from '@coalmine/metrics';
import * as prometheusClient from '@prometheus-io/client';
import * as promClient from 'prom-client';
import { routesOf, STATUSES } from './exchanges.js';
import { compare } from './rounds.js';
import { wholeExchange } from './whole-exchange.js';

/** Returns the nanoseconds and bytes per exchange of each contender. */
export function inProcess() {
  const contenders = [
    { name: 'Coalmine: cells only (`record`)', run: recordOnly() },
    { name: 'Coalmine: `begin` … `end`', run: beginEnd() },
    { name: 'Coalmine: whole exchange over a response', run: whole() },
    { name: 'prom-client 15: `startTimer` + `inc`', run: snippet(promClient) },
    { name: '@prometheus-io/client 0.16: `startTimer` + `inc`', run: snippet(prometheusClient) },
  ];
  const costs = compare(contenders.map(({ run }) => run));
  const [, base] = costs;
  return contenders.map(({ name }, i) => ({
    '': name,
    'ns per exchange': costs[i].nanoseconds.toFixed(0),
    'bytes per exchange': costs[i].bytes.toFixed(0),
    'ratio to `begin` … `end`': (costs[i].nanoseconds / base.nanoseconds).toFixed(2),
  }));
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
      metrics.end(exchange, STATUSES[i & 7], exchange.secondsUntil(metrics.now()));
    }
  };
}

function whole() {
  const { begin, end } = wholeExchange();
  return (count) => {
    for (let i = 0; i < count; i++) {
      begin();
      end(i);
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
