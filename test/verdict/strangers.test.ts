import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { analyzeArgo, createWallClock } from '@coalmine/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPrometheusMissing, startWatchingPrometheus, type WatchingPrometheus } from '../support/prometheus.js';
import { ATTACKS } from './attacks.js';
import { chance } from './chance.js';
import { OBJECTIVE } from './service.js';
import { gateOf } from './templates.js';
import { startUsers } from './users.js';

const PODS = fileURLToPath(new URL('./fixtures/attacked-pods.js', import.meta.url));
const USERS_PER_SECOND = 30;
const HEAD_START = 3_000;

interface Ports {
  readonly port: number;
  readonly metricsPort: number;
}

describe.skipIf(isPrometheusMissing)('a good canary that strangers attack, before a real Prometheus', () => {
  let prometheus: WatchingPrometheus;
  let pods: Readonly<Record<string, Ports>>;
  const ending: (() => unknown)[] = [];
  beforeAll(async () => {
    prometheus = await startWatchingPrometheus();
    ending.push(() => prometheus.close());
    pods = await startPods();
    await publish();
  });
  afterAll(async () => {
    for (const end of ending.reverse()) await end();
  });

  it('is promoted by the generated gate', async () => {
    for (const [name] of Object.entries(pods)) visit(name);
    await delay(HEAD_START);
    const strangers = ATTACKS.map(startStrangers);
    const verdicts = await Promise.all(
      ATTACKS.map(async ({ name }) => {
        const { verdict, message } = await analyzeArgo({
          templates: [gateOf()],
          args: { 'canary-hash': hashOf(name), 'stable-hash': hashOf('stable') },
          prometheus: prometheus.address,
          clock: createWallClock(),
        });
        return `${name}: ${verdict} (${message})`;
      }),
    );
    await Promise.all(strangers.map((stop) => stop()));
    expect(verdicts).toEqual(ATTACKS.map(({ name }) => expect.stringContaining(`${name}: promote (`)));
    // Shows that the strangers came.
    const asked = await Promise.all(ATTACKS.map(({ name, route }) => countOf(name, route)));
    expect(Math.min(...asked)).toBeGreaterThan(10);
  });

  async function startPods(): Promise<Readonly<Record<string, Ports>>> {
    const stable = { name: 'stable', protocol: 'HTTP/1.1' };
    const started = [stable, ...ATTACKS.map(({ name, pod }) => ({ name, ...pod }))];
    // The pods use the built packages, even if the tests use the sources.
    const child = fork(PODS, [JSON.stringify({ objective: OBJECTIVE, pods: started })], { execArgv: [] });
    const ended = once(child, 'exit');
    ending.push(() => {
      child.disconnect();
      return ended;
    });
    const [ports] = await once(child, 'message');
    return ports;
  }

  /** Writes the targets of Prometheus, with the labels that Kubernetes would give them. */
  async function publish(): Promise<void> {
    const groups = Object.entries(pods).map(([name, { metricsPort }]) => ({
      targets: [`127.0.0.1:${metricsPort}`],
      labels: { namespace: 'coalmine', pod: hashOf(name), rollouts_pod_template_hash: hashOf(name) },
    }));
    const file = join(prometheus.targets, 'attacked.json');
    await writeFile(`${file}.new`, JSON.stringify(groups));
    await rename(`${file}.new`, file);
  }

  /** Sends users to a pod until the end of the test. */
  function visit(name: string): void {
    const port = pods[name]?.port;
    const isHttp2 = ATTACKS.find((attack) => attack.name === name)?.pod.protocol === 'HTTP/2';
    const users = isHttp2
      ? startHttp2Users(port ?? 0)
      : startUsers({
          port: () => port,
          perSecond: USERS_PER_SECOND,
          visit: () => ({ path: '/items/1' }),
          random: chance(name.length),
        });
    ending.push(() => users.stop());
  }

  /** Sends strangers to the canary of an attack. Returns a function that ends them. */
  function startStrangers({ name, perSecond, attack }: (typeof ATTACKS)[number]): () => Promise<unknown> {
    const port = pods[name]?.port ?? 0;
    const attacks = new Set<Promise<void>>();
    const timer = setInterval(() => {
      const one = attack(port).finally(() => attacks.delete(one));
      attacks.add(one);
    }, 1_000 / perSecond);
    const stop = (): Promise<unknown> => {
      clearInterval(timer);
      return Promise.all(attacks);
    };
    ending.push(stop);
    return stop;
  }

  async function countOf(name: string, route: string): Promise<number> {
    const query = `sum(http_requests_total{rollouts_pod_template_hash="${hashOf(name)}",route="${route}"})`;
    const answer = await fetch(`${prometheus.address}/api/v1/query?${new URLSearchParams({ query })}`);
    const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
    return Number(data.result[0]?.value[1] ?? 0);
  }
});

/** Sends users over one connection of HTTP/2, as a gateway does. */
function startHttp2Users(port: number): { stop(): void } {
  const session: ClientHttp2Session = connectHttp2(`http://127.0.0.1:${port}`);
  session.on('error', () => {});
  const timer = setInterval(() => {
    const stream = session.request({ ':path': '/items/1' });
    stream.on('error', () => {});
    stream.resume();
  }, 1_000 / USERS_PER_SECOND);
  return {
    stop() {
      clearInterval(timer);
      session.destroy();
    },
  };
}

function hashOf(name: string): string {
  return name.replace(/\W+/g, '-');
}
