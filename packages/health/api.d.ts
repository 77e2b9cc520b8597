import { IncomingMessage, Server } from 'node:http';
export { CoalmineError, CoalmineErrorCode } from '@coalmine/options';

/** `runs` of the last `of` runs. */
interface Threshold {
    readonly runs: number;
    /** @defaultValue `runs`: one after the other */
    readonly of?: number;
}

/**
 * What a check that does not pass means.
 *
 * - `startup`: the process has not started. Once the check has passed, it no longer counts.
 * - `joining`: the process must not join, but it does not leave either, once it has been ready.
 * - `critical`: the process is not ready, whether it has been ready before or not. Use it only for something that
 *   belongs
 *   to this process, never for something that all pods share: all of them would leave at the same time.
 * - `advisory`: a warning.
 */
type CheckKind = 'startup' | 'joining' | 'critical' | 'advisory';
type Status = 'pass' | 'warn' | 'fail';
/** The result of a check, besides `true` and `false`. The names come from `application/health+json`. */
interface CheckAnswer {
    readonly status: Status;
    /** The reason, for those who may see details. */
    readonly output?: string;
    readonly observedValue?: unknown;
    readonly observedUnit?: string;
}
/**
 * Runs a check. It passes unless it throws, rejects, or returns `false` or an error. A check of the kind `startup` also
 * fails if it returns `undefined` or `null`. `signal` is aborted at the timeout.
 */
type Run = (signal: AbortSignal) => unknown;
/** A check, run in the background. A function is short for `{ run }`. */
type HealthCheck = Run | CheckOptions;
interface CheckOptions {
    readonly run: Run;
    /** @defaultValue `'joining'` */
    readonly kind?: CheckKind;
    /** Seconds between runs, plus or minus 15 %. @defaultValue `10` */
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
    /**
     * Makes liveness fail, so that Kubernetes restarts the process, if the check keeps failing although its witness
     * passes. For a check of the kind `joining` or `critical`. @defaultValue never
     */
    readonly liveness?: LivenessOptions;
}
/** When a check that fails should end in a restart. */
interface LivenessOptions {
    /**
     * Seconds for which the check must have failed while the witness passed. Each process waits up to half as long again,
     * so that processes that got stuck by one cause do not restart together.
     */
    readonly afterSeconds: number;
    /**
     * Proves that the dependency works, without the part that may be stuck: over a connection of its own. It passes like
     * a check of the kind `startup`. It runs while the check fails, as often as the check.
     */
    readonly witness: Run;
}

/** A row, by column. */
type Row = Readonly<Record<string, unknown>>;
/** Sends one query without parameters to a database. */
type Query = (sql: string) => Promise<readonly Row[]>;
/**
 * A database client, recognised by its shape: a Pool, Client or Connection of pg, postgres.js, mysql2 or PGlite; a
 * database of better-sqlite3 or node:sqlite; a PrismaClient; a Knex, Kysely, Drizzle, TypeORM, Sequelize or MikroORM
 * instance; or a function that takes SQL and returns a promise of rows.
 */
type SqlClient = object | Query;

/** The SQL dialects that are told apart here. */
type Dialect = 'postgres' | 'mysql' | 'sqlite';
/** A table, with its schema or (MySQL) database if that is not the one of the connection. */
interface Table {
    readonly name: string;
    readonly schema?: string | undefined;
}

/** What differs between databases, queried in the way of each. */
interface Database {
    readonly query: Query;
    /** Returns the dialect, queried once. */
    dialect(): Promise<Dialect>;
    /** Returns how the role of the connection sees a table. Rejects if the role may not use its schema. */
    look(table: Table): Promise<Sight>;
    /**
     * Returns the advisory locks that anybody holds in this database; `undefined` if they cannot be seen, as on a replica.
     * PostgreSQL.
     */
    advisoryLocks(): Promise<readonly AdvisoryLock[] | undefined>;
    /** Returns the name of the database of the connection, queried once. MySQL. */
    current(): Promise<string>;
    /** Whether anybody holds a lock of `GET_LOCK`; `undefined` if that cannot be seen, as on a replica. MySQL. */
    isLockHeld(name: string): Promise<boolean | undefined>;
}
/**
 * A table as the role sees it. MySQL gives the same error for a table without a grant and for a table that does not
 * exist, unless the role has a grant on the whole database. Without that grant the table is `hidden`; `absent` is
 * certain.
 */
