import { createRequire } from 'node:module';
import { type Migrate, type Migration, partsOf, withFiles } from './migration.js';

interface Instance {
  silence(isSilent: boolean): void;
  up(): Promise<void>;
}

// It has no types, and finds its driver only from the folder that the process runs in.
const require = createRequire(import.meta.url);
const { getInstance } = require('db-migrate') as { getInstance(isModule: true, options: object): Instance };

/** db-migrate, which records the names of files without their ending, after a slash. */
export const migrateDbMigrate: Migrate = async (url, migrations) => {
  await withFiles(filesOf(migrations), async (cwd) => {
    const { hostname, port, username, pathname } = new URL(url);
    const instance = getInstance(true, {
      cwd,
      env: 'test',
      // Or it would end the process on a rejection that nobody handles.
      throwUncatched: true,
      noPlugins: true,
      config: {
        test: {
          driver: { require: require.resolve('db-migrate-pg') },
          host: hostname,
          port: Number(port),
          user: username,
          database: pathname.slice(1),
        },
      },
    });
    instance.silence(true);
    await instance.up();
  });
};

/** As `db-migrate create` writes them. */
function filesOf(migrations: readonly Migration[]): Readonly<Record<string, string>> {
  const files = migrations.map((migration) => {
    const { stamp, words } = partsOf(migration);
    return [
      `migrations/${stamp}-${words}.js`,
      `exports.up = (db) => db.runSql(${JSON.stringify(migration.up)});
       exports._meta = { version: 1 };`,
    ];
  });
  return Object.fromEntries(files);
}
