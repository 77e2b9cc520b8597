import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Manifest, objectsOf } from './mutants.js';

const ETCD = 12_379;
const API = 16_443;

/** Where the manifests look for Prometheus. */
const PROMETHEUS = 19_190;

/** An API server with the CRDs of both controllers and of the routers, and the controllers on demand. */
export interface Judges {
  /** Responds with the body of a response, whatever its status. */
  call(method: string, path: string, body?: unknown, type?: string): Promise<{ status: number; body: Manifest }>;
  /** Starts a controller; what it says is in `log`. */
  start(name: string, args: readonly string[]): { readonly log: () => string; stop(): Promise<void> };
  /** Where a controller finds the API server. */
  readonly kubeconfig: string;
  stop(): Promise<void>;
}

// The kinds of routers, of which only their names matter here.
const ROUTERS: Readonly<Record<string, readonly string[]>> = {
  'networking.istio.io/VirtualService/virtualservices': ['v1alpha3', 'v1beta1', 'v1'],
  'networking.istio.io/DestinationRule/destinationrules': ['v1alpha3', 'v1beta1', 'v1'],
  'split.smi-spec.io/TrafficSplit/trafficsplits': ['v1alpha1', 'v1alpha2', 'v1alpha3'],
  'traefik.io/TraefikService/traefikservices': ['v1alpha1'],
  'traefik.containo.us/TraefikService/traefikservices': ['v1alpha1'],
  'gateway.networking.k8s.io/HTTPRoute/httproutes': ['v1', 'v1beta1'],
};

/** Starts etcd and the API server from the binaries in a folder, on loopback, and waits until the CRDs are served. */
export async function startJudges(binaries: string): Promise<Judges> {
  const folder = mkdtempSync(join(tmpdir(), 'coalmine-judges-'));
  const processes: ChildProcess[] = [];
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false, maxSockets: 20 });
  const tokens = join(folder, 'tokens.csv');
  writeFileSync(tokens, 'judge,judge,1,system:masters\n');
  const kubeconfig = join(folder, 'kubeconfig');
  const server = `https://127.0.0.1:${API}`;
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'judge', cluster: { server, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'judge', user: { token: 'judge' } }],
      contexts: [{ name: 'judge', context: { cluster: 'judge', user: 'judge' } }],
      'current-context': 'judge',
    }),
  );
  const key = join(folder, 'key.pem');
  const { generateKeyPairSync } = await import('node:crypto');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(key, privateKey.export({ type: 'pkcs1', format: 'pem' }));

  const peer = `http://127.0.0.1:${ETCD + 1}`;
  const client = `http://127.0.0.1:${ETCD}`;
  run('etcd', 'etcd', [
    ...['--data-dir', join(folder, 'etcd'), '--listen-client-urls', client, '--advertise-client-urls', client],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`],
  ]);
  run('kube-apiserver', join(binaries, 'kube-apiserver'), [
    `--etcd-servers=${client}`,
    `--secure-port=${API}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--cert-dir=${join(folder, 'certs')}`,
    `--token-auth-file=${tokens}`,
    '--service-account-issuer=https://judge',
    `--service-account-key-file=${key}`,
    `--service-account-signing-key-file=${key}`,
    '--service-cluster-ip-range=10.0.0.0/16',
    '--authorization-mode=AlwaysAllow',
    '--disable-admission-plugins=ServiceAccount',
    '--endpoint-reconciler-type=none',
  ]);
  await until(async () => (await call('GET', '/readyz')).status === 200);
  const crds = readdirSync(join(binaries, 'crds')).flatMap((file) =>
    objectsOf(readFileSync(join(binaries, 'crds', file), 'utf8')),
  );
  const all = [...crds, ...Object.entries(ROUTERS).map(([name, versions]) => routerCrd(name, versions))];
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  for (const crd of all) await call('POST', path, crd);
  await until(async () => {
    const { body } = await call('GET', path);
    const served = (body.items as readonly Manifest[]).filter((item) => /"Established"/.test(JSON.stringify(item)));
    return served.length >= all.length;
  });

  // Flagger asks whether the provider of a metric is online.
  const prometheus = createServer((_, response) => {
    const result = [{ metric: {}, value: [0, '1'] }];
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
  }).listen(PROMETHEUS, '127.0.0.1');

  return {
    call,
    kubeconfig,
    start(name, args) {
      const { process, log } = run(name, join(binaries, name), args);
      return { log, stop: () => stop(process) };
    },
    async stop() {
      prometheus.close();
      for (const process of processes.reverse()) await stop(process);
      agent.destroy();
    },
  };

  function run(name: string, command: string, args: readonly string[]): { process: ChildProcess; log: () => string } {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    processes.push(child);
    let text = '';
    const file = createWriteStream(join(folder, `${name}.log`), { flags: 'a' });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        file.write(chunk);
      });
    }
    return { process: child, log: () => text };
  }

  function call(
    method: string,
    path: string,
    body?: unknown,
    type = 'application/json',
  ): Promise<{ status: number; body: Manifest }> {
    return new Promise((resolve) => {
      const sent = request(
        {
          ...{ host: '127.0.0.1', port: API, method, path, agent },
          headers: { authorization: 'Bearer judge', accept: 'application/json', 'content-type': type },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk;
          });
          response.on('end', () => {
            let parsed: Manifest = { message: text };
            try {
              parsed = JSON.parse(text) as Manifest;
            } catch {
              // Not every response is JSON.
            }
            resolve({ status: response.statusCode ?? 0, body: parsed });
          });
        },
      );
      sent.on('close', () => resolve({ status: 0, body: {} }));
      sent.on('error', () => resolve({ status: 0, body: {} }));
      sent.setTimeout(30_000, () => sent.destroy());
      sent.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
    });
  }
}

/** Waits until something is so, two minutes at most. */
export async function until(is: () => Promise<boolean>, seconds = 120): Promise<void> {
  for (let left = 2 * seconds; left > 0; left -= 1) {
    if (await is()) return;
    await delay(500);
  }
}

async function stop(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const ended = new Promise((resolve) => process.once('exit', resolve));
  process.kill('SIGKILL');
  await ended;
}

function routerCrd(name: string, versions: readonly string[]): Manifest {
  const [group = '', kind = '', plural = ''] = name.split('/');
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      annotations: { 'api-approved.kubernetes.io': 'unapproved, for a test' },
    },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural },
      versions: versions.map((version, i) => ({ name: version, served: true, storage: i === 0, schema })),
    },
  };
}
