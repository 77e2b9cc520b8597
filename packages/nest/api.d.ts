import { CoalmineOptions, Instrument, RouteOptions } from '@coalmine/express';
export { ClusterMetrics, CoalmineError, CoalmineErrorCode, CoalmineOptions, FailOptions, HealthCheck, HealthOptions, Instrument, NameMap, ObjectiveOptions, RegistryLike, RouteOptions, Schema, SchemaOptions, SchemaSource, SchemaState, SchemaSupports, agents, atlas, createClusterMetrics, createCompatibilityTable, createSchema, dbMigrate, dbmate, drizzle, fail, flyway, golangMigrate, httpCheck, knex, kysely, liquibase, migrateMongo, mikroOrm, nodePgMigrate, pgroll, postgresMigrations, prisma, rails, raiseFloor, readMigrations, sequelize, signExclusion, sources, sqitch, sqlMigrations, sqlVersion, typeorm, versionCheck } from '@coalmine/express';
import { OnApplicationBootstrap, OnApplicationShutdown, ModuleMetadata, FactoryProvider, NestModule, DynamicModule } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

/** Holds the instrument of the app, for providers and controllers to inject. */
declare class CoalmineHost implements OnApplicationBootstrap, OnApplicationShutdown {
    #private;
    /** For the module: inject the host instead. */
    constructor(adapters: HttpAdapterHost, options?: CoalmineOptions);
    /**
     * Checks, draining, upgrades and your own counts. `undefined` in an application context, which serves no HTTP, and in
     * a testing module before `app.init()`.
     */
    get instrument(): Instrument | undefined;
    /** Adds Coalmine to the app, once the app has an adapter: a testing module has none before `createNestApplication()`. */
    install(): Promise<void>;
    onApplicationBootstrap(): void;
    onApplicationShutdown(): Promise<void>;
}

/** Options that need other providers, such as a configuration service or the pool that a health check queries. */
interface CoalmineAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
    /** Providers whose values `useFactory` gets. @defaultValue none */
    readonly inject?: FactoryProvider['inject'];
    readonly useFactory: (...injected: any[]) => CoalmineOptions | Promise<CoalmineOptions>;
}
/**
 * Clean canary metrics for NestJS 10, 11 and 12 on Express and Fastify: `imports: [CoalmineModule.forRoot()]` in the root
 * module.
 *
 * `NestFactory.create()` rejects with `CoalmineError` if an option is invalid (see docs/errors.md).
 */
declare class CoalmineModule implements NestModule {
    #private;
    constructor(host: CoalmineHost);
    /** Returns the module with these options. */
    static forRoot(options?: CoalmineOptions): DynamicModule;
    /**
     * Returns the module with options that a factory makes from other providers.
     *
     * Throws `CoalmineError` if `useFactory` is not a function.
     */
    static forRootAsync({ imports, inject, useFactory }: CoalmineAsyncOptions): DynamicModule;
    /** Nest calls this when the app starts, before routes. The app of a testing module has no adapter before that. */
    configure(): Promise<void>;
}

/**
 * Sets the options of the routes of a handler, or of all handlers of a controller: `@Route({ objective: { latency: 2.5
 * } })`, or `@Route(false)` to exclude their requests. The options of a handler override the options of its controller.
 *
 * Throws `CoalmineError` if an option is invalid.
 */
declare function Route(options: RouteOptions): ClassDecorator & MethodDecorator;

export { type CoalmineAsyncOptions, CoalmineHost, CoalmineModule, Route };