type Sight = {
    readonly kind: 'seen';
    /** In lower case. */
    readonly columns: readonly string[];
    /**
     * The policies of row-level security that choose the rows for this role; absent if the role sees all rows.
     * PostgreSQL.
     */
    readonly policies?: string;
} | {
    readonly kind: 'absent' | 'hidden';
    readonly reason: string;
};
interface AdvisoryLock {
    /** Both halves of the key in one signed number. */
    readonly key: bigint;
    /** Names of the database and the schema of the connection that saw the lock. */
    readonly database: string;
    readonly schema: string;
}

/** Compares two versions in the order of a tool: above 0 if the first version comes later. */
type Compare = (a: string, b: string) => number;

/** A version, or the name of a migration, as the tool spells it. */
type Version = string | number;
/** What a tool has recorded of its migrations. A member is absent if the tool cannot know it. */
interface SchemaReading {
    /** Applied migrations. A tool that keeps a single version has only that one. */
    readonly applied: readonly string[];
    /** Migrations that failed. Absent if the tool does not record it. */
    readonly failed?: readonly string[];
    /**
     * Migrations that started and have not ended, because they run or because the tool died. Absent if it is not recorded.
     */
    readonly unfinished?: readonly string[];
    /** Whether the tool is at work, by its lock. Absent if that cannot be told. */
    readonly isLocked?: boolean;
    /** The latest version that a baseline includes: versions up to it count as applied. Absent if there is none. */
    readonly baseline?: string;
    /** Names of versions, by version, if a version itself is not a name, such as Flyway's descriptions. */
    readonly names?: ReadonlyMap<string, string>;
    /** Whether the history has names. Only recent versions of some tools record names. @defaultValue `true` */
    readonly hasNames?: boolean;
    /** Why rows of the history may be hidden from the role. Absent if the role sees all rows. */
    readonly hidden?: string;
    /** pgroll: the version schemas that exist, and the version schemas of all completed migrations. */
    readonly versionSchemas?: {
        readonly served: readonly string[];
        readonly completed: readonly string[];
    };
}
/** Reads the version of a schema: a source of Coalmine for each migration tool, or your own. */
interface SchemaSource {
    /** Label of its series, such as `prisma`. */
    readonly name: string;
    /**
     * Whether each version includes the versions before it, so that the latest version says all. @defaultValue `false`
     */
    readonly isLinear?: boolean;
    /** The order of the versions. Absent if they have none, such as the changes of Liquibase and Sqitch. */
    readonly compare?: Compare;
    /** Returns the one spelling of a version, for recorded and for wanted versions. @defaultValue the version as it is */
    readonly normalise?: (version: string) => string;
    /** Whether migrations have names, which a rule for names can read. @defaultValue `true` */
    readonly hasNames?: boolean;
    /** Whether the tool serves each version in its own schema, as pgroll does. @defaultValue `false` */
    readonly hasVersionSchemas?: boolean;
    /** For the compatibility table. Absent if the database has no SQL. */
    readonly database?: Database;
    /**
     * Where the compatibility table may be; the first schema that has it counts. @defaultValue the schema of the
     * connection
     */
    readonly floorSchemas?: readonly (string | undefined)[];
    /** Reads the history, or returns `undefined` if nothing was ever migrated. Rejects if there is no history to read. */
    read(): Promise<SchemaReading | undefined>;
}

/** Which schemas a build works with. */
type SchemaSupports = SupportsSet | SupportsRange | SupportsVersionSchema;
/** By names, in whatever order they are applied. */
interface SupportsSet {
    /** What must be applied. @defaultValue what the build `knows`, except for contract migrations by `floor.names` */
    readonly requires?: readonly Version[];
    /** What must not be applied. */
    readonly breaksOn?: readonly Version[];
    /** Every migration that the build was made with, as `readMigrations` lists them. */
    readonly knows?: readonly Version[];
    /**
     * Names of versions, as `readMigrations` lists them for tools whose versions are numbers: for `floor.names`. A
     * version that has a name here is known, whether it is required or not.
     */
    readonly names?: Readonly<Record<string, string>>;
    readonly floor?: FloorOptions | false;
}
/** By versions that are in order; both ends are included. */
interface SupportsRange {
    readonly min?: Version;
    /** The newest version that the build knows. The build accepts a newer version, but not a floor above this version. */
    readonly max?: Version;
    readonly floor?: FloorOptions | false;
}
/** pgroll: by the one schema of views that the build works with. */
interface SupportsVersionSchema {
    readonly versionSchema: string;
}
/**
 * How the database says which builds are too old for it, because an old build cannot know that. If given, it must be
 * readable. @defaultValue the table, if the build says what it `knows`, or its `max`; otherwise none
 */
