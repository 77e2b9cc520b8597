import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { end, endWithRun, freePort, ownerFor, removeWithRun } from './server-process.js';

/** A PostgreSQL process for a test. */
export interface Postgres {
  readonly port: number;
  /** Creates a new database and returns its URL. */
  createDatabase(): Promise<string>;
  /** Ends the process and keeps its data. */
  stop(): Promise<void>;
  /** Starts the process again, on the same port. */
  start(): Promise<void>;
  /** Ends the process and removes its data. */
  close(): Promise<void>;
}

const folder = binaries();
const sentence = 'initdb and postgres not found: install the Debian package postgresql';

/** Whether tests of a real PostgreSQL must be skipped. Always false in CI, where these tests fail instead. */
export const isPostgresMissing: boolean = folder === undefined && process.env.CI !== 'true';
if (isPostgresMissing) process.stderr.write(`SKIPPING the tests against a real PostgreSQL: ${sentence}\n`);

/** Starts a PostgreSQL on loopback, on a free port, with its own data: empty, or a replica of another PostgreSQL. */
export async function startPostgres(primary?: Postgres): Promise<Postgres> {
  if (folder === undefined) throw new Error(sentence);
  const data = mkdtempSync(join(tmpdir(), 'coalmine-postgres-'));
  // PostgreSQL refuses to run as root.
  const owner = ownerFor('postgres');
  if (owner !== undefined) chownSync(data, owner.uid, owner.gid);
  const [tool, args] =
    primary === undefined
      ? ['initdb', ['-A', 'trust', '-N']]
      : ['pg_basebackup', ['-h', '127.0.0.1', '-p', String(primary.port), '-R', '-c', 'fast']];
  const made = spawnSync(join(folder, tool), [...args, '-D', data, '-U', 'postgres'], { ...owner });
  if (made.status !== 0) throw new Error(`${tool} failed: ${made.stderr}`);
  let port = await freePort();
  let child: ChildProcess | undefined;
  const remove = removeWithRun(data);
  const postgres: Postgres = {
    get port() {
      return port;
    },
    async createDatabase() {
      const name = `test_${process.hrtime.bigint()}`;
      await ask(port, `CREATE DATABASE ${name}`);
      return `postgres://postgres@127.0.0.1:${port}/${name}`;
    },
    async start() {
      const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off'];
      const args = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
      child = spawn(join(folder, 'postgres'), args, { ...owner, cwd: data, stdio: 'ignore' });
      endWithRun(child);
      const deadline = Date.now() + 100_000;
      // Another server may have taken the port meanwhile, and would respond instead of PostgreSQL.
      while ((await ask(port, 'SHOW data_directory').catch(() => undefined)) !== data) {
        if (child.exitCode !== null) throw new Error(`PostgreSQL ended with ${child.exitCode}`);
        if (Date.now() > deadline) throw new Error('PostgreSQL does not answer after 100 s');
        await delay(50);
      }
    },
    async stop() {
      if (child === undefined) return;
      // Lets clients that are about to leave do so, before the other clients are disconnected.
      const impatient = setTimeout(() => child?.kill('SIGINT'), 500);
      await end(child);
      clearTimeout(impatient);
    },
    async close() {
      await postgres.stop();
      await remove();
    },
  };
  for (let attempt = 1; ; attempt++) {
    try {
      await postgres.start();
      return postgres;
    } catch (error) {
      if (attempt === 3) throw error;
      port = await freePort();
    }
  }
}

/** Runs a PostgreSQL from the first test of a suite to its last. The returned function returns it to the tests. */
export function usePostgres(): () => Postgres {
  let postgres: Postgres | undefined;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  afterAll(() => postgres?.close());
  return () => {
    if (postgres === undefined) throw new Error('PostgreSQL runs only while the tests of its suite do');
    return postgres;
  };
}

/** Returns the first cell of the result. */
async function ask(port: number, sql: string): Promise<unknown> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rows } = await client.query(sql);
    return Object.values(rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

/** Returns the folder of the binaries: the newest version of Debian, or a folder on the PATH. */
function binaries(): string | undefined {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => join(root, version, 'bin')), ...(process.env.PATH ?? '').split(':')];
  return folders.find((each) => existsSync(join(each, 'initdb')) && existsSync(join(each, 'postgres')));
}
