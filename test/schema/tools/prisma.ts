import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import { Pool } from 'pg';
import type { Migrate } from './migration.js';

/**
 * The engine of Prisma 7, asked for what `prisma migrate deploy` asks of it. The CLI would download a binary of it. It
 * records the names of folders, with hashes, times and what became of each.
 */
export const migratePrisma: Migrate = async (url, migrations) => {
  loaded ??= load();
  await loaded;
  const pool = new Pool({ connectionString: url });
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool));
  const schema = 'datasource db {\n  provider = "postgresql"\n}\n';
  const engine = await bindings.SchemaEngine.new({ datamodels: [['schema.prisma', schema]] }, () => {}, adapter);
  try {
    await engine.applyMigrations({
      migrationsList: {
        baseDir: '/prisma/migrations',
        lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
        shadowDbInitScript: '',
        migrationDirectories: migrations.map(({ name, up }) => ({
          path: name,
          migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: up } },
        })),
      },
      filters: { externalTables: [], externalEnums: [] },
    });
  } finally {
    engine.free();
    await pool.end();
  }
};

// The types of Node.js 20 have no value of this name.
declare const WebAssembly: {
  instantiate(wasm: Uint8Array, imports: object): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
};

let loaded: Promise<void> | undefined;

/** Its own entry imports the WASM as a module, which Node.js 20 does not. */
async function load(): Promise<void> {
  const path = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const wasm = await readFile(path.replace(/\.js$/, '.wasm'));
  const { instance } = await WebAssembly.instantiate(wasm, { './schema_engine_bg.js': bindings });
  bindings.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
}