interface FloorOptions {
    /** The one-row table that a contract migration writes. @defaultValue `'schema_compatibility'` */
    readonly table?: string | false;
    /** PostgreSQL schema or MySQL database of that table. @defaultValue the schema of the source, or of the connection */
    readonly schema?: string;
    /** A migration with such a name breaks builds that do not know it, and is not required. @defaultValue no name */
    readonly names?: RegExp;
}

/**
 * The state of a schema for a build.
 *
 * `compatible` and `ahead` fit. `behind` and `unmigrated` lack something; `incompatible` has something that breaks the
 * build. With `migrating` a migration is running; with `failed` one has failed. With `unreachable` the database did not
 * respond. With `unknown` the schema was not read yet, or cannot be read.
 */
type SchemaState = (typeof SCHEMA_STATES)[number];
declare const SCHEMA_STATES: readonly ["compatible", "ahead", "behind", "unmigrated", "incompatible", "migrating", "failed", "unreachable", "unknown"];
interface SchemaOptions {
    /** Where the version is read: `sources.prisma(client)`, `sources.knex(client)`, … */
    readonly source: SchemaSource;
    /** Which versions this build works with. */
    readonly supports: SchemaSupports;
    /** Seconds between readings, plus or minus 15 %. @defaultValue `10` */
    readonly periodSeconds?: number;
    /** Seconds after which a reading has failed. The next reading starts only after it has ended. @defaultValue `2` */
    readonly timeoutSeconds?: number;
    /** Seconds for which a process that was never ready waits for a migration that runs. @defaultValue `60` */
    readonly graceSeconds?: number;
    /** Seconds without a reading for which the last one is good enough for a process that serves. @defaultValue `60` */
    readonly staleAfterSeconds?: number;
    /**
     * Whether a process that was never ready joins, with a warning, or waits, if a migration failed that its build does
     * not know, such as a migration of the next release. The process waits if `leaveOn` has `failed`. @defaultValue
     * `'join'`
     */
    readonly onUnknownFailure?: 'join' | 'wait';
    /** States in which a process that has been ready leaves. @defaultValue none: it stays, with a warning */
    readonly leaveOn?: readonly SchemaState[];
    /** Seconds over which the pods spread their leaving. @defaultValue `30` */
    readonly leaveWithinSeconds?: number;
}

/** The schema of one database, read in the background and served from memory. */
interface Schema {
    /** Label of its series. */
    readonly name: string;
    /**
     * Whether a migration is applied, by the last reading: for code that must work before and after the migration. False
     * before the first reading. While the database does not respond, the last reading counts.
     */
    has(migration: string | number): boolean;
    state(): SchemaState;
    /** Returns why it is in that state. The reason names migrations, so show it only to those who may see details. */
    reason(): string;
    /** Epoch milliseconds of the last reading that succeeded. */
    readonly readAt: number | undefined;
    /** The highest floor that this build works with, if versions are numbers. */
    readonly floorRequired: number | undefined;
    /** Whether a process that was never ready may join. */
    mayJoin(): boolean;
    /** Returns what the state means to a process that has been ready. */
    whileServing(): 'pass' | 'warn' | 'fail';
    /** Starts to read in the background. A second call does nothing. */
    start(): void;
    stop(): void;
    /**
     * Reads now, for code that needs the state before the first request. Resolves within the timeout, with or without a
     * reading.
     */
    refresh(): Promise<void>;
}
/** Creates a schema. Throws `InvalidOption`, which names the option by its path below `schema`. */
declare function createSchema(options: SchemaOptions): Schema;

