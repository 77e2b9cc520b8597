import { createSchema, type SchemaOptions, sources } from '@coalmine/health';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPostgresMissing, type Postgres, startPostgres } from '../support/postgres.js';

const LOCK_OF_PRISMA = 72707369;

describe.skipIf(isPostgresMissing)(
  'a schema on a replica of PostgreSQL, which does not know the locks of its primary',
  () => {
    const servers: Postgres[] = [];
    const pools: pg.Pool[] = [];
    let primary: pg.Pool;
    let replica: pg.Pool;

    beforeAll(async () => {
      const server = await startPostgres();
      servers.push(server);
      const url = await server.createDatabase();
      primary = poolOf(url);
      await primary.query(`CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz,
migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(),
applied_steps_count integer NOT NULL DEFAULT 0)`);
      const copy = await startPostgres(server);
      servers.push(copy);
      replica = poolOf(url.replace(`:${server.port}/`, `:${copy.port}/`));
    });
    afterAll(async () => {
      await Promise.all(pools.map((pool) => pool.end()));
      await Promise.all(servers.map((server) => server.close()));
    });

    function poolOf(connectionString: string): pg.Pool {
      const pool = new pg.Pool({ connectionString });
      pool.on('error', () => {});
      pools.push(pool);
      return pool;
    }

    async function stateOn(client: pg.Pool, options: Partial<SchemaOptions> = {}): Promise<string> {
      const schema = createSchema({ source: sources.prisma(client), supports: { knows: ['1_a'] }, ...options });
      await schema.refresh();
      return schema.state();
    }

    it('is being migrated while the replica shows a migration that has begun, and has failed after graceSeconds', async () => {
      const migrator = await primary.connect();
      await migrator.query(`SELECT pg_advisory_lock(${LOCK_OF_PRISMA})`);
      await migrator.query("INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('1', 'x', '1_a')");
      await expect.poll(() => stateOn(replica)).toBe('migrating');
      expect(await stateOn(primary)).toBe('migrating');
      expect(await stateOn(replica, { graceSeconds: 0 })).toBe('failed');
      await migrator.query('UPDATE _prisma_migrations SET finished_at = now()');
      migrator.release(true);
      await expect.poll(() => stateOn(replica)).toBe('compatible');
    });
  },
);
