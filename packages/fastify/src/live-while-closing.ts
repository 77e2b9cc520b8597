import type { Server } from 'node:http';
import { type Endpoint, endpointFor, type Instrument, type Request, type Response } from '@coalmine/node';
import type { FastifyInstance } from 'fastify';
import { absoluteEndpoints } from './endpoint-routes.js';

/**
 * Serves liveness while Fastify closes. From then on Fastify refuses each request with a 503 before it looks at routes,
 * and a kubelet would kill a pod that is about to end properly.
 */
export function liveWhileClosing(app: FastifyInstance, instrument: Instrument): void {
  const endpoints = absoluteEndpoints(app, instrument).filter(({ probe }) => probe === 'live');
  // Fastify calls the last added `onClose` hook first. This one is added before Fastify's own, which Fastify adds
  // before `onReady`.
  app.addHook('onReady', async () => {
    app.addHook('onClose', async () => answerFirst(app.server, endpoints, instrument));
  });
}

/** Serves the endpoints before any other listener for requests. */
function answerFirst(server: Server, endpoints: readonly Endpoint[], instrument: Instrument): void {
  const emit = server.emit.bind(server) as (event: string, ...args: unknown[]) => boolean;
  server.emit = (event: string, ...args: unknown[]) => {
    if (event !== 'request') return emit(event, ...args);
    const [request, response] = args as [Request, Response];
    const match = endpointFor(endpoints, request);
    if (match === undefined) return emit(event, request, response);
    instrument.begin(request, response);
    if (request.httpVersionMajor < 2) response.setHeader('connection', 'close');
    match.endpoint.handle(request, response, match.check);
    return true;
  };
}
