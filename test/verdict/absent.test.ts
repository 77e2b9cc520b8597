import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { analyzeArgo, createPastClock, type ReleaseOptions } from '@coalmine/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPrometheusMissing, startConfiguredPrometheus } from '../support/prometheus.js';
import { chance } from './chance.js';
import { inTurn } from './judge.js';
import { RELABELLINGS } from './relabellings.js';
import { gateOf } from './templates.js';
import { startUsers } from './users.js';

const PODS = fileURLToPath(new URL('./fixtures/relabelled-pods.js', import.meta.url));
const ANALYSIS = {
  scrapeSeconds: 0.5,
  windowSeconds: 4,
  lookbackSeconds: 16,
  intervalSeconds: 1,
  count: 2,
  startSeconds: 1,
} satisfies ReleaseOptions['analysis'];
// The gate asks its last question 13 s after its start. One more second is for late scrapes.
const LIFE = 14_000;
const ROOM = 8;
// An objective that a service keeps even on a busy machine.
const OBJECTIVE = { latency: 0.5 };
/** Every request of this canary is over this latency, and within the objective of the app. */
const LENIENT = { name: 'lenient', milliseconds: 200 };
const STRICTER = { latency: 0.1 };

interface Ports {
  readonly port: number;
  readonly metricsPort: number;
}

// One run of the pods serves all tests. Each way to scrape them is a job with its own `namespace` label.
describe.skipIf(isPrometheusMissing)('missing series are never healthy, with a real Prometheus', () => {
  const verdicts = new Map<string, string>();
  let prometheus: Awaited<ReturnType<typeof startConfiguredPrometheus>> | undefined;
  beforeAll(async () => {
    const pods = await startPods();
    prometheus = await startConfiguredPrometheus(configurationOf(pods.ports));
    const { address } = prometheus;
    const targets = RELABELLINGS.length * (Object.keys(pods.ports).length - 1) + 1;
    while ((await answerTo(address, 'sum(up)')) !== targets) await delay(100);
    const startedAt = Date.now() / 1000;
    await delay(LIFE);
    await pods.close();
    const asked = RELABELLINGS.flatMap(({ manifests }, i) =>
      ['good', 'bad'].map((canary) => ({ canary, namespace: namespaceOf(i), manifests })),
    );
    asked.push({ canary: LENIENT.name, namespace: namespaceOf(0), manifests: { objective: STRICTER } });
    await inTurn(asked, ROOM, async ({ canary, namespace, manifests }) => {
      const { verdict, message } = await analyzeArgo({
        templates: [gateOf({ analysis: ANALYSIS, namespace, objective: OBJECTIVE, ...manifests })],
        args: { 'canary-hash': canary, 'stable-hash': 'stable' },
        prometheus: address,
        clock: createPastClock(startedAt),
      });
      verdicts.set(`${canary} in ${namespace}`, `${verdict}: ${message}`);
    });
  });
  afterAll(() => prometheus?.close());

  for (const [i, { name, isNeeded }] of RELABELLINGS.entries()) {
    describe(name, () => {
      it('does not promote a canary of which half of the requests fail', () => {
        expect(verdicts.get(`bad in ${namespaceOf(i)}`)).toMatch(/^(?:pause|rollback): /);
      });

      it(`${isNeeded ? 'pauses' : 'promotes'} a good canary`, () => {
        expect(verdicts.get(`good in ${namespaceOf(i)}`)).toMatch(isNeeded ? /^pause: / : /^promote: /);
      });
    });
  }

  it('does not promote a canary that is slow by the objective of the template alone', () => {
    expect(verdicts.get(`${LENIENT.name} in ${namespaceOf(0)}`)).toMatch(/^pause: /);
  });
});

/** Starts pods and their users. */
async function startPods(): Promise<{ readonly ports: Readonly<Record<string, Ports>>; close(): Promise<void> }> {
  const pods = [{ name: 'stable' }, { name: 'good' }, { name: 'bad', failing: 0.5 }, LENIENT];
  // The pods use the built packages, even if the tests use the sources.
  const child = fork(PODS, [JSON.stringify({ objective: OBJECTIVE, pods })], { execArgv: [] });
  const ended = once(child, 'exit');
  const [ports] = (await once(child, 'message')) as [Readonly<Record<string, Ports>>];
  const visit = (): { path: string } => ({ path: '/items/1' });
  const users = Object.values(ports).map(({ port }, i) =>
    startUsers({ port: () => port, perSecond: 30, visit, random: chance(i) }),
  );
  return {
    ports,
    async close() {
      for (const each of users) each.stop();
      child.disconnect();
      await ended;
    },
  };
}

/** Returns a job for each relabelling. One job scrapes the lenient canary. */
function configurationOf(ports: Readonly<Record<string, Ports>>): object {
  const interval = `${1000 * ANALYSIS.scrapeSeconds}ms`;
  return {
    global: { scrape_interval: interval, scrape_timeout: interval },
    scrape_configs: RELABELLINGS.map(({ configs }, i) => ({
      job_name: namespaceOf(i),
      metric_relabel_configs: configs,
      static_configs: Object.entries(ports)
        .filter(([name]) => name !== LENIENT.name || i === 0)
        .map(([name, { metricsPort }]) => ({
          targets: [`127.0.0.1:${metricsPort}`],
          labels: { namespace: namespaceOf(i), pod: name, rollouts_pod_template_hash: name },
        })),
    })),
  };
}

async function answerTo(address: string, query: string): Promise<number> {
  const answer = await fetch(`${address}/api/v1/query?${new URLSearchParams({ query })}`);
  const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
  return Number(data.result[0]?.value[1] ?? 0);
}

function namespaceOf(i: number): string {
  return `way-${i}`;
}
