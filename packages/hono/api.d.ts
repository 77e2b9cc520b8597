import { Instrument, CoalmineOptions, RouteOptions } from '@coalmine/node';
export { ClusterMetrics, CoalmineError, CoalmineErrorCode, CoalmineOptions, FailOptions, HealthCheck, HealthOptions, Instrument, NameMap, ObjectiveOptions, RegistryLike, RouteOptions, Schema, SchemaOptions, SchemaSource, SchemaState, SchemaSupports, agents, atlas, createClusterMetrics, createCompatibilityTable, createSchema, dbMigrate, dbmate, drizzle, fail, flyway, golangMigrate, httpCheck, knex, kysely, liquibase, migrateMongo, mikroOrm, nodePgMigrate, pgroll, postgresMigrations, prisma, rails, raiseFloor, readMigrations, sequelize, signExclusion, sources, sqitch, sqlMigrations, sqlVersion, typeorm, versionCheck } from '@coalmine/node';

/** A function that an app has registered, and its path. */
interface HonoRoute {
    /** In upper case; `ALL` for every method. */
    readonly method: string;
    /** With every base path. */
    readonly path: string;
    readonly handler: object;
}
/** A Hono app. */
interface HonoApp {
    /** All registered functions, including sub-apps, in the order in which they get a request. */
    readonly routes: readonly HonoRoute[];
}
/** A context of Hono, as a middleware gets it. */
interface HonoContext {
    readonly env: unknown;
    readonly req: HonoRequest;
}
interface HonoRequest {
    /** The functions that match the request, in the order in which they get it. */
    readonly matchedRoutes: readonly HonoRoute[];
    /** The index of the one that has had the request last. */
    readonly routeIndex: number;
}
/** A middleware for Hono 4. */
type HonoMiddleware = (context: HonoContext, next: () => Promise<void>) => Promise<Response | undefined>;

/** The middleware that `coalmine(app)` returns, with the instrument of the app. */
type CoalmineMiddleware = HonoMiddleware & {
    readonly instrument: Instrument;
};

interface Coalmine {
    /**
     * Clean canary metrics for Hono 4 on `@hono/node-server`: `app.use(coalmine(app))` on the root app, before any other
     * `app.use(…)`.
     *
     * Throws `CoalmineError` if an option is invalid (see docs/errors.md). With `admin`, its listener starts at once; a
     * port that is taken ends the process with `COALMINE_ADMIN_LISTEN`, as an unhandled rejection does.
     */
    (app: HonoApp, options?: CoalmineOptions): CoalmineMiddleware;
    /**
     * Returns a middleware with the options of one route: `app.get('/slow', coalmine.route({ objective: { latency: 2.5 }
     * }), handler)`. In `app.use()`, the options apply to everything that is registered after it at the same path or
     * below: `app.use('/internal/*', coalmine.route(false))`.
     *
     * Throws `CoalmineError` if an option is invalid. An objective that conflicts only with the objective of the service,
     * such as a patience below its latency, is a process warning when the route is found, and the objective of the
     * service counts.
     */
    route(options: RouteOptions): HonoMiddleware;
}
/** Clean canary metrics for Hono 4 on Node. */
declare const coalmine: Coalmine;

export { type Coalmine, type CoalmineMiddleware, type HonoApp, type HonoContext, type HonoMiddleware, type HonoRequest, type HonoRoute, coalmine, coalmine as default };
