import { IncomingMessage, Server } from 'node:http';
export { CoalmineError, CoalmineErrorCode } from '@coalmine/options';

/** So many of the last so many runs. */
interface Threshold {
    readonly runs: number;
    /** @defaultValue `runs`: one after the other */
    readonly of?: number;
}

/**
 * What a check that does not pass means.
 *
 * - `startup`: the process has not started; once it has passed, it is over.
 * - `joining`: the process must not join, but does not leave either, once it has been ready.
 * - `critical`: the process is not ready, whether it has been or not. For what is its own alone, never for what it
 *   shares with the other pods, which would all leave with it.
 * - `advisory`: a warning.
 */
type CheckKind = 'startup' | 'joining' | 'critical' | 'advisory';
type Status = 'pass' | 'warn' | 'fail';
/** What a check may answer beside `true` and `false`; the names are those of `application/health+json`. */
interface CheckAnswer {
    readonly status: Status;
    /** For those who may see details. */
    readonly output?: string;
    readonly observedValue?: unknown;
    readonly observedUnit?: string;
}
/** Passes unless it throws, rejects, or answers `false`. `signal` is aborted at the timeout. */
type Run = (signal: AbortSignal) => unknown;
/** A check, run in the background. A function is short for `{ run }`. */
type HealthCheck = Run | CheckOptions;
interface CheckOptions {
    readonly run: Run;
    /** @defaultValue `'joining'` */
    readonly kind?: CheckKind;
    /** Seconds between runs, give or take 15 %. @defaultValue `10` */
    readonly periodSeconds?: number;
    /** Seconds after which a run has failed. It is not run again before it has ended. @defaultValue `2` */
    readonly timeoutSeconds?: number;
    /** Failures after which a check that passed fails. @defaultValue `{ runs: 3 }`: three in a row */
    readonly failing?: Threshold;
    /** Passes after which a check that failed passes. @defaultValue `{ runs: 1 }` */
    readonly passing?: Threshold;
    /** Seconds after which a result is doubtful: a warning. @defaultValue three periods and a timeout */
    readonly staleAfterSeconds?: number;
    /** Seconds after which a result is void: a failure. @defaultValue ten periods and a timeout */
    readonly expiresAfterSeconds?: number;
}

/** A row, by column. */
type Row = Readonly<Record<string, unknown>>;
/** Asks a database one question without parameters. */
type Query = (sql: string) => Promise<readonly Row[]>;
/**
 * A database client, told by its shape: a Pool, Client or Connection of pg, postgres.js, mysql2 or PGlite; a database of
 * better-sqlite3 or node:sqlite; a PrismaClient; a Knex, Kysely, Drizzle, TypeORM, Sequelize or MikroORM instance; or a
 * function that takes SQL and answers a promise of rows.
 */
type SqlClient = object | Query;

/** The languages of SQL that differ here. */
type Dialect = 'postgres' | 'mysql' | 'sqlite';
/** A table, in a schema or (MySQL) database of its own where it is not in that of the connection. */
interface Table {
    readonly name: string;
    readonly schema?: string | undefined;
}

/** What differs between databases, asked of each in its own way. */
interface Database {
    readonly query: Query;
    /** Asks once. */
    dialect(): Promise<Dialect>;
    /** The columns of a table in lower case; none where there is no such table. */
    columns(table: Table): Promise<readonly string[]>;
    /** The advisory locks that anybody holds in this database; `undefined` where they cannot be seen. PostgreSQL. */
    advisoryLocks(): Promise<readonly AdvisoryLock[] | undefined>;
    /** Name of the database of the connection, asked once. MySQL. */
    current(): Promise<string>;
    /** Whether anybody holds a lock of `GET_LOCK`. MySQL. */
    isLockHeld(name: string): Promise<boolean>;
}
interface AdvisoryLock {
    /** Both halves in one, with its sign. */
    readonly key: bigint;
    /** Names of the database and the schema that it was seen from. */
    readonly database: string;
    readonly schema: string;
}

/** Which of two versions comes later, as a tool has it: above 0 where it is the first. */
type Compare = (a: string, b: string) => number;