/** The three probes of Kubernetes. */
type Probe = 'live' | 'ready' | 'startup';
/** The part of a request that is read, of `node:http` or of the compatibility API of `node:http2`. */
type ProbeRequest = Pick<IncomingMessage, 'headers' | 'method' | 'url' | 'socket'>;
interface HealthOptions {
    /** The path of each probe; `false` for none. @defaultValue `/livez`, `/readyz`, `/startupz` */
    readonly paths?: {
        readonly live?: string | false;
        readonly ready?: string | false;
        readonly startup?: string | false;
    };
    /** More paths, such as `{ '/healthz': 'ready' }`. @defaultValue none */
    readonly aliases?: Readonly<Record<string, Probe>>;
    /** The checks to run in the background, by name. @defaultValue none */
    readonly checks?: Readonly<Record<string, HealthCheck>>;
    /** The schema of a database, or of several: its options, or a schema made by `createSchema`. @defaultValue none */
    readonly schema?: SchemaOptions | Schema | readonly (SchemaOptions | Schema)[];
    /** Who sees names, reasons and times; anybody else sees one word. @defaultValue `'never'` */
    readonly details?: 'never' | 'always' | ((request: ProbeRequest) => boolean);
    /** Holds the first readiness until the metrics have been scraped, or until `maxSeconds` are over. @defaultValue no */
    readonly afterScrape?: {
        readonly maxSeconds: number;
    };
    /**
     * Seconds for which a process that has been told to end keeps serving, unready. @defaultValue `5`; in development,
     * none
     */
    readonly drainSeconds?: number;
    /** Seconds after `drainSeconds` within which the process must have closed. @defaultValue `20` */
    readonly closeSeconds?: number;
    /**
     * The signals at which the process drains; none for an app that calls `drain()` itself. @defaultValue `['SIGTERM',
     * 'SIGINT']`
     */
    readonly signals?: readonly NodeJS.Signals[];
}

/** A condition of the first readiness, which no longer counts after it. */
interface Hold {
    readonly name: string;
    isOver(): boolean;
}

/** Where a report is written: a response of `node:http`, or of the compatibility API of `node:http2`. */
interface ProbeResponse {
    readonly headersSent?: boolean;
    writeHead(code: number, headers: Record<string, string | number>): unknown;
    end(body: string): unknown;
}

/** Called with the cause when a drain starts, such as `'SIGTERM'`. The drain waits for the promise that is returned. */
type DrainListener = (cause: string) => unknown;

/** The path of an endpoint. */
interface EndpointPath {
    readonly path: string;
    /** Whether `<path>/<check>` is served, too. */
    readonly hasChecks: boolean;
}
/** The endpoint that a request asks for, and the name of the check if the request asks for one check only. */
interface Asked<E extends EndpointPath> {
    readonly endpoint: E;
    readonly check: string | undefined;
}
/** Returns the endpoint that a `GET` or `HEAD` asks for, or `undefined` for any other request. */
declare function endpointFor<E extends EndpointPath>(endpoints: readonly E[], request: ProbeRequest): Asked<E> | undefined;

/** A logger, such as `app.log`, pino or `console`. */
interface Log {
    info(message: string): void;
    warn(message: string): void;
}
/** Returns a log that prefixes each message and never throws, whatever `log` does. `false` logs nothing. */
declare function createLog(log: Log | false): Log;

