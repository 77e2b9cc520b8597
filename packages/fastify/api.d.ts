import { RouteOptions, Instrument, CoalmineOptions } from '@coalmine/node';
export { ClusterMetrics, CoalmineError, CoalmineErrorCode, CoalmineOptions, FailOptions, HealthCheck, HealthOptions, Instrument, NameMap, ObjectiveOptions, RegistryLike, RouteOptions, Schema, SchemaOptions, SchemaSource, SchemaState, SchemaSupports, agents, atlas, createClusterMetrics, createCompatibilityTable, createSchema, dbMigrate, dbmate, drizzle, fail, flyway, golangMigrate, httpCheck, knex, kysely, liquibase, migrateMongo, mikroOrm, nodePgMigrate, pgroll, postgresMigrations, prisma, rails, raiseFloor, readMigrations, sequelize, signExclusion, sources, sqitch, sqlMigrations, sqlVersion, typeorm, versionCheck } from '@coalmine/node';
import { FastifyPluginAsync } from 'fastify';

/** The value of a route's `config.coalmine`. (In the augmentation, RouteOptions may mean Fastify's own.) */
type CoalmineConfig = RouteOptions;
declare module 'fastify' {
    interface FastifyContextConfig {
        /** `false` excludes the requests of the route. */
        coalmine?: CoalmineConfig;
    }
    interface FastifyInstance {
        /** The instrument of this app. */
        coalmine: Instrument;
    }
}
/**
 * Clean canary metrics for Fastify 4 and 5: `await app.register(coalmine)`.
 *
 * Register it before the routes and await it, so that every route has its zero series from the start. Registering it
 * again on the same app does nothing. Rejects with `CoalmineError` when an option is invalid (see docs/errors.md).
 */
declare const coalmine: FastifyPluginAsync<CoalmineOptions>;

export { type CoalmineConfig, coalmine, coalmine as default };
