import { Instrument, CoalmineOptions, RouteOptions } from '@coalmine/node';
export { ClusterMetrics, CoalmineError, CoalmineErrorCode, CoalmineOptions, FailOptions, HealthCheck, HealthOptions, Instrument, NameMap, ObjectiveOptions, RegistryLike, RouteOptions, Schema, SchemaOptions, SchemaSource, SchemaState, SchemaSupports, agents, atlas, createClusterMetrics, createCompatibilityTable, createSchema, dbMigrate, dbmate, drizzle, fail, flyway, golangMigrate, httpCheck, knex, kysely, liquibase, migrateMongo, mikroOrm, nodePgMigrate, pgroll, postgresMigrations, prisma, rails, raiseFloor, readMigrations, sequelize, signExclusion, sources, sqitch, sqlMigrations, sqlVersion, typeorm, versionCheck } from '@coalmine/node';

/** A function that an app has registered, with where. */
interface HonoRoute {
    /** In upper case; `ALL` for every method. */
    readonly method: string;
    /** With every base path. */
    readonly path: string;
    readonly handler: object;
}
/** A Hono app. */
interface HonoApp {
    /** All that is registered, sub-apps included, in the order in which it gets a request. */
    readonly routes: readonly HonoRoute[];
}
/** A context of Hono, as a middleware gets it. */
interface HonoContext {
    readonly env: unknown;
    readonly req: HonoRequest;
}
interface HonoRequest {
    /** What matches the request, in the order in which it gets the request. */
    readonly matchedRoutes: readonly HonoRoute[];
    /** Which of those has had the request last. */
    readonly routeIndex: number;
}
/** A middleware for Hono 4. */
type HonoMiddleware = (context: HonoContext, next: () => Promise<void>) => Promise<Response | undefined>;

/** What `coalmine(app)` returns: a middleware, and what it does for the app. */
type CoalmineMiddleware = HonoMiddleware & {
    readonly instrument: Instrument;
};

interface Coalmine {
    /**
     * Clean canary metrics for Hono 4 on `@hono/node-server`: `app.use(coalmine(app))` on the root app, before any other
     * `app.use(…)`.
     *
     * Throws `CoalmineError` when an option is invalid (see docs/errors.md). With `admin`, its listener starts at once; a port
     * that is taken ends the process with `COALMINE_ADMIN_LISTEN`, as an unhandled rejection does.
     */
    (app: HonoApp, options?: CoalmineOptions): CoalmineMiddleware;
    /**
     * What one route says of itself: `app.get('/slow', coalmine.route({ objective: { latency: 2.5 } }), handler)`. In
     * `app.use()`, it speaks for what is registered after it at the same path or below:
     * `app.use('/internal/*', coalmine.route(false))`.
     *
     * Throws `CoalmineError` when an option is invalid. What only the objective of the service shows to be wrong, as a patience
     * below its latency, is a process warning when the route is found, and the objective of the service counts.
     */
    route(options: RouteOptions): HonoMiddleware;
}
/** Clean canary metrics for Hono 4 on Node. */
declare const coalmine: Coalmine;

export { type Coalmine, type CoalmineMiddleware, type HonoApp, type HonoContext, type HonoMiddleware, type HonoRequest, type HonoRoute, coalmine, coalmine as default };