/** A path whose responses come from memory. */
interface HealthEndpoint extends EndpointPath {
    readonly probe: Probe;
    /** Responds to `GET` and `HEAD`, for all checks or for the named check. Never throws. */
    handle(request: ProbeRequest, response: ProbeResponse, check?: string): void;
}
/** The health of one process. */
interface Health {
    readonly endpoints: readonly HealthEndpoint[];
    /** Responds to a request for one of the endpoints. Returns false for any other request. */
    handle(request: ProbeRequest, response: ProbeResponse): boolean;
    /** Whether the process may take traffic. From the first `true` on, the process counts as serving. */
    isReady(): boolean;
    /** Each check with its status, in the order of the options. */
    checks(): readonly {
        readonly name: string;
        readonly status: Status;
    }[];
    readonly schemas: readonly Schema[];
    /** Returns the schema of that name, or the only schema. Throws `RangeError` if there is none. */
    schema(name?: string): Schema;
    /** Notes that the metrics have been scraped: {@link HealthOptions.afterScrape} waits for this. */
    scraped(): void;
    /** Ends the process at a signal from now on, for a process that still boots. {@link Health.start} does the same. */
    heedSignals(): void;
    /** Runs checks in the background from now on, and listens for signals. A second call does nothing. */
    start(): void;
    /**
     * Drains and closes a server at the end. Call it before the server listens. Once every watched server has closed,
     * checks and signals rest until one of the servers listens again.
     */
    watch(server: Server): void;
    /**
     * Turns unready, serves for another `drainSeconds`, closes the servers, and resolves. A second call returns the first
     * drain.
     */
    drain(): Promise<void>;
    /** Whether the process drains: `/readyz` responds with a 503. */
    readonly isDraining: boolean;
    /** Aborted when draining starts, with an error that says why: for event streams, WebSockets and consumers. */
    readonly signal: AbortSignal;
    /**
     * Calls a listener with the cause, such as `'SIGTERM'`, when draining starts, or at once if it has started. The
     * process does not end before the promise of the listener has settled, or `closeSeconds` are over. Returns a function that
     * removes the listener.
     */
    onDrain(listener: DrainListener): () => void;
    /** Resolves once the process has served for `drainSeconds` while draining; at once if it does not drain. */
    served(): Promise<void>;
    /** Whether anybody has asked for the health of the process. */
    readonly wasProbed: boolean;
    /** Stops the checks and the listeners for signals. */
    close(): void;
}
interface HealthHooks {
    /** Other conditions of the first readiness. @defaultValue none */
    readonly holds?: readonly Hold[];
    /** Called with each request for a report, before the first report of readiness, which may depend on it. */
    readonly asked?: (request: ProbeRequest) => void;
    /** Called when the process has become ready for the first time. */
    readonly becameReady?: () => void;
    /** Closes the app when the process has served for long enough; its servers close meanwhile. */
    readonly close?: () => unknown;
    /** The log for readiness and draining; `false` for none. @defaultValue `console` */
    readonly log?: Log | false;
}
/** Creates the health of a process. Throws `InvalidOption`, which names the option by its path below `health`. */
declare function createHealth(options?: HealthOptions, hooks?: HealthHooks): Health;

/** An app of the process that takes part in its end. */
interface EndingApp {
    /** Drains. Never rejects. */
    end(signal: NodeJS.Signals): Promise<Ended>;
    /** Called when the process ends now, whatever is in progress. */
    cut(): void;
    readonly log: Log;
}
/** How an app has ended. */
interface Ended {
    /** Whether a server of the app listened; otherwise the process was still booting. */
    readonly hasServed: boolean;
    /** When other listeners of the signal must have finished, on the monotonic clock. */
    readonly deadline: number;
    /** Seconds that a process has to end by itself. */
    readonly lingerSeconds: number;
}
/**
 * Drains the app at the first of these signals, and ends the process when all apps have drained. Returns a function
 * that removes the app.
 *
 * The other listeners for these signals are held back, and called after the drain. Repeated signals do nothing, except
 * for a second SIGINT from a terminal, which ends the process at once.
 */
declare function onSignals(signals: readonly NodeJS.Signals[], app: EndingApp): () => void;

interface HttpCheckOptions extends Omit<CheckOptions, 'run' | 'kind'> {
    /** @defaultValue `'advisory'` */
    readonly kind?: CheckKind;
    readonly headers?: Readonly<Record<string, string>>;
    /** The statuses with which the check passes. @defaultValue 200 to 299 */
    readonly statuses?: readonly number[];
    /**
     * Judges a response whose status passes, and returns what `run` of a check may return. The body is at most 64 KiB
     * long. @defaultValue every such response passes
     */
    readonly judge?: (body: string, response: Response) => unknown;
}
/**
 * Returns a check of a service that this service calls. The check passes if the service responds to a `GET` with an
 * expected status. Redirects are not followed, because the page behind a redirect, such as a login, says nothing about
 * the service. Throws `InvalidOption`.
 */
declare function httpCheck(url: string | URL, options?: HttpCheckOptions): CheckOptions;

interface VersionCheckOptions extends Omit<CheckOptions, 'run' | 'kind'> {
    /** The URL at which the dependency reports its version. */
    readonly url: string | URL;
    /** The versions that this build works with, as a range of semver: `^2.1.0`. */
    readonly supports: string;
    /** @defaultValue `'advisory'` */
    readonly kind?: CheckKind;
    readonly headers?: Readonly<Record<string, string>>;
    /**
     * Returns the version from a response. @defaultValue the member `version` of a JSON body, otherwise the whole body
     */
    readonly version?: (body: string, response: Response) => string | undefined;
}
/**
 * Returns a check of the API version of a service that this service calls. Redirects are not followed. A pre-release
 * counts as the version that it leads to, so that a canary of the other service is checked too. Throws `InvalidOption`.
 */
declare function versionCheck(options: VersionCheckOptions): CheckOptions;

