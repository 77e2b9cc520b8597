import { type Sources, sources } from './sources.js';

// Each source by its own name, for a module that imports nothing else of that name.
export const atlas: Sources['atlas'] = sources.atlas;
export const dbMigrate: Sources['dbMigrate'] = sources.dbMigrate;
export const dbmate: Sources['dbmate'] = sources.dbmate;
export const drizzle: Sources['drizzle'] = sources.drizzle;
export const flyway: Sources['flyway'] = sources.flyway;
export const golangMigrate: Sources['golangMigrate'] = sources.golangMigrate;
export const knex: Sources['knex'] = sources.knex;
export const kysely: Sources['kysely'] = sources.kysely;
export const liquibase: Sources['liquibase'] = sources.liquibase;
export const migrateMongo: Sources['migrateMongo'] = sources.migrateMongo;
export const mikroOrm: Sources['mikroOrm'] = sources.mikroOrm;
export const nodePgMigrate: Sources['nodePgMigrate'] = sources.nodePgMigrate;
export const pgroll: Sources['pgroll'] = sources.pgroll;
export const postgresMigrations: Sources['postgresMigrations'] = sources.postgresMigrations;
export const prisma: Sources['prisma'] = sources.prisma;
export const rails: Sources['rails'] = sources.rails;
export const sequelize: Sources['sequelize'] = sources.sequelize;
export const sqitch: Sources['sqitch'] = sources.sqitch;
export const sqlMigrations: Sources['sqlMigrations'] = sources.sqlMigrations;
export const sqlVersion: Sources['sqlVersion'] = sources.sqlVersion;
export const typeorm: Sources['typeorm'] = sources.typeorm;
