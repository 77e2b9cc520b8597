import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { coalmine } from '@coalmine/express';
import { CoalmineError, createMetrics } from '@coalmine/metrics';
import express, { type Express, type RequestHandler } from 'express';
import type { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { send } from '../support/client.js';
import { Exposition } from '../support/exposition.js';
import { coalmineWarnings } from '../support/warnings.js';
import { CLIENTS } from './clients.js';

/** The methods of a client's metric. */
interface Recording {
  inc(): void;
  dec(): void;
  labels(...values: string[]): Recording;
  startTimer(): (labels: object) => number;
  get(): unknown;
}

function found(registry: Registry, name: string): Recording {
  return registry.getSingleMetric(name) as unknown as Recording;
}

const NAMES = ['http_requests_total', 'http_request_duration_seconds', 'http_requests_in_flight'];
const METHODS = ['inc', 'dec', 'set', 'setToCurrentTime', 'observe', 'startTimer', 'labels', 'zero', 'remove'];

let server: Server | undefined;
afterEach(async () => {
  await new Promise((resolve) => server?.close(resolve) ?? resolve(undefined));
  server = undefined;
});

async function serve(app: Express): Promise<number> {
  server = createServer(app);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

// This runs first, before any request has reached a server of this process.
describe.each(CLIENTS)('before a request, a metric of ours in a registry of $client', ({ prometheus }) => {
  it.each(NAMES.flatMap((name) => METHODS.map((method) => [name, method])))('%s refuses %s()', (name, method) => {
    const registry = new prometheus.Registry();
    createMetrics({ registry });
    let thrown: unknown;
    try {
      found(registry, name)[method as 'inc']();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(CoalmineError);
    expect(thrown).toMatchObject({
      code: 'COALMINE_METRIC_READ_ONLY',
      message: expect.stringMatching(new RegExp(`^${name} .*Coalmine.*${method}\\(\\).*metrics\\.names`)),
    });
  });

  it('still gives its values', async () => {
    const registry = new prometheus.Registry();
    createMetrics({ registry });
    expect(await found(registry, 'http_requests_total').get()).toMatchObject({
      name: 'http_requests_total',
      type: 'counter',
    });
  });
});

/** Does what `prometheus-api-metrics` does: looks for a metric with this name at start-up, and records in the request. */
function likeApiMetrics(registry: Registry): RequestHandler {
  const histogram = found(registry, 'http_request_duration_seconds');
  return async (_request, response, next) => {
    const end = histogram.startTimer();
    response.once('finish', () => {
      expect(end({ method: 'GET', code: response.statusCode })).toBeGreaterThanOrEqual(0);
    });
    next();
  };
}

/** Does what a snippet does that uses an existing metric instead of registering it twice. */
function likeSnippet(registry: Registry): RequestHandler {
  const counter = found(registry, 'http_requests_total');
  const gauge = found(registry, 'http_requests_in_flight');
  return (request, response, next) => {
    gauge.inc();
    response.once('close', () => {
      gauge.dec();
      counter.labels(request.method, '/', '200').inc();
    });
    next();
  };
}

describe.each(CLIENTS)('once requests come, with a registry of $client', ({ prometheus }) => {
  it.each([
    ['a library that finds our histogram, before us', likeApiMetrics, true, ['http_request_duration_seconds']],
    ['a library that finds our histogram, after us', likeApiMetrics, false, ['http_request_duration_seconds']],
    ['a snippet that finds our counter', likeSnippet, false, ['http_requests_total', 'http_requests_in_flight']],
  ] as const)(
    '%s breaks no request, changes no series and is warned of once',
    async (_title, theirs, isFirst, names) => {
      const registry = new prometheus.Registry();
      const ours = coalmine({ registry, warmup: false, health: false });
      const app = express();
      if (isFirst) app.use(theirs(registry));
      app.use(ours);
      if (!isFirst) app.use(theirs(registry));
      app.get('/items/:id', (_request, response) => void response.send('an item'));
      const warnings = coalmineWarnings();
      const port = await serve(app);
      for (let i = 0; i < 3; i++) expect(await send(port, '/items/1')).toEqual({ status: 200, body: 'an item' });
      const exposition = new Exposition(await registry.metrics());
      expect(exposition.requests()).toEqual({ 'GET /items/:id 200': 3 });
      expect(exposition.observed()).toEqual({ 'GET /items/:id 200': 3 });
      const taken = await warnings.taken();
      expect(taken).toHaveLength(names.length);
      for (const name of names) {
        expect(taken).toContainEqual(
          expect.objectContaining({ code: 'COALMINE_METRIC_READ_ONLY', message: expect.stringContaining(`${name} `) }),
        );
      }
    },
  );
});
