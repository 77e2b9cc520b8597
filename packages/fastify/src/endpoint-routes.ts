import { CoalmineError, type Endpoint, type Instrument, pathTaken } from '@coalmine/node';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { withoutHooks } from './hooks.js';
import { patternKey, type RouteConfig } from './route-config.js';

/** What `@fastify/rate-limit` and `@fastify/under-pressure` read in the config of a route. */
interface GuardConfig {
  readonly rateLimit: false;
  pressureHandler(): void;
}

// The endpoints say themselves what they are. A scrape is wanted most when the app is pressed.
const CONFIG: RouteConfig & GuardConfig = {
  [patternKey]: { assign: () => {} },
  rateLimit: false,
  pressureHandler: () => {},
};

/**
 * Serves the endpoints of an instrument: those of health without the hooks of the app, which would have a kubelet log in, or
 * kill the pod because of its load; `/metrics` with them. Returns the endpoints by URL. Throws `COALMINE_PATH_TAKEN`.
 */
export function serveEndpoints(app: FastifyInstance, instrument: Instrument): ReadonlyMap<string, Endpoint> {
  const served = new Map<string, Endpoint>();
  const bare = withoutHooks(app);
  for (const endpoint of instrument.endpoints) {
    serve(endpoint, endpoint.path);
    // A check has a name: an empty one is a path of the app's, with the hooks of the app.
    if (endpoint.hasChecks) serve(endpoint, `${endpoint.path}/:check(.+)`, true);
  }
  return served;

  function serve(endpoint: Endpoint, url: string, isOfCheck = false): void {
    const host = endpoint.reason === 'health' ? bare : app;
    try {
      host.route({
        method: ['GET', 'HEAD'],
        url,
        config: CONFIG,
        logLevel: 'silent',
        // What @fastify/swagger reads to leave a route out.
        schema: { hide: true } as object,
        handler: (request: FastifyRequest, reply: FastifyReply) => {
          const { check } = request.params as { readonly check?: string };
          // The router of Fastify 4 takes an empty name for a match.
          if (isOfCheck && check === undefined) return reply.callNotFound();
          reply.hijack();
          instrument.begin(request.raw, reply.raw);
          endpoint.handle(request.raw, reply.raw, check);
        },
      });
    } catch (error) {
      // Fastify 4 has no code for it.
      if (!/already declared/.test(String(error))) throw error;
      throw new CoalmineError('COALMINE_PATH_TAKEN', pathTaken(endpoint), { cause: error });
    }
    served.set(`${app.prefix.replace(/\/$/, '')}${url}`, endpoint);
  }
}