/** A `Db` of the mongodb driver, recognised by its shape. */
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
    /** Read if migrate-mongo has a `lockTtl`. @defaultValue `'changelog_lock'` */
    readonly lockCollection?: string;
}

/** Where a tool keeps its table, if it is not in its default place. */
interface SourceOptions {
    /** Label of its series; must differ between sources. @defaultValue the name of the tool */
    readonly name?: string;
    /** @defaultValue the table of the tool */
    readonly table?: string;
    /**
     * PostgreSQL schema or MySQL database of the table. @defaultValue the schema of the tool, otherwise of the connection
     */
    readonly schema?: string;
    /** @defaultValue the dialect that the database reports */
    readonly dialect?: Dialect;
}

/** Reads the history of one migration tool. Throws `InvalidOption` if the client or the options cannot be used. */
type SourceOf = (client: SqlClient, options?: SourceOptions) => SchemaSource;
/**
 * A source of schema versions for each migration tool: `sources.prisma(client)`. They are members of one object, so that
 * no import clashes with the import of the tool or the ORM itself.
 */
interface Sources {
    /** Prisma Migrate. Versions are the names of the migration folders. */
    readonly prisma: SourceOf;
    /** Knex. Versions are the names of the migration files, with or without extension. */
    readonly knex: SourceOf;
    /** Drizzle. Versions are the names of the migration folders; before 1.0, the `when` of the journal in milliseconds. */
    readonly drizzle: SourceOf;
    /** TypeORM. Versions are the names of the migration classes. */
    readonly typeorm: SourceOf;
    /** Sequelize, and Umzug with its `SequelizeStorage`. Versions are file names, with or without extension. */
    readonly sequelize: SourceOf;
    /** MikroORM on SQL. Versions are the names of the migration classes. */
    readonly mikroOrm: SourceOf;
    /** Kysely's `Migrator`. Versions are the keys of its provider: file names without extension. */
    readonly kysely: SourceOf;
    /** node-pg-migrate. Versions are file names, with or without extension. */
    readonly nodePgMigrate: SourceOf;
    /** postgres-migrations. Versions are the numbers that the file names begin with. */
    readonly postgresMigrations: SourceOf;
    /** db-migrate. Versions are file names, with or without extension. */
    readonly dbMigrate: SourceOf;
    /** Flyway. Versions are dotted numbers; the number in a file name works, too. Repeatable migrations have none. */
    readonly flyway: SourceOf;
    /** Liquibase. Versions are change sets, as `file::id::author`, and tags. They have no order. */
    readonly liquibase: SourceOf;
    /** golang-migrate. Versions are numbers. */
    readonly golangMigrate: SourceOf;
    /** dbmate. Versions are the digits that the file names begin with. */
    readonly dbmate: SourceOf;
    /** Rails. Versions are the digits that the file names begin with. */
    readonly rails: SourceOf;
    /** Atlas' versioned migrations. Versions are what the file names begin with. */
    readonly atlas: SourceOf;
    /** Sqitch. Versions are the names of changes, and tags as `@v1.0`. They have no order. */
    readonly sqitch: SourceOf;
    /**
     * pgroll. Versions are the names of migrations; `supports: { versionSchema: 'public_02_add_email' }` asks for the schema
     * that this build works with.
     */
    readonly pgroll: (client: SqlClient, options?: PgrollOptions) => SchemaSource;
    /** migrate-mongo. Versions are file names, with or without extension. */
    readonly migrateMongo: (db: MongoDb, options?: MigrateMongoOptions) => SchemaSource;
    /** Any query whose first row has the version in its first column. Each version includes the versions before it. */
    readonly sqlVersion: (client: SqlClient, sql: string, options?: QueryOptions) => SchemaSource;
    /** Any query whose rows have, in their first column, the names of the migrations that are applied. */
    readonly sqlMigrations: (client: SqlClient, sql: string, options?: QueryOptions) => SchemaSource;
}
interface PgrollOptions {
    /** Label of its series. @defaultValue `'pgroll'` */
    readonly name?: string;
    /** The schema that is migrated. @defaultValue `'public'` */
    readonly schema?: string;
}
/** Options of a source with your own query. */
type QueryOptions = Pick<SourceOptions, 'name' | 'dialect'>;
declare const sources: Sources;

