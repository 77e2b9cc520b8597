import type { Files } from './project.js';

/** The play after the section of a tool: its second migration, and a third migration that fails. */
export interface Play {
  /** The title of its section. */
  readonly title: string;
  /** The label of its source. */
  readonly source: string;
  /** The commands that must be on the PATH. */
  readonly needs?: readonly string[];
  /** The artifacts that must be in the Maven repository of this machine. */
  readonly artifact?: string;
  /** Returns the second migration from the files of the section. */
  next(files: Files): Files;
  /** The second migration in the history, or `undefined` if its name depends on the clock. */
  readonly version?: string;
  /** Returns a migration that cannot be applied, from the files with the second migration. */
  broken(files: Files): Files;
  /** The state of a build that knows the third migration, after the failure. */
  readonly failure: readonly [state: string, reason: RegExp];
}

const ADD = 'ALTER TABLE items ADD COLUMN email text';
const BREAK = 'ALTER TABLE missing ADD COLUMN email text';
const NO_TRACE = (version: string): Play['failure'] => ['behind', new RegExp(`^not applied: ${version}$`)];

/** A tool with one file for each migration. */
function inFiles(
  play: Pick<Play, 'title' | 'source' | 'needs' | 'artifact'> & { readonly failure?: Play['failure'] },
  pathOf: (version: string) => string,
  [second, third]: readonly [version: string, version: string],
  textOf: (sql: string, version: string) => string = (sql) => `${sql};\n`,
): Play {
  return {
    failure: NO_TRACE(third),
    ...play,
    next: () => ({ [pathOf(second)]: textOf(ADD, second) }),
    version: second,
    broken: () => ({ [pathOf(third)]: textOf(BREAK, third) }),
  };
}

const NAMES = ['20260201000000_add_email', '20260301000000_break'] as const;

