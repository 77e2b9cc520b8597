// Plays a rollout over an expand/contract migration, with pods of two builds and one embedded PostgreSQL.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import coalmine, { createCompatibilityTable, raiseFloor, sources } from '@coalmine/fastify';
import { PGlite } from '@electric-sql/pglite';
import Fastify from 'fastify';
import { runner } from 'node-pg-migrate';
import { Registry } from 'prom-client';

const CREATE = '20260101000000_create_items';
const EXPAND = '20260201000000_add_title';
const CONTRACT = '20260301000000_contract_name';
const dialect = 'postgres';
const MIGRATIONS = {
  [CREATE]: 'CREATE TABLE items (id int PRIMARY KEY, name text);',
  [EXPAND]: 'ALTER TABLE items ADD COLUMN title text;',
  [CONTRACT]: [
    'ALTER TABLE items DROP COLUMN name',
    createCompatibilityTable({ dialect }),
    raiseFloor(CONTRACT, { dialect, reason: 'items.name is gone' }),
  ].join(';\n'),
};
// The migrations that each build contains. The new build contains the contract migration, and does not wait for it because its
// name marks it as a contract.
const FLOOR = { names: /^\d+_contract_/ };
const BUILDS = { old: [CREATE], new: [CREATE, EXPAND, CONTRACT] };
const FIRST_WIDTH = 28;
const WIDTH = 26;
const SETTLE_MILLISECONDS = 600;

/** Shows which pods become ready, stay ready or refuse. Returns the exit code: 0 if each pod did what it should. */
export async function showMigration() {
  console.log(
    '\nA rollout that renames a column, by node-pg-migrate on an embedded PostgreSQL (PGlite), while pods serve:',
  );
  // Coalmine reports each change of state as a process warning. The demo prints these messages at the end.
  const said = [];
  process.removeAllListeners('warning');
  process.on('warning', ({ message }) => said.push(message));
  const db = new PGlite();
  const pods = [];
  const pod = async (build) => {
    const app = await startPod(db, BUILDS[build]);
    pods.push(app);
    return app;
  };
  try {
    await migrate(db, 1);
    const old = await pod('old');
    const early = await pod('new');
    const wrong = [];
    const show = async (what, expected, apps) => {
      await delay(SETTLE_MILLISECONDS);
      const answers = await Promise.all(apps.map(answerOf));
      console.log(`  ${columns([what, ...answers])}`);
      if (answers.join() !== expected.join()) wrong.push(what);
    };
    console.log(`  ${columns(['', 'a pod that serves', 'a pod of the new build', 'a new pod of the old one'])}`);
    await show('before the migration', ['200 compatible', '503 behind'], [old, early]);
    await migrate(db, 1);
    await show('expanded: title is there', ['200 ahead', '200 compatible'], [old, early]);
    console.log(`  may it contract? ${await gate([old, early])}`);
    await migrate(db, 1);
    const late = await pod('old');
    await show(
      'contracted all the same',
      ['200 incompatible', '200 compatible', '503 incompatible'],
      [old, early, late],
    );
    for (const message of new Set(said)) console.log(`  said: ${message}`);
    if (wrong.length > 0) console.log(`  NOT as it should be: ${wrong.join(', ')}`);
    return wrong.length > 0 ? 1 : 0;
  } finally {
    await Promise.all(pods.map((app) => app.close()));
    await db.close();
  }
}

async function startPod(db, knows) {
  const app = Fastify();
  const schema = { source: sources.nodePgMigrate(db), supports: { knows, floor: FLOOR }, periodSeconds: 0.1 };
  await app.register(coalmine, { registry: new Registry(), health: { schema, signals: [] } });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return app;
}

/** Returns the status that a kubelet reads, and the state of the schema that the pod knows. */
async function answerOf(app) {
  const { status } = await fetch(`http://127.0.0.1:${app.server.address().port}/readyz`);
  return `${status} ${app.coalmine.health.schema().state()}`;
}

/** Returns what the contract gate of docs/schema-versions.md would respond. */
async function gate(pods) {
  const floors = pods.map(({ coalmine }) => coalmine.health.schema().floorRequired);
  const behind = floors.filter((floor) => floor < Number(CONTRACT.split('_', 1)));
  return behind.length === 0 ? 'yes' : `no: ${behind.length} of ${floors.length} pods know no more than ${behind[0]}`;
}

async function migrate(db, count) {
  const folder = await mkdtemp(join(tmpdir(), 'coalmine-demo-'));
  for (const [name, text] of Object.entries(MIGRATIONS)) await writeFile(join(folder, `${name}.sql`), text);
  // The part of a client of pg that the tool uses.
  const client = {
    on() {},
    async query(query, values) {
      const { text, values: own = values } = typeof query === 'string' ? { text: query } : query;
      return own?.length > 0 ? db.query(text, own) : ((await db.exec(text)).at(-1) ?? { rows: [] });
    },
  };
  const dbClient = /** @type {import('pg').ClientBase} */ (/** @type {unknown} */ (client));
  const log = () => {};
  await runner({ dbClient, dir: folder, direction: 'up', migrationsTable: 'pgmigrations', count, log });
  await rm(folder, { recursive: true });
}

function columns([first, ...rest]) {
  return [first.padEnd(FIRST_WIDTH), ...rest.map((cell) => cell.padEnd(WIDTH))].join('').trimEnd();
}
