import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { endWithRun } from '../support/server-process.js';
import { type ApiServer, create, type Manifest } from './api-server.js';

const NODE = 'loopback';
const PORT = 3000;
const STRATEGIC = 'application/strategic-merge-patch+json';
/** The program of each image. */
const SERVICES: Readonly<Record<string, string>> = {
  checkout: fileURLToPath(new URL('service.mjs', import.meta.url)),
  'checkout-express': fileURLToPath(new URL('service-express.mjs', import.meta.url)),
};

/** A pod that is ready to serve. */
export interface ReadyPod {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly host: string;
  readonly port: number;
}

/** Runs pods as processes of Node, each with its own address on loopback, and reports their state as a kubelet does. */
export interface Kubelet {
  ready(namespace: string): readonly ReadyPod[];
  /** Ends a pod without a signal and without a report, as if its node was lost. */
  lose(namespace: string, name: string): Promise<void>;
  stop(): Promise<void>;
}

interface Probe {
  readonly httpGet?: { readonly path: string };
  readonly periodSeconds?: number;
  readonly timeoutSeconds?: number;
  readonly failureThreshold?: number;
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly env?: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } };
  }[];
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
}

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
    readonly deletionGracePeriodSeconds?: number;
  };
  readonly spec: { readonly nodeName?: string; readonly containers: readonly [Container, ...Container[]] };
}

interface Running {
  readonly pod: Pod;
  readonly host: string;
  readonly since: string;
  child: ChildProcess | undefined;
  restarts: number;
  isStarted: boolean;
  isReady: boolean;
  isEnding: boolean;
}

