import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Migrate, type Migration, withFiles } from './migration.js';

// The command line of Prisma would download a binary of its engine.
const PRISMA = fileURLToPath(new URL('../fixtures/prisma.mjs', import.meta.url));

/** Runs `prisma migrate deploy`, which records the names of folders, with hashes, times and results. */
export const migratePrisma: Migrate = (url, migrations) => runPrisma(url, migrations, 'deploy');

/** Runs `prisma migrate resolve --applied`: a migration counts as applied. */
export const resolvePrisma = (url: string, migration: Migration): Promise<void> =>
  runPrisma(url, [migration], 'resolve', '--applied', migration.name);

async function runPrisma(url: string, migrations: readonly Migration[], ...args: readonly string[]): Promise<void> {
  const files = {
    'prisma/schema.prisma': 'datasource db {\n  provider = "postgresql"\n}\n',
    'prisma/migrations/migration_lock.toml': 'provider = "postgresql"\n',
    ...Object.fromEntries(migrations.map(({ name, up }) => [`prisma/migrations/${name}/migration.sql`, up])),
  };
  await withFiles(files, async (cwd) => {
    const env = { ...process.env, DATABASE_URL: url };
    await promisify(execFile)(process.execPath, [PRISMA, 'migrate', ...args], { cwd, env });
  });
}
