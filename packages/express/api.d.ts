import { Instrument, CoalmineOptions, RouteOptions } from '@coalmine/node';
export { ClusterMetrics, CoalmineError, CoalmineErrorCode, CoalmineOptions, FailOptions, HealthCheck, HealthOptions, Instrument, NameMap, ObjectiveOptions, RegistryLike, RouteOptions, Schema, SchemaOptions, SchemaSource, SchemaState, SchemaSupports, agents, atlas, createClusterMetrics, createCompatibilityTable, createSchema, dbMigrate, dbmate, drizzle, fail, flyway, golangMigrate, httpCheck, knex, kysely, liquibase, migrateMongo, mikroOrm, nodePgMigrate, pgroll, postgresMigrations, prisma, rails, raiseFloor, readMigrations, sequelize, signExclusion, sources, sqitch, sqlMigrations, sqlVersion, typeorm, versionCheck } from '@coalmine/node';
import { IncomingMessage, ServerResponse } from 'node:http';

/** A middleware for Express 4 and 5. */
type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

/** The middleware that `coalmine()` returns, with the instrument of the app. */
type CoalmineMiddleware = Middleware & {
    readonly instrument: Instrument;
};

interface Coalmine {
    /**
     * Clean canary metrics for Express 4 and 5: `app.use(coalmine())`, after `app.set(…)` and before any other
     * `app.use(…)`: the first `use` creates the router, and a router keeps the settings that it was created with.
     *
     * Throws `CoalmineError` if an option is invalid (see docs/errors.md). With `admin`, its listener starts at once; a
     * port that is taken ends the process with `COALMINE_ADMIN_LISTEN`, as an unhandled rejection does.
     */
    (options?: CoalmineOptions): CoalmineMiddleware;
    /**
     * Returns a middleware with the options of one route: `app.get('/slow', coalmine.route({ objective: { latency: 2.5 }
     * }), handler)`. In `app.use()`, the options apply to everything after it in the same router, at the same path or
     * below: `app.use('/internal', coalmine.route(false), router)`.
     *
     * Throws `CoalmineError` if an option is invalid. An objective that conflicts only with the objective of the service,
     * such as a patience below its latency, is a process warning when the route is found, and the objective of the
     * service counts.
     */
    route(options: RouteOptions): Middleware;
}
/** Clean canary metrics for Express 4 and 5. */
declare const coalmine: Coalmine;

export { type Coalmine, type CoalmineMiddleware, type Middleware, coalmine, coalmine as default };
