import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, type OnTestFinishedHandler, vi } from 'vitest';
import { isPostgresMissing, type Postgres, startPostgres } from '../support/postgres.js';
import { end, freePort, missingBinaries } from '../support/server-process.js';
import { type Section, sectionsOf } from './tools/page.js';
import { PLAYS, type Play } from './tools/plays.js';
import { createProject, type Environment, type Files, type Project } from './tools/project.js';
import { type State, type States, startStates } from './tools/states.js';

const SECTIONS = sectionsOf(new URL('../../docs/schema-tools.md', import.meta.url));
const { dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

describe('the page of tools', () => {
  it('has a section for each tool that is played here, and installs what is played', () => {
    expect(SECTIONS.map(({ title }) => title)).toEqual(['The app', ...PLAYS.map(({ title }) => title)]);
    const installed = SECTIONS.flatMap(commandsOf).filter(isInstall).flatMap(packagesOf);
    expect(installed.filter((name) => dependencies[name] === undefined)).toEqual(['prisma']);
  });
});

describe.skipIf(isPostgresMissing).concurrent('a section of the page of tools, on a real PostgreSQL', () => {
  let postgres: Postgres;
  let states: States;
  beforeAll(async () => {
    postgres = await startPostgres();
    states = startStates();
  });
  afterAll(async () => {
    await states?.close();
    await postgres?.close();
  });

  it.for(PLAYS)('$title', async (play, { skip, onTestFinished }) => {
    const missing = missingBinaries(...(play.needs ?? []));
    skip(missing.length > 0, `${missing} not found on the PATH`);
    const played = await start(play, onTestFinished);

    // To the first compatible.
    for (const line of played.commands) await succeed(played, line);
    expect(await stateOf(played)).toEqual({ state: 'compatible', reason: expect.any(String) });
    expect(await serve(played)).toContain(`coalmine_schema_state{source="${play.source}",state="compatible"} 1`);

    // A new build waits for its migration.
    await played.project.write(play.next(played.files));
    for (const line of played.prepares) await succeed(played, line);
    const { state, reason } = await stateOf(played);
    expect([state, reason]).toEqual([
      'behind',
      play.version === undefined ? expect.stringMatching(/^not applied: /) : `not applied: ${play.version}`,
    ]);
    for (const line of played.applies) await succeed(played, line);
    expect(await stateOf(played)).toMatchObject({ state: 'compatible' });

    // A migration fails.
    await played.project.write(play.broken(played.files));
    for (const line of played.prepares) await succeed(played, line);
    const ended = [];
    for (const line of played.applies) ended.push(await played.project.run(line, played.env));
    expect(ended.at(-1)?.code).not.toBe(0);
    const after = await stateOf(played);
    expect([after.state, after.reason]).toEqual([play.failure[0], expect.stringMatching(play.failure[1])]);
  });

  async function start(play: Play, onTestFinished: Finish): Promise<Played> {
    const project = await createProject();
    onTestFinished(() => project.remove());
    const url = `${await postgres.createDatabase()}?sslmode=disable`;
    const { host, pathname, username } = new URL(url);
    const env = { DATABASE_URL: url, JDBC_DATABASE_URL: `jdbc:postgresql://${host}${pathname}?user=${username}` };
    const section = SECTIONS.find(({ title }) => title === play.title);
    if (section === undefined) throw new Error(`no section of ${play.title}`);
    const files = { ...filesOf(SECTIONS[0]), ...filesOf(section) };
    await project.write(files);
    const commands = commandsOf(section).filter((line) => !isInstall(line));
    const prepares = commands.filter((line) => /coalmine-migrations|drizzle-kit generate|migrate hash/.test(line));
    return { project, onTestFinished, env, files, commands, prepares, applies: commands.filter((line) => !prepares.includes(line)) };
  }

  function stateOf({ project, env }: Played): Promise<State> {
    return states.of(`${project.folder}/schema.js`, env);
  }
});

type Finish = (end: OnTestFinishedHandler) => void;

interface Played {
  readonly project: Project;
  readonly onTestFinished: Finish;
  readonly env: Environment;
  readonly files: Files;
  readonly commands: readonly string[];
  /** The commands that touch no database. */
  readonly prepares: readonly string[];
  readonly applies: readonly string[];
}

async function succeed({ project, env }: Played, line: string): Promise<void> {
  const { code, said } = await project.run(line, env);
  expect([line, code, code === 0 ? '' : said]).toEqual([line, 0, '']);
}

/** Runs the app until it is ready; what its metrics are then. */
async function serve({ project, env, onTestFinished }: Played): Promise<string> {
  const port = await freePort();
  const child = spawn(process.execPath, ['app.js'], {
    cwd: project.folder,
    env: { ...process.env, ...env, PORT: String(port) },
    stdio: 'ignore',
  });
  onTestFinished(() => end(child));
  await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200), {
    timeout: 30_000,
    interval: 100,
  });
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
}

function filesOf(section: Section | undefined): Files {
  return Object.fromEntries(
    (section?.steps ?? []).flatMap((step) => (step.kind === 'file' ? [[step.path, step.text]] : [])),
  );
}

function commandsOf({ steps }: Section): readonly string[] {
  return steps.flatMap((step) => (step.kind === 'command' ? [step.line] : []));
}

/** The packages are installed already. */
function isInstall(line: string): boolean {
  return /^(?:npm|go) /.test(line);
}

function packagesOf(line: string): readonly string[] {
  return line.startsWith('npm install ') ? line.split(' ').slice(2) : [];
}
