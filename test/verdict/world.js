import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { chance } from './chance.js';
import { startUsers } from './users.js';

/** How long stable has served when the canary starts, in milliseconds. */
const HEAD_START = 3000;

/**
 * Plays a scenario: stable and canary, the users of both, probes and other clients, while Prometheus scrapes both.
 *
 * @param {import('./scenarios.js').Scenario} scenario
 * @param {number} seed
 * @param {'fastify' | 'express'} framework
 * @param {string} targets the folder with the targets of Prometheus
 * @param {boolean} isAlone whether the services have no other instrumentation than Coalmine
 */
export async function play(scenario, seed, framework, targets, isAlone) {
  const id = `${scenario.name.replace(/\W+/g, '-')}-${framework}-${seed}`;
  const random = chance(seed * 7919 + scenario.name.length);
  const hashes = { canary: `${id}-canary`, stable: `${id}-stable` };
  const closing = [];
  /** @type {Pod[]} */
  const pods = [];

  const stable = await start('stable');
  closing.push(users(() => stable.port(), scenario.stablePerSecond ?? 40, scenario.visit(random)));
  await delay(HEAD_START);

  const began = Date.now();
  const canaries = [await start('canary')];
  closing.push(users(balanced, scenario.perSecond ?? 40, scenario.visit(random)));
  for (const { perSecond, visit } of scenario.others ?? []) {
    closing.push(users(balanced, perSecond, () => visit(random, balanced() ?? 0)));
  }
  at(scenario.joins, async () => canaries.push(await start('canary')));
  for (const time of scenario.restarts ?? []) at(time, () => canaries[0]?.restart());

  return {
    hashes,
    /** The libraries that the pods have. */
    libraries: canaries[0]?.libraries() ?? [],
    async close() {
      for (const stop of closing) stop();
      await publish([]);
      await Promise.all(pods.map((pod) => pod.close()));
    },
  };

  /** Returns the ports of the ready canary pods in turn. */
  function balanced() {
    const ready = canaries.filter((pod) => pod.isReady());
    return ready[Math.floor(random() * ready.length)]?.port();
  }

  function users(port, perSecond, visit) {
    const started = startUsers({ port, perSecond, visit, random });
    return () => started.stop();
  }

  function at(seconds, act) {
    if (seconds === undefined) return;
    const timer = setTimeout(act, began + 1000 * seconds - Date.now());
    closing.push(() => clearTimeout(timer));
  }

  /** @param {'stable' | 'canary'} role */
  async function start(role) {
    const data = { scenario: scenario.name, role, framework, seed: seed + pods.length, isAlone };
    const pod = await startPod(`${id}-${role}-${pods.length}`, data, scenario.probesPerSecond ?? 1);
    pods.push(Object.assign(pod, { hash: hashes[role] }));
    await publish(pods);
    return pod;
  }

  /** Writes the targets of Prometheus: each library of each pod, with the labels that Kubernetes would give it. */
  async function publish(live) {
    const groups = live.flatMap((pod) =>
      pod.libraries().map((library) => ({
        targets: [`127.0.0.1:${pod.metricsPort()}`],
        labels: {
          __metrics_path__: `/${library}`,
          namespace: library,
          pod: pod.name,
          rollouts_pod_template_hash: pod.hash,
        },
      })),
    );
    // Replaces the file in one step, so that Prometheus never reads half of it.
    const file = join(targets, `${id}.json`);
    await writeFile(`${file}.new`, JSON.stringify(groups));
    await rename(`${file}.new`, file);
  }
}

/**
 * @typedef {Awaited<ReturnType<typeof startPod>> & { hash?: string }} Pod
 */

/**
 * Starts a pod: a service in its own thread, which may end in the middle and restart, and its probes.
 *
 * @param {string} name
 * @param {object} data the data for the thread: see pod.js
 * @param {number} probesPerSecond
 */
async function startPod(name, data, probesPerSecond) {
  let { worker, ...served } = await startWorker(data);
  const { port, metricsPort, libraries } = served;
  let isReady = false;
  const agent = new Agent({ keepAlive: false });
  const askReady = () =>
    probe('/readyz', (status) => {
      isReady = status === 200;
    });
  const timers = [
    setInterval(askReady, 1000 / probesPerSecond),
    setInterval(() => probe('/livez', () => {}), 1000 / probesPerSecond),
    // Kubernetes may probe a pod more often until it is ready.
    setInterval(() => isReady || askReady(), 100),
  ];

  return {
    name,
    port: () => port,
    metricsPort: () => metricsPort,
    libraries: () => libraries,
    isReady: () => isReady,
    async restart() {
      isReady = false;
      await endWorker(worker);
      ({ worker, ...served } = await startWorker({ ...data, port, metricsPort }));
    },
    async close() {
      for (const timer of timers) clearInterval(timer);
      agent.destroy();
      await endWorker(worker);
    },
  };

  function probe(path, told) {
    const asked = get({ agent, host: '127.0.0.1', port, path, headers: { 'user-agent': 'kube-probe/1.31' } });
    asked.setTimeout(1000, () => asked.destroy());
    asked.on('response', (response) => {
      response.resume();
      told(response.statusCode);
    });
    asked.on('error', () => told(0));
  }
}

/** @param {object} data */
async function startWorker(data) {
  // A pod loads the packages as users install them, even if this process resolves modules by other conditions.
  const worker = new Worker(new URL('pod.js', import.meta.url), { workerData: data, execArgv: [] });
  const [served] = await once(worker, 'message');
  return { worker, ...served };
}

/**
 * Tells a thread to exit at once. A thread that is terminated while it parses a request would crash the whole process
 * (`v8::ToLocalChecked Empty MaybeLocal`, Node 20).
 *
 * @param {Worker} worker
 */
async function endWorker(worker) {
  // The thread has ended by itself.
  if (worker.threadId === -1) return;
  const ended = once(worker, 'exit');
  worker.postMessage('end');
  await ended;
}
