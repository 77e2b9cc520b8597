import '@fastify/websocket';
import { createServer } from 'node:http';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { type CoalmineMiddleware, coalmine as middleware } from '@coalmine/express';
import coalmine, { CoalmineError, type CoalmineOptions, prisma, versionCheck } from '@coalmine/fastify';
import { createMetrics, type Metrics } from '@coalmine/metrics';
import { createInstrument } from '@coalmine/node';
import express from 'express';
import Fastify from 'fastify';
import { Registry } from 'prom-client';

const options: CoalmineOptions = {
  registry: new Registry(),
  objective: { latency: 0.3 },
  metrics: {
    names: { labels: { status_code: 'status' } },
    authorize: (request) => request.headers.authorization === 'x',
  },
  health: {
    checks: { disk: () => true, prices: versionCheck({ url: 'http://prices', supports: '^1' }) },
    schema: { source: prisma(async () => []), supports: { knows: ['1_a'] } },
  },
  admin: { port: 9090 },
};

const app = Fastify();
await app.register(coalmine, options);
app.get('/slow', { config: { coalmine: { objective: { latency: 2.5 } } } }, async () => 'slow');
app.get('/hidden', { config: { coalmine: false } }, async () => 'hidden');
app.coalmine.metrics.route('GET', '/later');
// @ts-expect-error an objective is in seconds, not text
app.get('/wrong', { config: { coalmine: { objective: { latency: '500ms' } } } }, async () => 'wrong');
// @ts-expect-error there is no such option
await app.register(coalmine, { metric: {} });

const used: CoalmineMiddleware = middleware(options);
express()
  .use(used)
  .get('/slow', middleware.route({ objective: { patience: 30 } }), (_request, response) => {
    response.send('slow');
  });

const instrument = createInstrument(options);
instrument.attach(createServer(instrument.handler((_request, response) => response.end())));
createSecureServer(
  instrument.handler<Http2ServerRequest, Http2ServerResponse>((_request, response) => response.stream.end()),
);

const metrics: Metrics = createMetrics({ registry: new Registry(), now: () => 0 });
metrics.record(metrics.route('GET', '/items/:id'), 200, 0.01);

const error: unknown = undefined;
if (error instanceof CoalmineError) {
  // @ts-expect-error the codes are known
  error.code === 'COALMINE_OTHER';
}
