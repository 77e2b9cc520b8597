// Fastify has a RouteOptions of its own.
import type { RouteOptions as CoalmineRouteOptions, Instrument } from '@coalmine/node';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `false` leaves the route out of the series. */
    coalmine?: CoalmineRouteOptions;
  }
  interface FastifyInstance {
    /** What Coalmine does for this app. */
    coalmine: Instrument;
  }
}
