import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type AnalysisResult,
  analyzeArgo,
  createWallClock,
  manifestsFor,
  objectsIn,
  type ReleaseOptions,
} from '@coalmine/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { build } from '../support/build.js';
import { send } from '../support/client.js';
import { coalmineIn, type Ended } from '../support/command.js';
import { blocksOf, fileIn } from '../support/documents.js';
import type { StartedPrometheus } from '../support/prometheus.js';
import { isPrometheus3Missing, startPrometheus3 } from '../support/prometheus3.js';
import { type DocumentedService, endDocumentedServices, startDocumentedService } from './documented-service.js';

const PAGE = 'docs/push.md';
// Slower than this service on a busy machine.
const ANALYSIS = { scrapeSeconds: 0.5, windowSeconds: 4, lookbackSeconds: 12, intervalSeconds: 1 };
const HASHES = { stable: '5f6c7d8b9c', good: '7d9c4b8f6d', bad: '9b8c7d6f5' } as const;
type Side = keyof typeof HASHES;
const SIDES = Object.keys(HASHES) as readonly Side[];

/** A pod with its users. */
interface Pod {
  readonly side: Side;
  readonly name: string;
  readonly service: DocumentedService;
  /** Returns the number of responses. */
  served: number;
}

describe.skipIf(isPrometheus3Missing)('docs/push.md, with a real Prometheus 3', () => {
  let prometheus: StartedPrometheus;
  let options: ReleaseOptions;
  const pods: Pod[] = [];
  const users: Promise<void>[] = [];
  let isOver = false;
  const verdicts: Partial<Record<Side, AnalysisResult>> = {};
  const checked: Ended[] = [];

  beforeAll(async () => {
    build('node', 'fastify', 'otel');
    prometheus = await startPrometheus3(fileIn(PAGE, 'prometheus.yml'));
    const config = parse(fileIn(PAGE, 'coalmine.config.yaml')) as ReleaseOptions;
    options = { ...config, prometheus: prometheus.address, analysis: ANALYSIS };
    await Promise.all(SIDES.map(startPod));
    for (const pod of pods) users.push(use(pod));
    await Promise.all([analyze('good'), analyze('bad')]);
    checked.push(await check(options), await check({ name: 'checkout', namespace: 'shop', analysis: ANALYSIS }));
    isOver = true;
    await Promise.all(users);
    for (const { service } of pods) service.terminate();
    await Promise.all(pods.map(({ service }) => service.ended));
  });
  afterAll(async () => {
    isOver = true;
    await endDocumentedServices();
    await prometheus?.close();
  });

  /** Starts a pod with the environment that the manifests give it. */
  async function startPod(side: Side): Promise<void> {
    const name = `checkout-${HASHES[side]}-x2x4z`;
    const fields: Readonly<Record<string, string>> = {
      'metadata.name': name,
      'metadata.namespace': 'shop',
      "metadata.labels['rollouts-pod-template-hash']": HASHES[side],
    };
    const env = Object.fromEntries(
      variables().map((variable) => [
        variable.name,
        variable.value ?? fields[variable.valueFrom?.fieldRef.fieldPath ?? ''] ?? '',
      ]),
    );
    const service = await startDocumentedService({
      document: PAGE,
      env,
      change: side === 'bad' ? failing : (server) => server,
    });
    pods.push({ side, name, service, served: 0 });
  }

  function variables(): readonly Variable[] {
    const objects = manifestsFor('argo', options).flatMap((file) => file.objects as Workload[]);
    return objects.find(({ kind }) => kind === 'Rollout')?.spec.template.spec.containers[0]?.env ?? [];
  }

  async function use(pod: Pod): Promise<void> {
    for (let i = 0; !isOver; i++) {
      await send(pod.service.port, `/items/${i % 5}`);
      pod.served += 1;
      await delay(10);
    }
  }

  async function analyze(side: 'good' | 'bad'): Promise<void> {
    const [file] = manifestsFor('argo', options);
    const templates = objectsIn(file?.text ?? '', 'analysis.yaml').filter(
      ({ metadata }) => metadata.name === 'checkout-gate',
    );
    const args = { 'canary-hash': HASHES[side], 'stable-hash': HASHES.stable };
    verdicts[side] = await analyzeArgo({ templates, args, prometheus: prometheus.address, clock: createWallClock() });
  }

  /** Runs `coalmine check` for a release. */
  async function check(release: ReleaseOptions): Promise<Ended> {
    const folder = await mkdtemp(join(tmpdir(), 'coalmine-push-'));
    await writeFile(join(folder, 'coalmine.config.json'), JSON.stringify(release));
    const ended = await coalmineIn(folder, ['check', '--prometheus', prometheus.address]);
    await rm(folder, { recursive: true });
    return ended;
  }

  it('promotes a good canary', () => {
    expect(verdicts.good).toMatchObject({
      verdict: 'promote',
      message: expect.stringContaining('no metric was over a limit'),
    });
  });

  it('rolls a bad canary back', () => {
    expect(verdicts.bad).toMatchObject({
      verdict: 'rollback',
      message: expect.stringContaining('metric "error-ratio'),
    });
  });

  it('passes `coalmine check`, which names a missing option', () => {
    const [pushed, scraped] = checked;
    // The amount of traffic and the interval of its exports depend on the machine.
    const missing = pushed?.out.match(/^(?:missing|unknown) .*$/gm) ?? [];
    expect(missing.filter((line) => !/ (?:traffic|scrape interval):/.test(line))).toEqual([]);
    expect(pushed?.out).toMatch(/^there +pods: 3 of checkout in shop have series of Coalmine$/m);
    expect(scraped?.out).toContain('give --push: these pods push');
  });

  it('has the name of the service as the job, and the pod as the instance', async () => {
    const elements = await ask('count by (job, instance) (coalmine_pod_warm)');
    expect(elements.map(({ metric }) => metric).sort(byInstance)).toEqual(
      pods.map(({ name }) => ({ job: 'checkout', instance: `shop.${name}` })).sort(byInstance),
    );
  });

  it('has one element for each pod by the query of the page', async () => {
    const [query] = blocksOf(PAGE).filter(({ language }) => language === 'promql');
    const elements = await ask(query?.text ?? '');
    expect(elements.map(({ value }) => value)).toEqual(pods.map(() => 1));
    expect(elements.map(({ metric }) => metric.k8s_pod_label_rollouts_pod_template_hash).sort()).toEqual(
      Object.values(HASHES).sort(),
    );
  });

  it('has every request of every pod, including the requests before the signal', async () => {
    for (const { name, served } of pods) {
      const [element] = await ask(`sum(http_server_requests_total{k8s_pod_name="${name}"})`);
      expect([name, element?.value]).toEqual([name, served]);
    }
  });

  it('causes no warning of Prometheus', async () => {
    expect(prometheus.log()).not.toMatch(/level=(?:warn|error)/i);
    const own = await (await fetch(`${prometheus.address}/metrics`)).text();
    expect(own).not.toMatch(/^prometheus_api_otlp_translation_warnings_total\{.*\} [1-9]/m);
  });

  async function ask(query: string): Promise<readonly { metric: Record<string, string>; value: number }[]> {
    const answer = await fetch(`${prometheus.address}/api/v1/query?${new URLSearchParams({ query })}`);
    const { data } = (await answer.json()) as {
      data: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  }
});

/** Changes the service into a release that fails every fifth request. */
function failing(server: string): string {
  const [handler] = /async \(\) => 'item'/.exec(server) ?? [];
  if (handler === undefined) throw new Error(`the service of ${PAGE} has another handler`);
  return server.replace(
    handler,
    "async (request, reply) => (request.params.id === '0' ? reply.code(500).send('failed') : 'item')",
  );
}

function byInstance(a: Record<string, string>, b: Record<string, string>): number {
  return String(a.instance).localeCompare(String(b.instance));
}

interface Workload {
  readonly kind: string;
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly { readonly env: readonly Variable[] }[] } };
  };
}

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } };
}
