import { sources } from './sources.js';

// Each source by its own name, for a module that imports nothing else of that name.
export const {
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
} = sources;
