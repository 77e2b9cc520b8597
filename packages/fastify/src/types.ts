import type { Instrument, RouteOptions } from '@coalmine/node';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `false` leaves the route out of the series. */
    coalmine?: RouteOptions;
  }
  interface FastifyInstance {
    /** What Coalmine does for this app. */
    coalmine: Instrument;
  }
}
