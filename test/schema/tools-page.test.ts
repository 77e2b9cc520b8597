import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createCompatibilityTable, raiseFloor } from '@coalmine/health';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, type TestContext, vi } from 'vitest';
import { isPostgresMissing, type Postgres, startPostgres } from '../support/postgres.js';
import { endWithRun, freePort, missingBinaries } from '../support/server-process.js';
import { commandsOf, type Section, sectionsOf } from './tools/page.js';
import { PLAYS, type Play } from './tools/plays.js';
import { createProject, type Ended, type Environment, type Files, type Project } from './tools/project.js';
import { type State, type States, startStates } from './tools/states.js';

const SECTIONS = sectionsOf(new URL('../../docs/schema-tools.md', import.meta.url));
const { dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
// Tools that no package registry has. Their tables are in documented.test.ts and migrate-mongo.test.ts.
const UNPLAYED = ['pgroll', 'migrate-mongo'];
process.stderr.write(`SKIPPING the sections of ${UNPLAYED.join(' and ')}: they cannot be installed\n`);
// The longest time of a tool's play on a busy machine.

describe('the page of tools', () => {
  it('has a section for each tool that is played here, and installs what is played', () => {
    expect(SECTIONS.map(({ title }) => title)).toEqual(['The app', ...PLAYS.map(({ title }) => title), ...UNPLAYED]);
    const installed = SECTIONS.flatMap(({ steps }) => commandsOf(steps)).flatMap(packagesOf);
    const absent = installed.filter((name) => dependencies[name] === undefined);
    // The tests have the engine of Prisma in WebAssembly.
    expect(absent).toEqual(['prisma', 'migrate-mongo', 'mongodb']);
  });
});

describe.skipIf(isPostgresMissing).concurrent('a section of the page of tools, on a real PostgreSQL', () => {
  let postgres: Postgres;
  let states: States;
  beforeAll(async () => {
    postgres = await startPostgres();
    states = startStates();
    await query(await postgres.createDatabase(), 'CREATE ROLE stranger LOGIN');
  });
  afterAll(async () => {
    await states?.close();
    await postgres?.close();
  });

  it.for(PLAYS)('$title', async (play, context) => {
    const missing = missingFor(play);
    if (missing.length > 0) process.stderr.write(`SKIPPING ${play.title}: ${missing.join(' and ')} not found\n`);
    context.skip(missing.length > 0);
    const { project, url, env, files, commands, adopts } = await prepare(play, context);
    const prepares = commands.filter((line) => /coalmine-migrations|drizzle-kit generate|migrate hash/.test(line));
    const applies = commands.filter((line) => !prepares.includes(line));
    const stateOf = (build: string, other = env): Promise<State> => states.of(join(build, 'schema.js'), other);

    // Follows the page to the first `compatible`.
    await succeed(project, commands, env);
    const first = await project.build();
    expect(await stateOf(first)).toMatchObject({ state: 'compatible' });
    expect(await metricsOf(first, env, context)).toContain(
      `coalmine_schema_state{source="${play.source}",state="compatible"} 1`,
    );

    // A database that existed before the tool.
    if (adopts.length > 0) {
      const old = await createDatabase();
      await query(old, 'CREATE TABLE items (id integer PRIMARY KEY, name text NOT NULL)');
      await succeed(project, adopts, environmentOf(old));
      expect(await stateOf(await project.build(), environmentOf(old))).toMatchObject({ state: 'compatible' });
    }

    // The next build waits for its migration, and the previous build continues.
    await project.write(play.next(files));
    await succeed(project, prepares, env);
    const second = await project.build();
    const version = play.version ?? (await newestIn(second));
    expect(await stateOf(second)).toEqual({ state: 'behind', reason: `not applied: ${version}` });
    await succeed(project, applies, env);
    expect(await stateOf(second)).toMatchObject({ state: 'compatible' });
    expect(await stateOf(first)).toEqual({ state: 'ahead', reason: `applied, and newer than this build: ${version}` });

    // Raises the floor to this migration.
    await query(url, createCompatibilityTable({ dialect: 'postgres' }));
    await query(url, raiseFloor(version, { dialect: 'postgres' }));
    expect([(await stateOf(first)).state, (await stateOf(second)).state]).toEqual(['incompatible', 'compatible']);

    // A role without rights.
    const stranger = { DATABASE_URL: url.replace('postgres@', 'stranger@') };
    expect(await stateOf(await project.build(), stranger)).toEqual({
      state: 'unknown',
      reason: expect.stringContaining('permission denied'),
    });

    // A migration fails.
    await project.write(play.broken({ ...files, ...play.next(files) }));
    await succeed(project, prepares, env);
    const ended: Ended[] = [];
    for (const line of applies) ended.push(await project.run(line, env));
    expect(ended.at(-1)?.code).not.toBe(0);
    const third = await project.build();
    const [state, reason] = play.failure;
    expect(await stateOf(third)).toEqual({ state, reason: expect.stringMatching(reason) });
  });

  async function createDatabase(): Promise<string> {
    return `${await postgres.createDatabase()}?sslmode=disable`;
  }

  async function prepare(play: Play, { onTestFinished }: TestContext): Promise<Prepared> {
    const section = SECTIONS.find(({ title }) => title === play.title);
    if (section === undefined) throw new Error(`no section of ${play.title}`);
    const packages = commandsOf(section.steps).flatMap(packagesOf);
    const project = await createProject(Object.fromEntries(packages.map((name) => [name, dependencies[name] ?? '*'])));
    onTestFinished(() => project.remove());
    const url = await createDatabase();
    const env = environmentOf(url);
    const files = { ...filesOf(SECTIONS[0]), ...filesOf(section) };
    await project.write(files);
    return {
      project,
      url,
      env,
      files,
      adopts: section.adopts,
      commands: commandsOf(section.steps).filter((line) => !isInstall(line)),
    };
  }
});

function missingFor({ needs = [], artifact }: Play): readonly string[] {
  const isThere = artifact === undefined || existsSync(join(homedir(), '.m2/repository', artifact));
  return [...missingBinaries(...needs), ...(isThere ? [] : [artifact])];
}

interface Prepared {
  readonly project: Project;
  readonly url: string;
  readonly env: Environment;
  readonly files: Files;
  readonly commands: readonly string[];
  readonly adopts: readonly string[];
}

async function succeed(project: Project, commands: readonly string[], env: Environment): Promise<void> {
  for (const line of commands) {
    const { code, said } = await project.run(line, env);
    if (code !== 0) expect.fail(`${line} ended with ${code}: ${said}`);
  }
}

function environmentOf(url: string): Environment {
  const { host, pathname, username } = new URL(url);
  return { DATABASE_URL: url, JDBC_DATABASE_URL: `jdbc:postgresql://${host}${pathname}?user=${username}` };
}

/** Returns the metrics of an app when it becomes ready. */
async function metricsOf(build: string, env: Environment, { onTestFinished }: TestContext): Promise<string> {
  const port = String(await freePort());
  const child = spawn(process.execPath, ['app.js'], {
    cwd: build,
    env: { ...process.env, ...env, PORT: port },
    stdio: 'ignore',
  });
  onTestFinished(endWithRun(child));
  await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200), {
    timeout: 100_000,
    interval: 100,
  });
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
}

async function newestIn(build: string): Promise<string> {
  const { knows } = JSON.parse(await readFile(join(build, 'migrations.json'), 'utf8'));
  return knows.at(-1);
}

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

function filesOf(section: Section | undefined): Files {
  return Object.fromEntries(
    (section?.steps ?? []).flatMap((step) => (step.kind === 'file' ? [[step.path, step.text]] : [])),
  );
}

/** Steps that `.ci/run` and the install of this repository have already done. */
function isInstall(line: string): boolean {
  return /^(?:npm|go|apt-get) /.test(line);
}

function packagesOf(line: string): readonly string[] {
  return line.startsWith('npm install ') ? line.split(' ').slice(2) : [];
}
