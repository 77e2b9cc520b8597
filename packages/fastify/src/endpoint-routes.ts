import { CoalmineError, type Instrument, type MountedEndpoint, pathTaken } from '@coalmine/node';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { withoutHooks } from './hooks.js';
import { patternKey, type RouteConfig } from './route-config.js';

// What `@fastify/rate-limit` and `@fastify/under-pressure` read in the config of a route: a scrape is wanted most under load.
const UNGUARDED = { rateLimit: false, pressureHandler: (): void => {} };

/**
 * Serves the endpoints of an instrument: those of health without the hooks of the app, which would have a kubelet log in, or
 * kill the pod because of its load; `/metrics` with them. Returns the endpoints by URL. Throws `COALMINE_PATH_TAKEN`.
 */
export function serveEndpoints(app: FastifyInstance, instrument: Instrument): ReadonlyMap<string, MountedEndpoint> {
  const served = new Map<string, MountedEndpoint>();
  const bare = withoutHooks(app);
  for (const endpoint of instrument.endpoints) {
    serve(endpoint, endpoint.path);
    // A check has a name: an empty one is a path of the app's, with the hooks of the app.
    if (endpoint.hasChecks) serve(endpoint, `${endpoint.path}/:check(.+)`, true);
  }
  return served;

  function serve(endpoint: MountedEndpoint, url: string, isOfCheck = false): void {
    const host = endpoint.reason === 'health' ? bare : app;
    try {
      host.route({
        method: ['GET', 'HEAD'],
        url,
        config: { ...UNGUARDED, [patternKey]: endpoint } as RouteConfig,
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
    served.set(`${prefixOf(app)}${url}`, endpoint);
  }
}

/** Returns the endpoints with the whole of their paths. */
export function absoluteEndpoints(app: FastifyInstance, { endpoints }: Instrument): readonly MountedEndpoint[] {
  return endpoints.map((endpoint) => ({ ...endpoint, path: `${prefixOf(app)}${endpoint.path}` }));
}

function prefixOf(app: FastifyInstance): string {
  return app.prefix.replace(/\/$/, '');
}
