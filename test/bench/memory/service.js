// One contender in its own process. It reports the memory of its series, and the growth after many exchanges.
import { createMetrics, Exchange } from '@coalmine/metrics';
import { Counter, Histogram, Registry } from 'prom-client';
import { COMBINATIONS } from './combinations.js';

const [contender, routes, exchanges, chunk] = process.argv.slice(2).map((arg, i) => (i === 0 ? arg : Number(arg)));
const registry = new Registry();
const exchange = { Coalmine: coalmine, 'prom-client snippet': snippet }[contender]();

const before = bytes();
for (let route = 0; route < routes; route++) for (const combination of COMBINATIONS) exchange(route, combination);
const filled = bytes();
const series = (await registry.metrics()).match(/^[^#\n]/gm).length;
// The first chunk compiles the code.
serve();
const settled = bytes();
for (let done = 0; done < exchanges; done += chunk) {
  serve();
  // Gives up the event loop, as between requests.
  await new Promise(setImmediate);
}
process.send({ series, bytes: filled - before, growth: bytes() - settled });
process.on('disconnect', () => process.exit());

function serve() {
  for (let i = 0; i < chunk; i++) exchange(i % routes, COMBINATIONS[i % COMBINATIONS.length]);
}

function bytes() {
  for (let i = 0; i < 3; i++) globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function coalmine() {
  const metrics = createMetrics({ registry, maxRoutes: routes });
  return (route, [method, status]) => {
    const begun = metrics.begin(new Exchange(metrics.route(method, `/items/${route}`), metrics.now()));
    metrics.end(begun, status, begun.secondsUntil(metrics.now()));
  };
}

function snippet() {
  const labelNames = ['method', 'route', 'status_code'];
  const registers = [registry];
  const duration = new Histogram({ name: 'http_request_duration_seconds', help: 'Seconds', labelNames, registers });
  const requests = new Counter({ name: 'http_requests_total', help: 'Requests', labelNames, registers });
  return (route, [method, status]) => {
    const end = duration.startTimer();
    const labels = { method, route: `/items/${route}`, status_code: status };
    end(labels);
    requests.inc(labels);
  };
}
