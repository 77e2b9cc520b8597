import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fileIn } from '../support/documents.js';
import { endWithRun, freePort } from '../support/server-process.js';

/** A service that runs the files of a document. */
export interface DocumentedService {
  readonly port: number;
  /** Returns what the service has written until now. */
  readonly said: string;
  terminate(): void;
  /** The exit code of the process, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

export interface DocumentedOptions {
  /** The document that has `telemetry.mjs` and `server.js`. */
  readonly document: string;
  readonly env: Readonly<Record<string, string>>;
  /** The installed packages. @defaultValue SDK 2, as in the tests */
  readonly modules?: string;
  /** A package with the Node that runs the service. @defaultValue this Node */
  readonly node?: string;
  /** More flags of Node. */
  readonly flags?: readonly string[];
  /** Changes the service of the document into another one. */
  readonly change?: (server: string) => string;
}

const running = new Set<ChildProcess>();
const folders: string[] = [];

/** Starts the service in a document with the command of the document and the built packages. */
export async function startDocumentedService(options: DocumentedOptions): Promise<DocumentedService> {
  const { document, env, modules = '..', node, flags = [], change = (server) => server } = options;
  const folder = await mkdtemp(join(tmpdir(), 'coalmine-documented-'));
  folders.push(folder);
  await symlink(pathTo(`${modules}/node_modules`), join(folder, 'node_modules'), 'junction');
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(join(folder, 'telemetry.mjs'), fileIn(document, 'telemetry.mjs'));
  await writeFile(join(folder, 'server.js'), change(fileIn(document, 'server.js')));
  const port = await freePort();
  const program = node === undefined ? process.execPath : pathTo(`../node_modules/${node}/bin/node`);
  const child = spawn(program, [...flags, '--import', './telemetry.mjs', 'server.js'], {
    cwd: folder,
    env: { PATH: process.env.PATH, PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  endWithRun(child);
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
    });
  }
  const service: DocumentedService = {
    port,
    get said() {
      return said;
    },
    terminate: () => void child.kill('SIGTERM'),
    ended,
  };
  await untilReady(service);
  return service;
}

/** Ends all running services, and removes their files. */
export async function endDocumentedServices(): Promise<void> {
  for (const child of running) child.kill('SIGKILL');
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
}

async function untilReady(service: DocumentedService): Promise<void> {
  let code: number | NodeJS.Signals | undefined;
  void service.ended.then((ending) => {
    code = ending;
  });
  const isReady = () =>
    fetch(`http://127.0.0.1:${service.port}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isReady())) {
    if (code !== undefined) throw new Error(`the service ended with ${code}:\n${service.said}`);
    await delay(50);
  }
}

function pathTo(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
