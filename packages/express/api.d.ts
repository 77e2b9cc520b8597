import { Instrument, CoalmineOptions, RouteOptions } from '@coalmine/node';
export { ClusterMetrics, CoalmineError, CoalmineErrorCode, CoalmineOptions, FailOptions, HealthCheck, HealthOptions, Instrument, NameMap, ObjectiveOptions, RegistryLike, RouteOptions, Schema, SchemaOptions, SchemaSource, SchemaState, SchemaSupports, agents, atlas, createClusterMetrics, createCompatibilityTable, createSchema, dbMigrate, dbmate, drizzle, fail, flyway, golangMigrate, httpCheck, knex, kysely, liquibase, migrateMongo, mikroOrm, nodePgMigrate, pgroll, postgresMigrations, prisma, rails, raiseFloor, readMigrations, sequelize, signExclusion, sources, sqitch, sqlMigrations, sqlVersion, typeorm, versionCheck } from '@coalmine/node';
import { IncomingMessage, ServerResponse } from 'node:http';

/** A middleware for Express 4 and 5. */
type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

/** What `coalmine()` answers: a middleware, and what it does for the app. */
type CoalmineMiddleware = Middleware & {
    readonly instrument: Instrument;
};

interface Coalmine {
    /**
     * Clean canary metrics for Express 4 and 5: `app.use(coalmine())`, after `app.set(…)` and before any other
     * `app.use(…)`: the first `use` makes the router, and a router keeps the settings that it was made with.
     *
     * Throws `CoalmineError` when an option is invalid (see docs/errors.md). With `admin`, its listener starts at once; a port
     * that is taken ends the process with `COALMINE_ADMIN_LISTEN`, as an unhandled rejection does.
     */
    (options?: CoalmineOptions): CoalmineMiddleware;
    /**
     * What one route says of itself: `app.get('/slow', coalmine.route({ objective: { latency: 2.5 } }), handler)`. Where it is
     * `use`d, it speaks for what comes after it in the same router, at the same path or below:
     * `app.use('/internal', coalmine.route(false), router)`.
     *
     * Throws `CoalmineError` when an option is invalid. What only the objective of the service shows to be wrong, as a patience
     * below its latency, is a process warning when the route is found, and the objective of the service counts.
     */
    route(options: RouteOptions): Middleware;
}
/** Clean canary metrics for Express 4 and 5. */
declare const coalmine: Coalmine;

export { type Coalmine, type CoalmineMiddleware, type Middleware, coalmine, coalmine as default };
