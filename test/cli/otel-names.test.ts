import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type AnalysisResult,
  analyzeArgo,
  analyzeFlagger,
  createPastClock,
  type KubernetesObject,
  manifestsFor,
  objectsIn,
  type ReleaseOptions,
} from '@coalmine/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SERVICES, type Service } from '../prometheus/services.js';
import { send } from '../support/client.js';
import { isPrometheusMissing, startWatchingPrometheus, type WatchingPrometheus } from '../support/prometheus.js';

// Slower than any of these services on a busy machine, and much shorter than the test watches a hang.
const objective = { latency: 1 };
const PATIENCE = 1.5;
const ANALYSIS = { scrapeSeconds: 1, windowSeconds: 4, lookbackSeconds: 10, intervalSeconds: 1 };
// The shortest interval of Flagger is ten seconds. One good check promotes from a single weight, and two bad checks roll back.
const PLAY_SECONDS = 22;

/** A canary, and the path that every fifth of its users requests. */
interface Release {
  readonly name: string;
  readonly path: string;
  readonly verdict: 'promote' | 'rollback';
  /** The first failed metric of each controller. */
  readonly because: RegExp;
}

const RELEASES: readonly Release[] = [
  { name: 'good', path: '/items/2', verdict: 'promote', because: /^all checks passed|^no metric was over a limit/ },
  { name: 'failing', path: '/fail', verdict: 'rollback', because: /\berror-ratio\b/ },
  { name: 'hanging', path: '/hang', verdict: 'rollback', because: /\bhangs\b/ },
];

describe.skipIf(isPrometheusMissing)('with the names of OpenTelemetry, before a real Prometheus', () => {
  let prometheus: WatchingPrometheus;
  const services: Service[] = [];
  const users: Promise<void>[] = [];
  let isOver = false;
  let startedAt = 0;

  beforeAll(async () => {
    prometheus = await startWatchingPrometheus();
    const targets = (await Promise.all(SERVICES.map(play))).flat();
    await writeFile(join(prometheus.targets, 'pods.json'), JSON.stringify(targets));
    while ((await ask('count(up == 1)')) !== targets.length) await delay(200);
    startedAt = Date.now() / 1000;
    await delay(1000 * PLAY_SECONDS);
  });
  afterAll(async () => {
    isOver = true;
    await Promise.all(services.map((service) => service.close()));
    await Promise.all(users);
    await prometheus?.close();
  });

  /** Starts stable and the canaries on a framework, with their users. Returns the targets of a scrape. */
  async function play({ framework, start }: (typeof SERVICES)[number]): Promise<object[]> {
    const stable = await serve('/items/2');
    const targets = RELEASES.map(async ({ name, path }) => [
      target(await serve(path), `${name}-7d9c4b8f6d-x2x4z`, `${name}-canary`),
      target(stable, `${name}-primary-5f6c7d8b9c-b2b4z`, `${name}-stable`),
    ]);
    return (await Promise.all(targets)).flat();

    async function serve(path: string): Promise<Service> {
      const service = await start({ objective: { ...objective, patience: PATIENCE }, metrics: { names: 'otel' } });
      services.push(service);
      users.push(use(service.port, path));
      return service;
    }

    function target({ port }: Service, pod: string, hash: string): object {
      const labels = { namespace: namespaceOf(framework), pod, rollouts_pod_template_hash: hash };
      return { targets: [`127.0.0.1:${port}`], labels };
    }
  }

  async function use(port: number, path: string): Promise<void> {
    const sent: Promise<unknown>[] = [];
    while (!isOver) {
      // Nobody waits for a hang.
      sent.push(send(port, path));
      for (let i = 0; i < 4 && !isOver; i += 1) await send(port, '/items/1');
      await delay(50);
    }
    await Promise.all(sent);
  }

  async function ask(query: string): Promise<number | undefined> {
    return (await prometheus.query(query))[0]?.value;
  }

  describe.each(SERVICES)('on $framework', ({ framework }) => {
    const namespace = namespaceOf(framework);
    const objectsOf = (target: 'argo' | 'flagger', name: string): readonly KubernetesObject[] => {
      const release = { name, namespace, router: 'nginx', weights: [50] } as const;
      const options: ReleaseOptions = { ...release, names: 'otel', objective, analysis: ANALYSIS };
      return manifestsFor(target, options).flatMap((file) => objectsIn(file.text, file.name));
    };
    const common = (): { readonly prometheus: string; readonly clock: ReturnType<typeof createPastClock> } => ({
      prometheus: prometheus.address,
      clock: createPastClock(startedAt),
    });

    it.each(RELEASES)('the gate of Argo gives a $name canary a $verdict', async ({ name, verdict, because }) => {
      const templates = objectsOf('argo', name).filter(({ metadata }) => metadata.name === `${name}-gate`);
      const args = { 'canary-hash': `${name}-canary`, 'stable-hash': `${name}-stable` };
      expectVerdict(await analyzeArgo({ templates, args, ...common() }), verdict, because);
    });

    it.each(RELEASES)('the Canary of Flagger gives a $name canary a $verdict', async ({ name, verdict, because }) => {
      const objects = objectsOf('flagger', name);
      const [canary] = objects.filter(({ kind }) => kind === 'Canary');
      const templates = objects.filter(({ kind }) => kind === 'MetricTemplate');
      const result = await analyzeFlagger({ canary: canary as KubernetesObject, templates, ...common() });
      expectVerdict(result, verdict, because);
    });

    it('the series have the names of the semantic conventions', async () => {
      const of = (release: string, ...more: readonly string[]): string =>
        `{${[`namespace="${namespace}"`, `rollouts_pod_template_hash="${release}-canary"`, ...more].join()}}`;
      const labels = of(
        'failing',
        'http_request_method="GET"',
        'http_route="/fail"',
        'http_response_status_code="500"',
        'error_type="500"',
      );
      for (const name of ['requests_total', 'errors_total', 'request_duration_seconds_count']) {
        expect(await ask(`http_server_${name}${labels}`)).toBeGreaterThan(20);
      }
      expect(await ask(`count(http_server_requests_total${of('good', 'error_type!=""')} > 0)`)).toBeUndefined();
      expect(await ask(`http_server_overdue_requests${of('hanging')}`)).toBeGreaterThan(20);
      expect(await ask(`http_server_active_requests${of('hanging')}`)).toBeGreaterThan(20);
    });
  });
});

function namespaceOf(framework: string): string {
  return framework.toLowerCase().replace(/\W+/g, '-');
}

function expectVerdict(result: AnalysisResult, verdict: string, because: RegExp): void {
  expect({ verdict: result.verdict, message: result.message }).toEqual({
    verdict,
    message: expect.stringMatching(because),
  });
}