declare const atlas: Sources['atlas'];
declare const dbMigrate: Sources['dbMigrate'];
declare const dbmate: Sources['dbmate'];
declare const drizzle: Sources['drizzle'];
declare const flyway: Sources['flyway'];
declare const golangMigrate: Sources['golangMigrate'];
declare const knex: Sources['knex'];
declare const kysely: Sources['kysely'];
declare const liquibase: Sources['liquibase'];
declare const migrateMongo: Sources['migrateMongo'];
declare const mikroOrm: Sources['mikroOrm'];
declare const nodePgMigrate: Sources['nodePgMigrate'];
declare const pgroll: Sources['pgroll'];
declare const postgresMigrations: Sources['postgresMigrations'];
declare const prisma: Sources['prisma'];
declare const rails: Sources['rails'];
declare const sequelize: Sources['sequelize'];
declare const sqitch: Sources['sqitch'];
declare const sqlMigrations: Sources['sqlMigrations'];
declare const sqlVersion: Sources['sqlVersion'];
declare const typeorm: Sources['typeorm'];

/** Where the compatibility table is, if it is not in its default place. */
interface CompatibilityOptions {
    readonly dialect: Dialect;
    /** @defaultValue `'schema_compatibility'` */
    readonly table?: string;
    /** @defaultValue the schema of the connection */
    readonly schema?: string;
}
/**
 * Returns the statement that creates the compatibility table: one row, with the oldest version that a build must know
 * to work with this database. The statement does nothing if the table exists. Throws `InvalidOption`.
 */
declare function createCompatibilityTable(options: CompatibilityOptions): string;
/**
 * Returns the statement that a contract migration ends with: from then on, builds that do not know the version `floor`
 * no longer work with this database. The table must exist. Throws `InvalidOption`.
 */
declare function raiseFloor(floor: string | number, options: CompatibilityOptions & {
    readonly reason?: string;
}): string;

/** The migrations that a build knows, to be read at start-up: `supports: { knows: manifest.knows }`. */
interface MigrationManifest {
    /** The tool that the folder belongs to. */
    readonly tool: MigrationFolder;
    readonly knows: readonly string[];
    /**
     * Names of versions, for `supports: { knows, names }`, if a version is not a name and the history has names as well.
     */
    readonly names?: Readonly<Record<string, string>>;
}
/** Tools whose migrations are files in a folder. */
type MigrationFolder = 'prisma' | 'knex' | 'drizzle' | 'typeorm' | 'sequelize' | 'mikro-orm' | 'kysely' | 'node-pg-migrate' | 'postgres-migrations' | 'db-migrate' | 'flyway' | 'golang-migrate' | 'dbmate' | 'rails' | 'atlas' | 'sqitch' | 'pgroll' | 'migrate-mongo';
/**
 * Reads the migrations of a build from one or more folders, as the tool records them. Call it at build time, because an
 * image seldom contains the folders. Rejects with `InvalidOption`, or with an error of the file system.
 */
declare function readMigrations(tool: MigrationFolder, folders: string | readonly string[]): Promise<MigrationManifest>;

export { type AdvisoryLock, type Asked, type CheckAnswer, type CheckKind, type CheckOptions, type Compare, type CompatibilityOptions, type Database, type Dialect, type DrainListener, type Ended, type EndingApp, type EndpointPath, type FloorOptions, type Health, type HealthCheck, type HealthEndpoint, type HealthHooks, type HealthOptions, type Hold, type HttpCheckOptions, type LivenessOptions, type Log, type MigrateMongoOptions, type MigrationFolder, type MigrationManifest, type MongoDb, type PgrollOptions, type Probe, type ProbeRequest, type ProbeResponse, type Query, type QueryOptions, type Row, type Run, SCHEMA_STATES, type Schema, type SchemaOptions, type SchemaReading, type SchemaSource, type SchemaState, type SchemaSupports, type Sight, type SourceOf, type SourceOptions, type Sources, type SqlClient, type Status, type SupportsRange, type SupportsSet, type SupportsVersionSchema, type Table, type Threshold, type Version, type VersionCheckOptions, atlas, createCompatibilityTable, createHealth, createLog, createSchema, dbMigrate, dbmate, drizzle, endpointFor, flyway, golangMigrate, httpCheck, knex, kysely, liquibase, migrateMongo, mikroOrm, nodePgMigrate, onSignals, pgroll, postgresMigrations, prisma, rails, raiseFloor, readMigrations, sequelize, sources, sqitch, sqlMigrations, sqlVersion, typeorm, versionCheck };