/** A version, or the name of a migration, as the tool has it. */
type Version = string | number;
/** What a tool has recorded of its migrations. What it cannot know it leaves out, rather than denies. */
interface SchemaReading {
    /** Migrations that are applied; of a tool that keeps a single version, that one. */
    readonly applied: readonly string[];
    /** Migrations that failed. Absent where the tool does not record it. */
    readonly failed?: readonly string[];
    /** Migrations that began and have not ended, be it that they run or that the tool died. Absent where it is not recorded. */
    readonly unfinished?: readonly string[];
    /** Whether the tool is at work, by its lock. Absent where that cannot be told. */
    readonly isLocked?: boolean;
    /** pgroll: the version schemas that exist, and those of all migrations that are complete. */
    readonly versionSchemas?: {
        readonly served: readonly string[];
        readonly completed: readonly string[];
    };
}
/** Where the version of a schema is read: one of ours for each migration tool, or one of your own. */
interface SchemaSource {
    /** Label of its series, such as `prisma`. */
    readonly name: string;
    /** Whether each version includes those before it, so that the latest alone says all. @defaultValue `false` */
    readonly isLinear?: boolean;
    /** The order of its versions. Absent where they have none, as the changes of Liquibase and Sqitch. */
    readonly compare?: Compare;
    /** One spelling of a version, for what is recorded and what is asked for. @defaultValue as it is */
    readonly normalise?: (version: string) => string;
    /** Whether it serves each version in a schema of its own, as pgroll does. @defaultValue `false` */
    readonly hasVersionSchemas?: boolean;
    /** For the compatibility table; absent where the database has no SQL. */
    readonly database?: Database;
    /** Reads it, or answers `undefined` where nothing was ever migrated. Rejects where that cannot be read. */
    read(): Promise<SchemaReading | undefined>;
}

/** Which schemas a build works with. */
type SchemaSupports = SupportsSet | SupportsRange | SupportsVersionSchema;
/** By names, whatever the order in which they are applied. */
interface SupportsSet {
    /** What must be applied. @defaultValue what it `knows`, but for contract migrations */
    readonly requires?: readonly Version[];
    /** What must not be applied. */
    readonly breaksOn?: readonly Version[];
    /** Every migration that the build was made with, as `readMigrations` lists them. */
    readonly knows?: readonly Version[];
    readonly floor?: FloorOptions | false;
}
/** By versions that are in order; both ends are included. */
interface SupportsRange {
    readonly min?: Version;
    /** The newest version that the build knows. A newer one is no reason to refuse, a floor above it is. */
    readonly max?: Version;
    readonly floor?: FloorOptions | false;
}
/** pgroll: by the one schema of views that the build works with. */
interface SupportsVersionSchema {
    readonly versionSchema: string;
}
/**
 * How the database says which builds are too old for it, since an old build cannot know.
 * @defaultValue both, where the build says what it `knows`, or its `max`; else neither
 */
interface FloorOptions {
    /** The one-row table that a contract migration writes. @defaultValue `'schema_compatibility'` */
    readonly table?: string | false;
    /** PostgreSQL schema or MySQL database of that table. @defaultValue that of the connection */
    readonly schema?: string;
    /** A migration with such a name breaks builds that do not know it. @defaultValue the word `contract` */
    readonly names?: RegExp | false;
}

/**
 * What a schema is to a build.
 *
 * `compatible` and `ahead` fit. `behind` and `unmigrated` lack something, `incompatible` has something that breaks the
 * build. `migrating` is at work, `failed` was. `unreachable` did not answer. `unknown` was not read yet, or cannot be.
 */