export const PLAYS: readonly Play[] = [
  inFiles(
    { title: 'Prisma', source: 'prisma', failure: ['failed', /20260301000000_break/] },
    (name) => `prisma/migrations/${name}/migration.sql`,
    NAMES,
  ),
  inFiles(
    { title: 'Knex', source: 'knex' },
    (name) => `migrations/${name}.js`,
    NAMES,
    (sql) => `export const up = (knex) => knex.raw('${sql}');\nexport const down = () => {};\n`,
  ),
  {
    title: 'Drizzle',
    source: 'drizzle',
    next: (files) => ({ 'tables.js': (files['tables.js'] ?? '').replace('name: text()', 'email: text(), $&') }),
    broken: (files) => ({ 'tables.js': (files['tables.js'] ?? '').replace('email:', "again: integer('id'), $&") }),
    failure: ['behind', /^not applied: \d+$/],
  },
  inFiles(
    { title: 'TypeORM', source: 'typeorm' },
    (name) => `migrations/${name.replace(/^(\D+)(\d+)$/, '$2-$1')}.js`,
    ['AddEmail1769904000000', 'Break1772323200000'],
    (sql, name) => `export class ${name} {\n  up(runner) { return runner.query('${sql}'); }\n  async down() {}\n}\n`,
  ),
  inFiles(
    { title: 'Sequelize', source: 'sequelize' },
    (name) => `migrations/${name}.cjs`,
    ['20260201000000-add-email', '20260301000000-break'],
    (sql) =>
      `module.exports = { up: (queryInterface) => queryInterface.sequelize.query('${sql}'), down: async () => {} };\n`,
  ),
  inFiles(
    { title: 'MikroORM', source: 'mikro-orm' },
    (name) => `migrations/${name}.js`,
    ['Migration20260201000000_add_email', 'Migration20260301000000_break'],
    (sql, name) =>
      `import { Migration } from '@mikro-orm/migrations';\nexport class ${name} extends Migration {\n  up() { this.addSql('${sql}'); }\n}\n`,
  ),
  inFiles(
    { title: 'Kysely', source: 'kysely' },
    (name) => `migrations/${name}.js`,
    NAMES,
    (sql) => `import { sql } from 'kysely';\nexport const up = (db) => sql.raw('${sql}').execute(db);\n`,
  ),
  inFiles(
    { title: 'node-pg-migrate', source: 'node-pg-migrate' },
    (name) => `migrations/${name}.sql`,
    ['1769904000000_add-email', '1772323200000_break'],
    (sql) => `-- Up Migration\n${sql};\n`,
  ),
  inFiles(
    { title: 'postgres-migrations', source: 'postgres-migrations' },
    (version) => `migrations/${version}_change.sql`,
    ['2', '3'],
  ),
  inFiles(
    { title: 'db-migrate', source: 'db-migrate' },
    (name) => `migrations/${name}.js`,
    ['20260201000000-add-email', '20260301000000-break'],
    (sql) => `export const up = (db) => db.runSql('${sql}');\nexport const _meta = { version: 1 };\n`,
  ),
  inFiles(
    { title: 'Flyway', source: 'flyway', needs: ['mvn'], artifact: 'org/flywaydb/flyway-maven-plugin/13.12.0' },
    (version) => `migrations/V${version}__change.sql`,
    ['2', '3'],
  ),
  {
    title: 'Liquibase',
    source: 'liquibase',
    needs: ['mvn'],
    artifact: 'org/liquibase/liquibase-maven-plugin/4.33.0',
    next: (files) => withChangeset(files, 'add-email', ADD),
    version: 'changelog.sql::add-email::shop',
    broken: (files) => withChangeset(files, 'break', BREAK),
    failure: NO_TRACE('changelog.sql::break::shop'),
  },
  inFiles(
    { title: 'golang-migrate', source: 'golang-migrate', needs: ['migrate'], failure: ['failed', /: 3$/] },
    (version) => `migrations/${version.padStart(6, '0')}_change.up.sql`,
    ['2', '3'],
  ),
  inFiles(
    { title: 'dbmate', source: 'dbmate' },
    (version) => `db/migrations/${version}_change.sql`,
    ['20260201000000', '20260301000000'],
    (sql) => `-- migrate:up\n${sql};\n\n-- migrate:down\n`,
  ),
  inFiles({ title: 'Atlas', source: 'atlas', needs: ['atlas'] }, (version) => `migrations/${version}_change.sql`, [
    '20260201000000',
    '20260301000000',
  ]),
  {
    title: 'Sqitch',
    source: 'sqitch',
    needs: ['sqitch', 'psql'],
    next: (files) => withChange(files, 'add_email', ADD),
    version: 'add_email',
    broken: (files) => withChange(files, 'break', BREAK),
    failure: ['failed', /: break$/],
  },
  inFiles(
    { title: 'Rails', source: 'rails', needs: ['rake', 'rails'] },
    (version) => `db/migrate/${version}_change${version}.rb`,
    ['20260201000000', '20260301000000'],
    (sql, version) =>
      `class Change${version} < ActiveRecord::Migration[6.1]\n  def up\n    execute '${sql}'\n  end\nend\n`,
  ),
];

/** Sqitch has its plan in one file, and each change in another file. */
function withChange(files: Files, name: string, sql: string): Files {
  const line = `${name} 2026-02-01T00:00:00Z Shop <shop@example.com>\n`;
  return { 'sqitch.plan': `${files['sqitch.plan']}${line}`, [`deploy/${name}.sql`]: `${sql};\n` };
}

/** Liquibase has its changes in one file, and its app lists them. */
function withChangeset(files: Files, id: string, sql: string): Files {
  return {
    'changelog.sql': `${files['changelog.sql']}\n--changeset shop:${id}\n${sql};\n`,
    'schema.js': (files['schema.js'] ?? '').replace("::shop'", `$&, 'changelog.sql::${id}::shop'`),
  };
}
