import { setTimeout as delay } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { createCompatibilityTable, type HealthOptions, raiseFloor } from '@coalmine/health';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { scrape } from '../support/exposition.js';
import { isPostgresMissing, usePostgres } from '../support/postgres.js';
import { startBlackHole } from './black-hole.js';
import { endPods, type Pod, startPod } from './pods.js';

// Pods of an old and a new build, and one database that golang-migrate would migrate. Its table has the documented DDL.
const TABLE = 'CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)';
const OLD = { min: 1, max: 1 };
const NEW = { min: 2, max: 3 };

describe.skipIf(isPostgresMissing)('pods and one database', () => {
  const postgres = usePostgres();
  let url: string;
  let migrator: pg.Client;

  beforeEach(async () => {
    url = await postgres().createDatabase();
    migrator = await connected(url);
    await migrator.query(TABLE);
    await migrator.query('INSERT INTO schema_migrations VALUES (1, false)');
  });
  afterEach(async () => {
    endPods();
    await migrator.end();
  });

  const pod = (supports: object, schema: object = {}, at = url): Promise<Pod> => {
    const health = { drainSeconds: 0, schema: { supports, periodSeconds: 0.1, timeoutSeconds: 0.5, ...schema } };
    return startPod('fastify', { warmup: false, health: health as unknown as HealthOptions }, at);
  };
  const migrate = async (version: number, body: () => Promise<unknown> = async () => {}): Promise<void> => {
    const key = BigInt.asUintN(
      32,
      BigInt(crc32(`public\0schema_migrations\0${new URL(url).pathname.slice(1)}`)) * 1486364155n,
    );
    await migrator.query(`SELECT pg_advisory_lock(${key})`);
    await migrator.query(`UPDATE schema_migrations SET version = ${version}, dirty = true`);
    await body();
    await migrator.query('UPDATE schema_migrations SET dirty = false');
    await migrator.query(`SELECT pg_advisory_unlock(${key})`);
  };
  const stateOf = async ({ port }: Pod): Promise<string | undefined> => {
    const exposition = await scrape(`http://127.0.0.1:${port}/metrics`);
    return exposition.samples('coalmine_schema_state').find(({ value }) => value === 1)?.labels.state;
  };

  const untilState = async (each: Pod, state: string): Promise<void> => {
    await vi.waitFor(async () => expect(await stateOf(each)).toBe(state), 100_000);
  };

  it('expand, and then contract: who may join, who stays, and what the contract gate says', async () => {
    const old = await pod(OLD);
    await old.until('/readyz', '200 pass');
    // Before its migration the new build does not join, and the old build serves.
    const early = await pod(NEW);
    await untilState(early, 'behind');
    // From here to the end, users send requests to the pods that are ready.
    const seen = new Map<string, number>();
    let isOver = false;
    const load = Promise.all(
      Array.from({ length: 4 }, async () => {
        while (!isOver) {
          for (const each of [old, early]) {
            if (each === early && !(await each.probe('/readyz')).startsWith('200')) continue;
            const answer = `${each === old ? 'old' : 'new'} ${await each.probe('/work/5')}`;
            seen.set(answer, (seen.get(answer) ?? 0) + 1);
          }
        }
      }),
    );
    expect([await stateOf(early), await early.probe('/livez'), await early.probe('/startupz')]).toEqual([
      'behind',
      '200 pass',
      '200 pass',
    ]);

    await migrate(2);
    await early.until('/readyz', '200 pass');
    await untilState(old, 'ahead');
    expect(await old.probe('/readyz')).toBe('200 pass');

    // A contract migration would break a pod that knows only migration 1, and this pod says so.
    const required = await Promise.all(
      [old, early].map(async ({ port }) =>
        (await scrape(`http://127.0.0.1:${port}/metrics`)).value('coalmine_schema_floor_required', {
          source: 'golang-migrate',
        }),
      ),
    );
    expect(required).toEqual([1, 3]);

    // Somebody runs the contract migration nevertheless.
    await migrate(3, async () => {
      await migrator.query(createCompatibilityTable({ dialect: 'postgres' }));
      await migrator.query(raiseFloor(3, { dialect: 'postgres', reason: 'items.name is gone' }));
    });
    await old.until('/readyz', '200 warn');
    await untilState(old, 'incompatible');
    await early.until('/readyz', '200 pass');
    const rescheduled = await pod(OLD);
    await delay(500);
    expect([await rescheduled.probe('/readyz'), await rescheduled.probe('/livez'), await stateOf(rescheduled)]).toEqual(
      ['503 fail', '200 pass', 'incompatible'],
    );
    isOver = true;
    await load;
    expect([...seen.keys()].sort()).toEqual(['new 200 done', 'old 200 done']);
    expect(Math.min(...seen.values())).toBeGreaterThan(20);
  });

  it('a migration of several seconds, with its dirty row, takes no serving pod out, and lets none join', async () => {
    const pods = await Promise.all([pod(OLD), pod(OLD), pod(OLD)]);
    for (const each of pods) await each.until('/readyz', '200 pass');
    const answers = new Set<string>();
    let isOver = false;
    const watching = (async () => {
      while (!isOver) for (const each of pods) answers.add(await each.probe('/readyz'));
    })();
    const joined = new Set<string>();
    try {
      const late = await pod({ min: 2, max: 2 });
      await migrate(2, async () => {
        for (let i = 0; i < 35; i++) {
          await delay(100);
          joined.add(await late.probe('/readyz'));
        }
        await untilState(pods[0], 'migrating');
      });
      await late.until('/readyz', '200 pass');
    } finally {
      isOver = true;
      await watching;
    }
    expect([...answers].sort()).toEqual(['200 pass', '200 warn']);
    expect([...joined]).toEqual(['503 fail']);
  });

  it('one dirty row that nobody fixes takes no serving pod out either', async () => {
    const pods = await Promise.all([pod(OLD), pod(OLD)]);
    for (const each of pods) await each.until('/readyz', '200 pass');
    await migrator.query('UPDATE schema_migrations SET version = 2, dirty = true');
    for (const each of pods) await each.until('/readyz', '200 warn');
    await untilState(pods[0], 'failed');
    // The failed migration belongs to the next release. Stable does not need it, so new pods of stable join.
    const late = await pod(OLD);
    await late.until('/readyz', '200 warn');
  });

  it('a database that is down at the start of a pod lets the pod join once it is up', async () => {
    await migrator.end();
    await postgres().stop();
    const early = await pod(OLD);
    await early.until('/readyz', '503 fail');
    expect([await early.probe('/livez'), await stateOf(early)]).toEqual(['200 pass', 'unreachable']);
    await postgres().start();
    await early.until('/readyz', '200 pass');
    migrator = await connected(url);
    // The database goes down again, and the pod stays ready.
    await migrator.end();
    await postgres().stop();
    await delay(300);
    expect([await early.probe('/readyz'), await early.probe('/livez'), await stateOf(early)]).toEqual([
      '200 pass',
      '200 pass',
      'unreachable',
    ]);
    await postgres().start();
    migrator = await connected(url);
  });

  it('a database that accepts queries and never responds gets one query at a time, whatever the number of probes', async () => {
    const hole = await startBlackHole(postgres().port);
    const serving = await pod(OLD, { staleAfterSeconds: 1 }, url.replace(`:${postgres().port}/`, `:${hole.port}/`));
    await serving.until('/readyz', '200 pass');
    hole.isDark = true;
    const answers: string[] = [];
    const durations: number[] = [];
    for (let i = 0; i < 300; i++) {
      const startedAt = performance.now();
      answers.push(await serving.probe('/readyz'));
      durations.push(performance.now() - startedAt);
      await delay(10);
    }
    expect(new Set(answers)).toEqual(new Set(['200 pass', '200 warn']));
    expect(answers.at(-1)).toBe('200 warn');
    expect(hole.swallowed).toBe(1);
    // No probe waited for the database, because the timeout of the database alone is 500 ms.
    expect(durations.sort((a, b) => a - b)[150]).toBeLessThan(400);
    expect(await stateOf(serving)).toBe('unreachable');
    hole.close();
    await serving.until('/readyz', '200 warn');
  });
});

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return client;
}
