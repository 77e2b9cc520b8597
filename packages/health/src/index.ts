// In the order of the data: options are parsed, checks and schemas run in the background, a probe is served from
// memory, a process drains.
export { createHealth, type Health, type HealthEndpoint, type HealthHooks } from './health.js';
export type { HealthOptions, Probe, ProbeRequest } from './health-options.js';
export type { DrainListener } from './drain-listeners.js';
export { createLog, type Log } from './log.js';
export type { ProbeResponse } from './answer.js';
export { type Asked, type EndpointPath, endpointFor } from './endpoint.js';
export type { Hold } from './readiness.js';
export { type Ended, type EndingApp, onSignals } from './signals.js';
export type {
  CheckAnswer,
  CheckKind,
  CheckOptions,
  HealthCheck,
  LivenessOptions,
  Run,
  Status,
} from './check-options.js';
export type { Threshold } from './hysteresis.js';
export { type HttpCheckOptions, httpCheck } from './http-check.js';
export { type VersionCheckOptions, versionCheck } from './version-check.js';
export { createSchema, type Schema } from './schema/schema.js';
export { SCHEMA_STATES, type SchemaOptions, type SchemaState } from './schema/schema-options.js';
export type {
  FloorOptions,
  SchemaSupports,
  SupportsRange,
  SupportsSet,
  SupportsVersionSchema,
} from './schema/supports.js';
export type { SchemaReading, SchemaSource, Version } from './schema/source.js';
export { type PgrollOptions, type QueryOptions, type SourceOf, type Sources, sources } from './schema/sources.js';
export {
  atlas,
  dbMigrate,
  dbmate,
  drizzle,
  flyway,
  golangMigrate,
  knex,
  kysely,
  liquibase,
  migrateMongo,
  mikroOrm,
  nodePgMigrate,
  pgroll,
  postgresMigrations,
  prisma,
  rails,
  sequelize,
  sqitch,
  sqlMigrations,
  sqlVersion,
  typeorm,
} from './schema/named-sources.js';
export type { MigrateMongoOptions, MongoDb } from './schema/migrate-mongo.js';
export type { SourceOptions } from './schema/sql-source.js';
export type { Query, Row, SqlClient } from './schema/client.js';
export type { AdvisoryLock, Database, Sight } from './schema/database.js';
export type { Dialect, Table } from './schema/identifier.js';
export type { Compare } from './schema/order.js';
export { type CompatibilityOptions, createCompatibilityTable, raiseFloor } from './schema/floor.js';
export { type MigrationFolder, type MigrationManifest, readMigrations } from './schema/read-migrations.js';
export { CoalmineError, type CoalmineErrorCode } from '@coalmine/options';
