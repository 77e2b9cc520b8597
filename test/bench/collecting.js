import { renderRegistry } from '@coalmine/metrics';
import { createInstrument } from '@coalmine/node';
import { createMetricProducer, otel } from '@coalmine/otel';
import { Registry } from 'prom-client';
import { STATUSES } from './exchanges.js';
import { median } from './median.js';

const SERIES = 10_000;
const ROUNDS = 15;

/** Returns how long it takes to read the numbers of a service with many series, and how long this holds the event loop. */
export async function collecting() {
  const registry = new Registry();
  const instrument = createInstrument({
    registry,
    warmup: false,
    metrics: { maxRoutes: SERIES },
    telemetry: otel(),
  });
  // Includes the encoding to bytes, because a scraper gets bytes.
  const rendered = async (format) => {
    const chunks = [];
    for await (const chunk of renderRegistry(registry, format)) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  };
  const { metrics } = instrument;
  let series = 0;
  for (let i = 0; series < SERIES; i++) {
    const route = metrics.route('GET', `/items/${i}/:id`);
    for (const status of STATUSES) metrics.record(route, status, 0.01);
    if (i % 10 === 0) series = (await rendered('text')).toString().match(/^[^#]/gm).length;
  }
  const cumulative = createMetricProducer({ temporality: 'cumulative' });
  const delta = createMetricProducer({ temporality: 'delta' });
  const contenders = [
    { name: '`/metrics`, text', read: () => rendered('text') },
    { name: '`/metrics`, OpenMetrics', read: () => rendered('openmetrics') },
    { name: 'metric producer, cumulative', read: () => cumulative.collect() },
    { name: 'metric producer, delta', read: () => delta.collect() },
  ];
  const rounds = contenders.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    // Changes the numbers, so that each round reads new numbers.
    for (const route of metrics.routes()) metrics.record(route, 200, 0.01);
    for (const [i, { read }] of contenders.entries()) rounds[i].push(await watched(read));
  }
  await instrument.close();
  return contenders.map(({ name }, i) => ({
    '': name,
    ms: median(rounds[i].map(({ whole }) => whole)).toFixed(1),
    'longest hold of the event loop, ms': median(rounds[i].map(({ longest }) => longest)).toFixed(1),
  }));
}

/** Returns the milliseconds that a task takes, and the longest time in which nothing else could run. */
async function watched(read) {
  const startedAt = performance.now();
  let at = startedAt;
  let longest = 0;
  const turn = () => {
    const now = performance.now();
    longest = Math.max(longest, now - at);
    at = now;
  };
  let next;
  const tick = () => {
    turn();
    next = setImmediate(tick);
  };
  next = setImmediate(tick);
  await read();
  turn();
  clearImmediate(next);
  return { whole: at - startedAt, longest };
}
