import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { createWriteStream, mkdtempSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endWithRun, freePort, removeWithRun } from '../support/server-process.js';

/** A Kubernetes object with any content. */
export type Manifest = Record<string, unknown>;

/** A response of the API server with any status. The status 0 means that there was no response. */
export interface Answer {
  readonly status: number;
  readonly body: Manifest;
}

/** A program that runs beside the API server. */
export interface Started {
  /** Returns what the program has written until now. */
  readonly log: () => string;
  stop(): Promise<void>;
}

/** A real API server on loopback, with etcd, and the programs that use it. Nobody runs its pods. */
export interface ApiServer {
  /** The kubeconfig of kubectl and the controllers. */
  readonly kubeconfig: string;
  /** The address, and a token of an administrator. */
  readonly address: string;
  readonly token: string;
  /** A folder for files, which is removed with the server. */
  readonly folder: string;
  call(method: string, path: string, body?: unknown, type?: string): Promise<Answer>;
  /** Starts a program, and starts it again when it ends by itself, as Kubernetes does. Its output also goes to a file. */
  start(name: string, command: string, args: readonly string[], env?: NodeJS.ProcessEnv): Started;
  /** Ends the programs and the server. */
  stop(): Promise<void>;
}

const TOKEN = 'judge';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Starts etcd and a kube-apiserver on free ports, and waits until custom resources are served by their definitions. */
export async function startApiServer(program: string, definitions: readonly Manifest[]): Promise<ApiServer> {
  const folder = mkdtempSync(join(tmpdir(), 'coalmine-controllers-'));
  const removeFolder = removeWithRun(folder);
  const [port, clientPort, peerPort] = [await freePort(), await freePort(), await freePort()];
  const programs: Started[] = [];
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false, maxSockets: 20 });

  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const address = `https://127.0.0.1:${port}`;
  const kubeconfig = file(
    'kubeconfig',
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'judge', cluster: { server: address, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'judge', user: { token: TOKEN } }],
      contexts: [{ name: 'judge', context: { cluster: 'judge', user: 'judge', namespace: 'shop' } }],
      'current-context': 'judge',
    }),
  );
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = file('key.pem', privateKey.export({ type: 'pkcs1', format: 'pem' }).toString());

  const peer = `http://127.0.0.1:${peerPort}`;
  const client = `http://127.0.0.1:${clientPort}`;
  start('etcd', 'etcd', [
    ...['--data-dir', join(folder, 'etcd'), '--listen-client-urls', client, '--advertise-client-urls', client],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`],
    // The data is only for this run.
    '--unsafe-no-fsync',
  ]);
  start('kube-apiserver', program, [
    `--etcd-servers=${client}`,
    `--secure-port=${port}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--cert-dir=${join(folder, 'certs')}`,
    `--token-auth-file=${file('tokens.csv', `${TOKEN},judge,1,system:masters\n`)}`,
    '--service-account-issuer=https://judge',
    `--service-account-key-file=${key}`,
    `--service-account-signing-key-file=${key}`,
    '--service-cluster-ip-range=10.0.0.0/16',
    '--authorization-mode=AlwaysAllow',
    '--disable-admission-plugins=ServiceAccount',
    // The API server refuses addresses on loopback, and there are no others.
    '--endpoint-reconciler-type=none',
  ]);
  const server = { kubeconfig, address, token: TOKEN, folder, call, start, stop };
  try {
    await until('the API server is ready', async () => (await call('GET', '/readyz')).status === 200);
    for (const definition of definitions) await create(server, DEFINITIONS, definition);
    await until('custom resources are served', async () => {
      const { body } = await call('GET', DEFINITIONS);
      const items = (body.items ?? []) as readonly Manifest[];
      return items.filter((item) => JSON.stringify(item).includes('"Established"')).length >= definitions.length;
    });
    return server;
  } catch (error) {
    await stop();
    throw error;
  }

  async function stop(): Promise<void> {
    for (const program of [...programs].reverse()) await program.stop();
    agent.destroy();
    await removeFolder();
  }

  function start(name: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Started {
    let text = '';
    let isStopped = false;
    const stream = createWriteStream(join(folder, `${name}.log`), { flags: 'a' });
    const write = (chunk: string): void => {
      text += chunk;
      stream.write(chunk);
    };
    const run = (): ChildProcess => {
      const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
      endWithRun(child);
      for (const output of [child.stdout, child.stderr]) output?.setEncoding('utf8').on('data', write);
      child.on('error', (error) => write(`${error.message}\n`));
      child.once('exit', async (code, signal) => {
        if (isStopped) return;
        write(`${name} ended with ${signal ?? code}\n`);
        await delay(1000);
        if (!isStopped) running = run();
      });
      return child;
    };
    let running = run();
    const started = {
      log: () => text,
      async stop() {
        isStopped = true;
        await end(running);
        programs.splice(programs.indexOf(started), 1);
      },
    };
    programs.push(started);
    return started;
  }

  async function call(method: string, path: string, body?: unknown, type?: string): Promise<Answer> {
    for (let tries = 1; ; tries += 1) {
      const answer = await send(method, path, body, type);
      // A kept connection may close at the moment of its next request, and a busy API server refuses some requests.
      const isFailed = answer.status === 0 || answer.status === 429 || answer.status >= 500;
      if (!isFailed || method === 'POST' || tries === 5) return answer;
      await delay(200);
    }
  }

  function send(method: string, path: string, body?: unknown, type = 'application/json'): Promise<Answer> {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    // By default, Node sends the body of a DELETE without its length.
    const length = text === undefined ? {} : { 'content-length': Buffer.byteLength(text) };
    return new Promise((resolve) => {
      const sent = request(
        `${address}${path}`,
        {
          ...{ method, agent },
          headers: { authorization: `Bearer ${TOKEN}`, accept: 'application/json', 'content-type': type, ...length },
        },
        (response) => {
          let answer = '';
          response.setEncoding('utf8').on('data', (chunk: string) => {
            answer += chunk;
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body: parsed(answer) }));
        },
      );
      sent.on('close', () => resolve({ status: 0, body: {} }));
      sent.on('error', () => resolve({ status: 0, body: {} }));
      sent.setTimeout(30_000, () => sent.destroy());
      sent.end(text);
    });
  }
}

/** Creates an object in its collection. Throws the complaint of the API server. */
export async function create(server: ApiServer, path: string, object: Manifest): Promise<void> {
  const { status, body } = await server.call('POST', path, object);
  if (status >= 400 || status === 0) throw new Error(`POST ${path}: ${String(body.message ?? status)}`);
}

/** Waits until a condition holds. Throws after five minutes. */
export async function until(what: string, is: () => Promise<boolean> | boolean, seconds = 300): Promise<void> {
  const deadline = Date.now() + 1000 * seconds;
  while (!(await is())) {
    if (Date.now() > deadline) throw new Error(`after ${seconds} s still waiting until ${what}`);
    await delay(250);
  }
}

function parsed(text: string): Manifest {
  try {
    return JSON.parse(text) as Manifest;
  } catch {
    // Some responses are not JSON.
    return { message: text };
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}
