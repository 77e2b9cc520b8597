import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));

// The command line of Prisma downloads its engine. This replacement has the engine in WebAssembly.
const PRISMA = fileURLToPath(new URL('../fixtures/prisma.mjs', import.meta.url));

export type Files = Readonly<Record<string, string>>;
export type Environment = Readonly<Record<string, string>>;

/** The result of a command. */
export interface Ended {
  readonly code: number | null;
  readonly said: string;
}

/** A folder with an app that uses the packages of these tests. */
export interface Project {
  readonly folder: string;
  /** Copies the app as it is now, and returns the folder of the copy. */
  build(): Promise<string>;
  write(files: Files): Promise<void>;
  /** Runs a line in a shell. */
  run(line: string, env: Environment): Promise<Ended>;
  remove(): Promise<void>;
}

/** `dependencies` are the dependencies in its package.json. */
export async function createProject(dependencies: Readonly<Record<string, string>>): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'coalmine-tools-'));
  const write = async (files: Files): Promise<void> => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
  };
  const bin = join(folder, '.bin');
  let builds = 0;
  await symlink(MODULES, join(folder, 'node_modules'));
  await mkdir(bin);
  await symlink(PRISMA, join(bin, 'prisma'));
  await write({
    'package.json': JSON.stringify({ type: 'module', dependencies }),
    '.mvn/maven.config': '-B\n-o\n',
    // A short process does not benefit from the second compiler.
    '.mvn/jvm.config': '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC\n',
  });
  return {
    folder,
    write,
    async build() {
      const build = join(folder, 'builds', String(++builds));
      for (const name of await readdir(folder)) {
        if (!['node_modules', 'builds', '.bin'].includes(name))
          await cp(join(folder, name), join(build, name), { recursive: true });
      }
      return build;
    },
    run(line, env) {
      // Replaces `npx`, which is slow, because its commands are on the PATH.
      const command = line.replace(/^npx (?:-p \S+ )?/, '');
      const PATH = [bin, join(MODULES, '.bin'), process.env.PATH].join(':');
      const child = spawn('sh', ['-c', command], {
        cwd: folder,
        env: { ...process.env, ...env, PATH },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let said = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text) => {
          said += text;
        });
      }
      return new Promise((resolve, reject) => {
        child.once('error', reject);
        child.once('close', (code) => resolve({ code, said }));
      });
    },
    remove: () => rm(folder, { recursive: true }),
  };
}