type SchemaState = (typeof SCHEMA_STATES)[number];
declare const SCHEMA_STATES: readonly ["compatible", "ahead", "behind", "unmigrated", "incompatible", "migrating", "failed", "unreachable", "unknown"];
interface SchemaOptions {
    /** Where the version is read: `prisma(client)`, `knex(client)`, … */
    readonly source: SchemaSource;
    /** Which versions this build works with. */
    readonly supports: SchemaSupports;
    /** Seconds between readings, give or take 15 %. @defaultValue `10` */
    readonly periodSeconds?: number;
    /** Seconds after which a reading has failed. There is no other before it has ended. @defaultValue `2` */
    readonly timeoutSeconds?: number;
    /** Seconds for which a process that was never ready waits for a migration that runs. @defaultValue `60` */
    readonly graceSeconds?: number;
    /** Seconds without a reading for which the last one is good enough for a process that serves. @defaultValue `60` */
    readonly staleAfterSeconds?: number;
    /** States that a process which has been ready leaves in. @defaultValue none: it stays, with a warning */
    readonly leaveOn?: readonly SchemaState[];
    /** Seconds over which the pods spread their leaving. @defaultValue `30` */
    readonly leaveWithinSeconds?: number;
}

/** The schema of one database, read in the background and answered from memory. */
interface Schema {
    /** Label of its series. */
    readonly name: string;
    /**
     * Whether a migration is applied, as last read: for code that must work on both sides of it. False before the first
     * reading; what was read last while the database does not answer.
     */
    has(migration: string | number): boolean;
    state(): SchemaState;
    /** Why it is in that state; names migrations, so for those who may see details. */
    reason(): string;
    /** Epoch milliseconds of the last reading that succeeded. */
    readonly readAt: number | undefined;
    /** The highest floor that this build works with, where versions are numbers. */
    readonly floorRequired: number | undefined;
    /** Whether a process that was never ready may join. */
    mayJoin(): boolean;
    /** What it means to a process that has been ready. */
    whileServing(): 'pass' | 'warn' | 'fail';
    /** Reads in the background from now on. The second call does nothing. */
    start(): void;
    stop(): void;
    /** Reads now: to know before the first request. Resolves within the timeout, with or without an answer. */
    refresh(): Promise<void>;
}
/** Makes a schema. Throws `InvalidOption`, which names the option by its path below `schema`. */
declare function createSchema(options: SchemaOptions): Schema;

/** The three questions of Kubernetes' probes. */
type Probe = 'live' | 'ready' | 'startup';
/** What is read of a request of `node:http`, or of the compatibility API of `node:http2`. */
type ProbeRequest = Pick<IncomingMessage, 'headers' | 'method' | 'url' | 'socket'>;
interface HealthOptions {
    /** Where each question is answered; `false` for nowhere. @defaultValue `/livez`, `/readyz`, `/startupz` */
    readonly paths?: {
        readonly live?: string | false;
        readonly ready?: string | false;
        readonly startup?: string | false;
    };
    /** More paths, such as `{ '/healthz': 'ready' }`. @defaultValue none */
    readonly aliases?: Readonly<Record<string, Probe>>;
    /** What is checked in the background, by name. @defaultValue nothing */
    readonly checks?: Readonly<Record<string, HealthCheck>>;
    /** The schema of a database, or of several: its options, or what `createSchema` made of them. @defaultValue none */
    readonly schema?: SchemaOptions | Schema | readonly (SchemaOptions | Schema)[];
    /** Who sees names, reasons and times; anybody else sees one word. @defaultValue `'never'` */
    readonly details?: 'never' | 'always' | ((request: ProbeRequest) => boolean);
    /** Holds the first readiness until the metrics have been scraped, or for so long. @defaultValue no */
    readonly afterScrape?: {
        readonly maxSeconds: number;
    };
    /** Seconds for which a process that is to end goes on serving, unready. @defaultValue `5`; in development, none */
    readonly drainSeconds?: number;
    /** Seconds after those within which it must have closed. @defaultValue `20` */
    readonly closeSeconds?: number;
    /** What makes it drain; none for an app that calls `drain()` itself. @defaultValue `['SIGTERM', 'SIGINT']` */
    readonly signals?: readonly NodeJS.Signals[];
}

/** What stands between a process and its first readiness, and no longer counts after it. */
interface Hold {
    readonly name: string;
    isOver(): boolean;
}

/** What an answer is written to: a response of `node:http`, or of the compatibility API of `node:http2`. */
interface ProbeResponse {
    readonly headersSent?: boolean;
    writeHead(code: number, headers: Record<string, string | number>): unknown;
    end(body: string): unknown;
}

