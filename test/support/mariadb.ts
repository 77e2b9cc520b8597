import { spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { endWithRun, freePort, missingBinaries, ownerFor } from './server-process.js';

/** A MariaDB process for a test. */
export interface Mariadb {
  /** Creates a new database and returns its URL. */
  createDatabase(): Promise<string>;
  /** Ends the process and removes its data. */
  close(): Promise<void>;
}

const missing = missingBinaries('mariadbd', 'mariadb-install-db');
const sentence = `${missing.join(' and ')} not found on the PATH: install the Debian package mariadb-server`;

/** Whether tests of a real MariaDB must be skipped. Always false in CI, where these tests fail instead. */
export const isMariadbMissing: boolean = missing.length > 0 && process.env.CI !== 'true';
if (isMariadbMissing) process.stderr.write(`SKIPPING the tests against a real MariaDB: ${sentence}\n`);

/** Starts a MariaDB on loopback, on a free port, with its own data. */
export async function startMariadb(): Promise<Mariadb> {
  if (missing.length > 0) throw new Error(sentence);
  const data = mkdtempSync(join(tmpdir(), 'coalmine-mariadb-'));
  const owner = ownerFor('mysql');
  if (owner !== undefined) chownSync(data, owner.uid, owner.gid);
  const user = owner === undefined ? [] : ['--user=mysql'];
  const made = spawnSync(
    'mariadb-install-db',
    ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db', ...user],
    { encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`mariadb-install-db failed: ${made.stderr}`);
  const port = await freePort();
  const settings = [
    `--datadir=${data}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    `--socket=${join(data, 'socket')}`,
  ];
  const child = spawn('mariadbd', ['--no-defaults', ...settings, '--skip-log-bin', ...user], { stdio: 'ignore' });
  const close = endWithRun(child, data);
  const deadline = Date.now() + 100_000;
  while ((await ask(port, 'SELECT @@datadir AS at').catch(() => undefined)) !== `${data}/`) {
    if (Date.now() > deadline || child.exitCode !== null) throw new Error('MariaDB does not answer');
    await delay(50);
  }
  return {
    async createDatabase() {
      const name = `test_${process.hrtime.bigint()}`;
      await ask(port, `CREATE DATABASE ${name}`);
      return `mysql://root@127.0.0.1:${port}/${name}`;
    },
    close,
  };
}

/** Returns the first cell of the result. */
async function ask(port: number, sql: string): Promise<unknown> {
  const connection = await createConnection({ host: '127.0.0.1', port, user: 'root' });
  const [rows] = await connection.query(sql);
  await connection.end();
  return Array.isArray(rows) ? Object.values(rows[0] ?? {})[0] : undefined;
}
