import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import { Pool } from 'pg';
import type { Migrate, Migration } from './migration.js';

/**
 * The engine of Prisma 7, asked for what `prisma migrate deploy` asks of it. The CLI would download a binary of it. It
 * records the names of folders, with hashes, times and what became of each.
 */
export const migratePrisma: Migrate = (url, migrations) =>
  withEngine(url, async (engine) => {
    const filters = { externalTables: [], externalEnums: [] };
    await engine.applyMigrations({ migrationsList: listOf(migrations), filters });
  });

/** What `prisma migrate resolve --applied` asks of the engine: that a migration counts as applied. */
export const resolvePrisma = (url: string, migration: Migration): Promise<void> =>
  withEngine(url, async (engine) => {
    await engine.markMigrationApplied({ migrationName: migration.name, migrationsList: listOf([migration]) });
  });

async function withEngine(url: string, use: (engine: bindings.SchemaEngine) => Promise<void>): Promise<void> {
  loaded ??= load();
  await loaded;
  const pool = new Pool({ connectionString: url });
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool));
  const schema = 'datasource db {\n  provider = "postgresql"\n}\n';
  const engine = await bindings.SchemaEngine.new({ datamodels: [['schema.prisma', schema]] }, () => {}, adapter);
  try {
    await use(engine);
  } finally {
    engine.free();
    await pool.end();
  }
}

function listOf(
  migrations: readonly Migration[],
): Parameters<bindings.SchemaEngine['applyMigrations']>[0]['migrationsList'] {
  return {
    baseDir: '/prisma/migrations',
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: migrations.map(({ name, up }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: up } },
    })),
  };
}

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