/** A logger, such as `app.log`, pino or `console`. */
interface Log {
    info(message: string): void;
    warn(message: string): void;
}
/** Returns a log that prefixes each message and never throws, whatever `log` does. `false` says nothing. */
declare function createLog(log: Log | false): Log;

/** Hears that draining has begun, and why: `'SIGTERM'` for instance. The drain waits for what it returns. */
type DrainListener = (cause: string) => unknown;

/** What a path is told by. */
interface EndpointPath {
    readonly path: string;
    /** Whether `<path>/<check>` is answered too. */
    readonly hasChecks: boolean;
}
/** The endpoint that a request asks for, with the name of the check where it asks for that alone. */
interface Asked<E extends EndpointPath> {
    readonly endpoint: E;
    readonly check: string | undefined;
}
/** What a `GET` or `HEAD` asks for among the endpoints; `undefined` for any other request. */
declare function endpointFor<E extends EndpointPath>(endpoints: readonly E[], { method, url }: ProbeRequest): Asked<E> | undefined;

/** A path that is answered from memory. */
interface HealthEndpoint extends EndpointPath {
    /** Answers `GET` and `HEAD`, for all or for the check of that name; never throws. */
    handle(request: ProbeRequest, response: ProbeResponse, check?: string): void;
}
/** The health of one process. */
interface Health {
    readonly endpoints: readonly HealthEndpoint[];
    /** Answers a request for one of the endpoints; false for any other. */
    handle(request: ProbeRequest, response: ProbeResponse): boolean;
    /** Whether the process may take traffic. The first yes makes it one that serves. */
    isReady(): boolean;
    /** Each check with its status, in the order of the options. */
    checks(): readonly {
        readonly name: string;
        readonly status: Status;
    }[];
    readonly schemas: readonly Schema[];
    /** The schema of that name, or the only one. Throws `RangeError` where there is none such. */
    schema(name?: string): Schema;
    /** The metrics have been scraped: what {@link HealthOptions.afterScrape} waits for. */
    scraped(): void;
    /** Ends the process at a signal from now on, for a process that boots: {@link Health.start} does so too. */
    heedSignals(): void;
    /** Checks in the background from now on, and listens for signals. The second call does nothing. */
    start(): void;
    /**
     * Has a server drained and closed at the end. Call it before the server listens. Once every watched server has closed,
     * checks and signals rest until one of them listens again.
     */
    watch(server: Server): void;
    /** Turns unready, serves on for `drainSeconds`, closes the servers, and resolves. The second call is the first. */
    drain(): Promise<void>;
    /** Whether the process drains: `/readyz` responds with a 503. */
    readonly isDraining: boolean;
    /** Aborted when draining begins, with an error that says why: for event streams, WebSockets and consumers. */
    readonly signal: AbortSignal;
    /**
     * Calls a listener with the cause, such as `'SIGTERM'`, when draining begins; at once, if it has begun. The process does
     * not end before the promise of a listener has settled, or `closeSeconds` are over. Returns what takes the listener back.
     */
    onDrain(listener: DrainListener): () => void;
    /** Resolves once the process has served on for `drainSeconds`, if it drains; at once otherwise. */
    served(): Promise<void>;
    /** Whether anybody has asked for the health of the process. */
    readonly wasProbed: boolean;
    /** Ends the checks; listens for signals no more. */
    close(): void;
}
interface HealthHooks {
    /** What else the first readiness waits for. @defaultValue nothing */
    readonly holds?: readonly Hold[];
    /** Who asks; the first answer of readiness may depend on it. */
    readonly asked?: (request: ProbeRequest) => void;
    /** The process has become ready, for the first time. */
    readonly becameReady?: () => void;
    /** Closes the app, when the process has served on for long enough; its servers close meanwhile. */
    readonly close?: () => unknown;
    /** Where to tell of readiness and draining; `false` for nowhere. @defaultValue `console` */
    readonly log?: Log | false;
}
/** Makes the health of a process. Throws `InvalidOption`, which names the option by its path below `health`. */
declare function createHealth(options?: HealthOptions, hooks?: HealthHooks): Health;

