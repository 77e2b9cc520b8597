import { CoalmineError, type Instrument, type MountedEndpoint, pathTaken } from '@coalmine/node';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { withoutHooks } from './hooks.js';
import { patternKey, type RouteConfig } from './route-config.js';

// `@fastify/rate-limit` and `@fastify/under-pressure` read these in the config of a route: scrapes matter most under
// load.
const UNGUARDED = { rateLimit: false, pressureHandler: (): void => {} };

/**
 * Serves the endpoints of an instrument. Health endpoints run without the hooks of the app, which could ask a kubelet
 * to log in, or refuse its probe under load; `/metrics` runs with them. Returns the endpoints by URL. Throws
 * `COALMINE_PATH_TAKEN`.
 */
export function serveEndpoints(app: FastifyInstance, instrument: Instrument): ReadonlyMap<string, MountedEndpoint> {
  const served = new Map<string, MountedEndpoint>();
  const bare = withoutHooks(app);
  for (const endpoint of instrument.endpoints) {
    serve(endpoint, endpoint.path);
    // A check has a name: a path with an empty name belongs to the app, with the hooks of the app.
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
        // @fastify/swagger reads this to leave a route out.
        schema: { hide: true } as object,
        handler: (request: FastifyRequest, reply: FastifyReply) => {
          const { check } = request.params as { readonly check?: string };
          // The router of Fastify 4 matches an empty name, too.
          if (isOfCheck && check === undefined) return reply.callNotFound();
          reply.hijack();
          instrument.begin(request.raw, reply.raw);
          endpoint.handle(request.raw, reply.raw, check);
        },
      });
    } catch (error) {
      // Fastify 4 has no code for this error.
      if (!/already declared/.test(String(error))) throw error;
      throw new CoalmineError('COALMINE_PATH_TAKEN', pathTaken(endpoint), { cause: error });
    }
    served.set(`${prefixOf(app)}${url}`, endpoint);
  }
}

/** Returns the endpoints with their full paths. */
export function absoluteEndpoints(app: FastifyInstance, { endpoints }: Instrument): readonly MountedEndpoint[] {
  return endpoints.map((endpoint) => ({ ...endpoint, path: `${prefixOf(app)}${endpoint.path}` }));
}

function prefixOf(app: FastifyInstance): string {
  return app.prefix.replace(/\/$/, '');
}