/** Starts a kubelet. Each pod writes to a file with its name. */
export async function startKubelet(server: ApiServer): Promise<Kubelet> {
  const pods = new Map<string, Running>();
  // Another run at the same time uses other addresses.
  const network = `127.${2 + (process.pid % 250)}`;
  let addresses = 0;
  let isStopped = false;

  await create(server, '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: NODE } });
  const room = { cpu: '64', memory: '64Gi', pods: '500' };
  const now = new Date().toISOString();
  await server.call(
    'PATCH',
    `/api/v1/nodes/${NODE}/status`,
    {
      status: {
        capacity: room,
        allocatable: room,
        conditions: [{ type: 'Ready', status: 'True', reason: 'Ready', message: '', lastTransitionTime: now }],
      },
    },
    STRATEGIC,
  );
  const turns = run();

  return {
    ready: (namespace) =>
      [...pods.values()].flatMap(({ pod: { metadata }, host, isReady, isEnding }) =>
        metadata.namespace === namespace && isReady && !isEnding
          ? [{ name: metadata.name, labels: metadata.labels ?? {}, host, port: PORT }]
          : [],
      ),
    async lose(namespace, name) {
      const lost = [...pods.values()].find(
        ({ pod: { metadata } }) => metadata.namespace === namespace && metadata.name === name,
      );
      if (lost === undefined) throw new Error(`there is no pod ${name} in ${namespace}`);
      lost.isEnding = true;
      lost.child?.kill('SIGKILL');
      await forget(lost.pod);
    },
    async stop() {
      isStopped = true;
      await turns;
      for (const { child } of pods.values()) child?.kill('SIGKILL');
    },
  };

  async function run(): Promise<void> {
    while (!isStopped) {
      const { status, body } = await server.call('GET', '/api/v1/pods');
      if (status === 200) await look((body.items ?? []) as readonly Pod[]);
      await delay(250);
    }
  }

  async function look(there: readonly Pod[]): Promise<void> {
    for (const pod of there) {
      const known = pods.get(pod.metadata.uid);
      if (known === undefined && pod.metadata.deletionTimestamp !== undefined) await forget(pod);
      else if (known === undefined) await take(pod);
      else if (pod.metadata.deletionTimestamp === undefined) continue;
      else if (!known.isEnding) void end(known, pod);
      // The API server was not told.
      else if (hasEnded(known.child)) await forget(pod);
    }
    const uids = new Set(there.map(({ metadata }) => metadata.uid));
    for (const [uid, running] of pods) {
      if (uids.has(uid)) continue;
      running.isEnding = true;
      running.child?.kill('SIGKILL');
      pods.delete(uid);
    }
  }

  async function take(pod: Pod): Promise<void> {
    const { name, namespace, uid } = pod.metadata;
    if (pod.spec.nodeName === undefined) {
      await server.call('POST', `/api/v1/namespaces/${namespace}/pods/${name}/binding`, {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name },
        target: { apiVersion: 'v1', kind: 'Node', name: NODE },
      });
    }
    addresses += 1;
    const running: Running = {
      pod,
      host: `${network}.${addresses >> 7}.${1 + (addresses & 127)}`,
      since: new Date().toISOString(),
      child: undefined,
      restarts: 0,
      isStarted: false,
      isReady: false,
      isEnding: false,
    };
    pods.set(uid, running);
    start(running);
    await report(running);
    void probe(running);
  }

  function start(running: Running): void {
    const { pod, host } = running;
    const [container] = pod.spec.containers;
    const env: NodeJS.ProcessEnv = { PATH: process.env.PATH, NODE_ENV: 'production', HOST: host, PORT: String(PORT) };
    for (const { name, value, valueFrom } of container.env ?? []) {
      env[name] = value ?? fieldOf(pod, valueFrom?.fieldRef?.fieldPath ?? '', host);
    }
    const log = openSync(join(server.folder, `${pod.metadata.name}.log`), 'a');
    // The tag of the image names the bug of the release: checkout:v2-errors.
    const [image = '', tag = ''] = container.image.split(':');
    const child = spawn(process.execPath, [SERVICES[image] ?? image, ...tag.split('-')], {
      env,
      stdio: ['ignore', log, log],
    });
    running.child = child;
    endWithRun(child);
    child.once('exit', async () => {
      if (running.isEnding) return;
      running.restarts += 1;
      running.isStarted = false;
      running.isReady = false;
      await report(running);
      await delay(1000);
      if (!running.isEnding && !isStopped) start(running);
    });
  }

  async function probe(running: Running): Promise<void> {
    const [{ startupProbe, readinessProbe }] = running.pod.spec.containers;
    let failures = 0;
    while (!running.isEnding && !isStopped) {
      if (!running.isStarted) {
        running.isStarted = await isPassed(running.host, startupProbe ?? readinessProbe);
        if (!running.isStarted) await delay(300);
        continue;
      }
      failures = (await isPassed(running.host, readinessProbe)) ? 0 : failures + 1;
      const isReady = failures === 0 || (running.isReady && failures < (readinessProbe?.failureThreshold ?? 3));
      if (isReady !== running.isReady) {
        running.isReady = isReady;
        await report(running);
      }
      await delay(running.isReady ? 1000 * (readinessProbe?.periodSeconds ?? 10) : 300);
    }
  }

  /** Ends a pod as a kubelet does: SIGTERM, and SIGKILL after its grace period. */
  async function end(running: Running, { metadata }: Pod): Promise<void> {
    running.isEnding = true;
    const { child } = running;
    if (child !== undefined && !hasEnded(child)) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 1000 * (metadata.deletionGracePeriodSeconds ?? 30));
      await ended;
      clearTimeout(late);
    }
    await forget(running.pod);
  }

  async function forget({ metadata: { namespace, name } }: Pod): Promise<void> {
    await server.call('DELETE', `/api/v1/namespaces/${namespace}/pods/${name}`, { gracePeriodSeconds: 0 });
  }

  /** Reports the state of a pod to the API server, and repeats this if the server is too busy. */
  async function report(running: Running): Promise<void> {
    const { namespace, name } = running.pod.metadata;
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/status`;
    while (!isStopped) {
      const { status } = await server.call('PATCH', path, { status: statusOf(running) }, STRATEGIC);
      const isBusy = status === 0 || status === 409 || status === 429 || status >= 500;
      if (!isBusy) return;
      await delay(250);
    }
  }
}

function statusOf({ pod, host, since, restarts, isStarted, isReady }: Running): Manifest {
  const [{ name, image }] = pod.spec.containers;
  const at = new Date().toISOString();
  const condition = (type: string, is: boolean): Manifest => ({
    type,
    status: is ? 'True' : 'False',
    lastTransitionTime: at,
  });
  return {
    phase: 'Running',
    podIP: host,
    podIPs: [{ ip: host }],
    hostIP: '127.0.0.1',
    startTime: since,
    conditions: [
      condition('PodScheduled', true),
      condition('Initialized', true),
      condition('ContainersReady', isReady),
      condition('Ready', isReady),
    ],
    containerStatuses: [
      {
        ...{ name, image, imageID: image, containerID: `loopback://${pod.metadata.uid}` },
        ...{ ready: isReady, started: isStarted, restartCount: restarts, state: { running: { startedAt: since } } },
      },
    ],
  };
}

function hasEnded(child: ChildProcess | undefined): boolean {
  return child === undefined || child.exitCode !== null || child.signalCode !== null;
}

function fieldOf({ metadata }: Pod, path: string, host: string): string {
  if (path === 'metadata.name') return metadata.name;
  if (path === 'metadata.namespace') return metadata.namespace;
  if (path === 'status.podIP') return host;
  const [, kind, key = ''] = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path) ?? [];
  return (kind === 'labels' ? metadata.labels : metadata.annotations)?.[key] ?? '';
}

function isPassed(host: string, { httpGet, timeoutSeconds = 1 }: Probe = {}): Promise<boolean> {
  if (httpGet === undefined) return Promise.resolve(true);
  return new Promise((resolve) => {
    const headers = { 'user-agent': 'kube-probe/1.34', connection: 'close' };
    const timeout = 1000 * timeoutSeconds;
    const sent = get({ host, port: PORT, path: httpGet.path, timeout, headers }, (response) => {
      response.resume();
      resolve((response.statusCode ?? 0) >= 200 && (response.statusCode ?? 0) < 400);
    });
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => resolve(false));
  });
}