interface VersionCheckOptions extends Omit<CheckOptions, 'run' | 'kind'> {
    /** Where the dependency says its version. */
    readonly url: string | URL;
    /** The versions that this build works with, as a range of semver: `^2.1.0`. */
    readonly supports: string;
    /** @defaultValue `'advisory'` */
    readonly kind?: CheckKind;
    readonly headers?: Readonly<Record<string, string>>;
    /** Finds the version. @defaultValue the member `version` of a JSON body, else the whole body */
    readonly version?: (body: string, response: Response) => string | undefined;
}
/**
 * A check of the API version of a service that this one calls. A pre-release counts as the version that it leads to, so
 * that a canary of the other side is checked too. Throws `InvalidOption`.
 */
declare function versionCheck(options: VersionCheckOptions): CheckOptions;

/** Where a tool keeps its table, if not where it does by default. */
interface SourceOptions {
    /** Label of its series; must differ between sources. @defaultValue that of the tool */
    readonly name?: string;
    /** @defaultValue that of the tool */
    readonly table?: string;
    /** PostgreSQL schema or MySQL database of the table. @defaultValue that of the tool, else that of the connection */
    readonly schema?: string;
    /** @defaultValue asked of the database */
    readonly dialect?: Dialect;
}

/** Reads the history of one migration tool. Throws `InvalidOption` where client or options cannot be used. */
type SourceOf = (client: SqlClient, options?: SourceOptions) => SchemaSource;
/** Prisma Migrate. Versions are the names of the migration folders. */
declare const prisma: SourceOf;
/** Knex. Versions are the names of the migration files, with or without extension. */
declare const knex: SourceOf;
/** Drizzle. Versions are the names of the migration folders; before 1.0, the `when` of the journal in milliseconds. */
declare const drizzle: SourceOf;
/** TypeORM. Versions are the names of the migration classes. */
declare const typeorm: SourceOf;
/** Sequelize, and Umzug with its `SequelizeStorage`. Versions are file names, with or without extension. */
declare const sequelize: SourceOf;
/** MikroORM on SQL. Versions are the names of the migration classes. */
declare const mikroOrm: SourceOf;
/** Kysely's `Migrator`. Versions are the keys of its provider: file names without extension. */
declare const kysely: SourceOf;
/** node-pg-migrate. Versions are file names, with or without extension. */
declare const nodePgMigrate: SourceOf;
/** postgres-migrations. Versions are the numbers that the file names begin with. */
declare const postgresMigrations: SourceOf;
/** db-migrate. Versions are file names, with or without extension. */
declare const dbMigrate: SourceOf;
/** Flyway. Versions are dotted numbers; those of a file name do too. Repeatable migrations have none. */
declare const flyway: SourceOf;
/** Liquibase. Versions are change sets, as `file::id::author`, and tags. They have no order. */
declare const liquibase: SourceOf;
/** golang-migrate. Versions are numbers. */
declare const golangMigrate: SourceOf;
/** dbmate. Versions are the digits that the file names begin with. */
declare const dbmate: SourceOf;
/** Rails. Versions are the digits that the file names begin with. */
declare const rails: SourceOf;
/** Atlas' versioned migrations. Versions are what the file names begin with. */
declare const atlas: SourceOf;
/** Sqitch. Versions are the names of changes, and tags as `@v1.0`. They have no order. */
declare const sqitch: SourceOf;
/**
 * pgroll. Versions are the names of migrations; `supports: { versionSchema: 'public_02_add_email' }` asks for the schema
 * that this build works with.
 */
declare function pgroll(client: SqlClient, options?: {
    /** Label of its series. @defaultValue `'pgroll'` */
    readonly name?: string;
    /** The schema that is migrated. @defaultValue `'public'` */
    readonly schema?: string;
}): SchemaSource;
/** Any query whose first row has the version in its first column, of which each includes those before it. */
declare function sqlVersion(client: SqlClient, sql: string, options?: Pick<SourceOptions, 'name' | 'dialect'>): SchemaSource;
/** Any query whose rows have, in their first column, the names of the migrations that are applied. */
declare function sqlMigrations(client: SqlClient, sql: string, options?: Pick<SourceOptions, 'name' | 'dialect'>): SchemaSource;

