import { Instrument, CoalmineOptions, RouteOptions } from '@coalmine/node';
export { ClusterMetrics, CoalmineError, CoalmineErrorCode, CoalmineOptions, FailOptions, HealthCheck, HealthOptions, Instrument, NameMap, ObjectiveOptions, RegistryLike, RouteOptions, Schema, SchemaOptions, SchemaSource, SchemaState, SchemaSupports, agents, atlas, createClusterMetrics, createCompatibilityTable, createSchema, dbMigrate, dbmate, drizzle, fail, flyway, golangMigrate, httpCheck, knex, kysely, liquibase, migrateMongo, mikroOrm, nodePgMigrate, pgroll, postgresMigrations, prisma, rails, raiseFloor, readMigrations, sequelize, signExclusion, sources, sqitch, sqlMigrations, sqlVersion, typeorm, versionCheck } from '@coalmine/node';
import { IncomingMessage, ServerResponse } from 'node:http';

/** A context of Koa, as a middleware gets it. */
interface KoaContext {
    readonly app: object;
    readonly req: IncomingMessage;
    readonly res: ServerResponse;
    /** Whether Koa responds when the middlewares are done. */
    respond?: boolean | undefined;
}
/** A middleware for Koa 2 and 3. */
type KoaMiddleware = (context: KoaContext, next: () => Promise<unknown>) => Promise<unknown>;

/** The middleware that `coalmine()` returns, with the instrument of the app. */
type CoalmineMiddleware = KoaMiddleware & {
    readonly instrument: Instrument;
};

interface Coalmine {
    /**
     * Clean canary metrics for Koa 2 and 3: `app.use(coalmine())`, before any other `app.use(…)`.
     *
     * Throws `CoalmineError` if an option is invalid (see docs/errors.md). With `admin`, its listener starts at once; a
     * port that is taken ends the process with `COALMINE_ADMIN_LISTEN`, as an unhandled rejection does.
     */
    (options?: CoalmineOptions): CoalmineMiddleware;
    /**
     * Returns a middleware with the options of one route: `router.get('/slow', coalmine.route({ objective: { latency: 2.5
     * } }), handler)`. In `router.use()`, the options apply to the routes after it in the same router that match the path
     * of `use`, including routes of nested routers: `router.use('/internal', coalmine.route(false), internal.routes())`.
     *
     * Throws `CoalmineError` if an option is invalid. An objective that conflicts only with the objective of the service,
     * such as a patience below its latency, is a process warning when the route is found, and the objective of the
     * service counts.
     */
    route(options: RouteOptions): KoaMiddleware;
}
/** Clean canary metrics for Koa 2 and 3. */
declare const coalmine: Coalmine;

export { type Coalmine, type CoalmineMiddleware, type KoaContext, type KoaMiddleware, coalmine, coalmine as default };