/** A `Db` of the mongodb driver, told by its shape. */
interface MongoDb {
    collection(name: string): {
        find(filter: object, options?: object): {
            toArray(): Promise<readonly Readonly<Record<string, unknown>>[]>;
        };
    };
}
interface MigrateMongoOptions {
    /** Label of its series. @defaultValue `'migrate-mongo'` */
    readonly name?: string;
    /** @defaultValue `'changelog'` */
    readonly collection?: string;
    /** Read where migrate-mongo has a `lockTtl`. @defaultValue `'changelog_lock'` */
    readonly lockCollection?: string;
}
/** migrate-mongo. Versions are file names, with or without extension. Throws `InvalidOption`. */
declare function migrateMongo(db: MongoDb, options?: MigrateMongoOptions): SchemaSource;

/** Where the compatibility table is, if not where it is by default. */
interface CompatibilityOptions {
    readonly dialect: Dialect;
    /** @defaultValue `'schema_compatibility'` */
    readonly table?: string;
    /** @defaultValue that of the connection */
    readonly schema?: string;
}
/**
 * The statement that creates the compatibility table: one row, with the oldest version that a build must know to work
 * with this database. Does nothing where the table is. Throws `InvalidOption`.
 */
declare function createCompatibilityTable(options: CompatibilityOptions): string;
/**
 * The statement that a contract migration ends with: from now on, builds that do not know the version `floor` no longer
 * work with this database. The table must be there. Throws `InvalidOption`.
 */
declare function raiseFloor(floor: string | number, options: CompatibilityOptions & {
    readonly reason?: string;
}): string;

/** What a build knows, to be read in at start-up: `supports: { knows: manifest.knows }`. */
interface MigrationManifest {
    /** The tool whose folder it was. */
    readonly tool: MigrationFolder;
    readonly knows: readonly string[];
}
/** Tools whose migrations are files in a folder. */
type MigrationFolder = 'prisma' | 'knex' | 'drizzle' | 'typeorm' | 'sequelize' | 'mikro-orm' | 'kysely' | 'node-pg-migrate' | 'postgres-migrations' | 'db-migrate' | 'flyway' | 'golang-migrate' | 'dbmate' | 'rails' | 'atlas' | 'sqitch' | 'pgroll' | 'migrate-mongo';
/**
 * Reads the migrations of a build from their folder, as the tool records them: at build time, since the folder is seldom
 * in the image. Rejects with `InvalidOption`, and as the file system does.
 */
declare function readMigrations(tool: MigrationFolder, folder: string): Promise<MigrationManifest>;

export { type AdvisoryLock, type Asked, type CheckAnswer, type CheckKind, type CheckOptions, type Compare, type CompatibilityOptions, type Database, type Dialect, type DrainListener, type EndpointPath, type FloorOptions, type Health, type HealthCheck, type HealthEndpoint, type HealthHooks, type HealthOptions, type Hold, type Log, type MigrateMongoOptions, type MigrationFolder, type MigrationManifest, type MongoDb, type Probe, type ProbeRequest, type ProbeResponse, type Query, type Row, type Run, SCHEMA_STATES, type Schema, type SchemaOptions, type SchemaReading, type SchemaSource, type SchemaState, type SchemaSupports, type SourceOf, type SourceOptions, type SqlClient, type Status, type SupportsRange, type SupportsSet, type SupportsVersionSchema, type Table, type Threshold, type Version, type VersionCheckOptions, atlas, createCompatibilityTable, createHealth, createLog, createSchema, dbMigrate, dbmate, drizzle, endpointFor, flyway, golangMigrate, knex, kysely, liquibase, migrateMongo, mikroOrm, nodePgMigrate, pgroll, postgresMigrations, prisma, rails, raiseFloor, readMigrations, sequelize, sqitch, sqlMigrations, sqlVersion, typeorm, versionCheck };
