import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifestsFor, type ReleaseOptions, type Target } from '@coalmine/cli';
import { createMetrics } from '@coalmine/metrics';
import {
  AnalysisTemplate,
  ClusterAnalysisTemplate,
  Rollout,
} from '@kubernetes-models/argo-rollouts/argoproj.io/v1alpha1';
import { parser } from '@prometheus-io/lezer-promql';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { Exposition } from '../support/exposition.js';
import { isPrometheusMissing } from '../support/prometheus.js';

const ROUTERS = ['basic', 'nginx', 'istio', 'linkerd', 'traefik', 'gateway'] as const;
const TARGETS: readonly Target[] = ['argo', 'flagger', 'prometheus', 'rules', 'grafana'];
const NAMES = {
  requests: 'shop_requests_total',
  duration: 'shop_seconds',
  overdue: 'shop_late',
  labels: { status_code: 'status' },
};

const VARIANTS: readonly ReleaseOptions[] = [
  ...ROUTERS.map((router) => ({ name: 'shop', router })),
  { name: 'shop', strategy: 'blue-green' },
  { name: 'shop', cluster: true, namespace: 'eu', adminPort: 9000 },
  { name: 'shop', objective: { latency: 2, errorRatio: 0.001, overShare: 0.2 }, names: NAMES },
  { name: 'shop', names: 'otel' },
  {
    name: 'shop',
    analysis: { compareWithStable: false, onSilence: 'promote', confidence: 0.95 },
    labels: { hash: 'hash' },
  },
  { name: 'shop', analysis: { scrapeSeconds: 1, windowSeconds: 10, lookbackSeconds: 60, intervalSeconds: 2.5 } },
];

type Model = new (value: never) => { validate(): void };
// Its types are not among what it exports.
const { PodMonitor, PrometheusRule, ServiceMonitor }: Record<string, Model> = createRequire(import.meta.url)(
  '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1',
);

/** The schemas of the custom resources, where there is a package that has them. */
const MODELS: Readonly<Record<string, Model | undefined>> = {
  AnalysisTemplate,
  ClusterAnalysisTemplate,
  Rollout,
  PodMonitor,
  ServiceMonitor,
  PrometheusRule,
};

describe.each(VARIANTS)('a release of %j', (options) => {
  it.each(TARGETS)('is written for %s as what it says it is', (target) => {
    for (const scrape of ['pod-monitor', 'service-monitor', 'scrape-config'] as const) {
      const files = manifestsFor(target, options, scrape);
      expect(files.length).toBeGreaterThan(0);
      for (const { name, text, objects } of files) {
        if (name.endsWith('.json')) expect(JSON.parse(text)).toEqual(objects[0]);
        else expect(parseAllDocuments(text).map((document) => document.toJS())).toEqual(objects);
        for (const object of objects as Kubernetes[]) validate(object);
      }
    }
  });

  it.each(TARGETS)('has for %s only PromQL that parses', (target) => {
    const queries = manifestsFor(target, options).flatMap(({ objects }) => objects.flatMap(queriesIn));
    if (target !== 'prometheus') expect(queries.length).toBeGreaterThan(5);
    for (const query of queries) expect(errorsOf(query)).toEqual([]);
  });
});

describe('the queries of a release', () => {
  it.each([NAMES, 'otel'] as const)('follow the names %j of its series', (names) => {
    for (const target of TARGETS) {
      const text = manifestsFor(target, { name: 'shop', names })
        .map((file) => file.text)
        .join('');
      expect(text).not.toMatch(/http_requests_total|http_request_duration|http_requests_overdue|\bstatus_code/);
    }
  });

  it('are of series that an app with the names of OpenTelemetry has', async () => {
    const asked = TARGETS.flatMap((target) => manifestsFor(target, { name: 'shop', names: 'otel' })).flatMap(
      ({ objects }) => objects.flatMap(queriesIn),
    );
    const series = new Set(asked.flatMap((query) => query.match(/\bhttp_\w+(?=\{)/g) ?? []));
    expect([...series].sort()).toEqual([
      'http_server_active_requests',
      'http_server_overdue_requests',
      'http_server_request_duration_seconds_bucket',
      'http_server_request_duration_seconds_count',
      'http_server_requests_total',
    ]);
    const registry = new Registry();
    createMetrics({ registry, names: 'otel' }).route('GET', '/items/:id');
    const exposed = new Exposition(await registry.metrics());
    expect([...series].filter((name) => exposed.samples(name).length === 0)).toEqual([]);
    const labels = new Set(asked.flatMap((query) => query.match(/\b\w*status_code\b/g) ?? []));
    expect([...labels]).toEqual(['http_response_status_code']);
    const failed = { http_route: '/items/:id', http_response_status_code: 500 };
    expect(exposed.samples('http_server_requests_total', failed)).toHaveLength(1);
  });

  it('look at canary and stable by their template hash under Argo, and by the names of their pods under Flagger', () => {
    const [analysis] = manifestsFor('argo', { name: 'shop' });
    expect(analysis?.text).toContain('rollouts_pod_template_hash="{{args.canary-hash}}"');
    const [canary] = manifestsFor('flagger', { name: 'shop' });
    const [, pattern = ''] = /pod=~"([^"]*)"/.exec(canary?.text ?? '') ?? [];
    const isCanary = new RegExp(`^(?:${pattern.replace('{{ target }}', 'shop')})$`);
    expect('shop-7d9c4b8f6d-x7k2p').toMatch(isCanary);
    for (const other of ['shop-primary-7d9c4b8f6d-x7k2p', 'shop-redis-0', 'shop-worker-7d9c4b8f6d-x7k2p']) {
      expect(other).not.toMatch(isCanary);
    }
  });

  it('say what every template of Argo takes, and take what its Rollout gives', () => {
    for (const options of VARIANTS) {
      const objects = manifestsFor('argo', options).flatMap((file) => file.objects as Kubernetes[]);
      const rollout = JSON.stringify(objects.find(({ kind }) => kind === 'Rollout'));
      for (const { metadata, spec } of objects.filter(({ kind }) => kind.endsWith('AnalysisTemplate'))) {
        const declared = (spec.args as { name: string }[]).map(({ name }) => name);
        const used = new Set(
          [...JSON.stringify(spec.metrics).matchAll(/\{\{args\.([\w-]+)\}\}/g)].map(([, name]) => name),
        );
        expect([...used].sort()).toEqual([...declared].sort());
        expect(rollout).toContain(`"templateName":"${metadata.name}"`);
        for (const name of declared) expect(rollout).toContain(`"name":"${name}"`);
      }
    }
  });
});

describe.skipIf(isPrometheusMissing)('the rules', () => {
  it.each(VARIANTS)('of %j satisfy promtool', async (options) => {
    const [file] = manifestsFor('rules', options);
    expect(await promtool('check rules', file?.text ?? '')).toMatchObject({ status: 0 });
  });

  it.each(VARIANTS)('and the scrape of %j satisfy promtool', async (options) => {
    const [file] = manifestsFor('prometheus', options, 'scrape-config');
    const [object] = file?.objects ?? [];
    const { scrape_configs } = object as { scrape_configs: Record<string, unknown>[] };
    // Debian builds its promtool without the discovery of Kubernetes.
    const known = scrape_configs.map(({ kubernetes_sd_configs, ...rest }) => rest);
    expect(scrape_configs[0]).toHaveProperty('kubernetes_sd_configs.0.role', 'pod');
    expect(await promtool('check config --syntax-only', JSON.stringify({ scrape_configs: known }))).toMatchObject({
      status: 0,
    });
  });
});

interface Kubernetes {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: Record<string, unknown>;
}

function validate(object: Kubernetes): void {
  const Model = MODELS[object.kind];
  if (Model !== undefined) new Model(object as never).validate();
}

/** Every query in an object, wherever it stands; templates filled in. */
function queriesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const isQuery = typeof inner === 'string' && (key === 'expr' || (key === 'query' && /[({]/.test(inner)));
    // Grafana's own function for the values of a variable.
    if (isQuery && inner.startsWith('label_values(')) return [];
    return isQuery ? [inner.replace(/\{\{[^}]*\}\}/g, 'x').replaceAll(/\$__\w+/g, '5m')] : queriesIn(inner);
  });
}

function errorsOf(query: string): readonly string[] {
  const errors: string[] = [];
  parser.parse(query).iterate({
    enter({ type, from, to }) {
      if (type.isError) errors.push(`${query.slice(Math.max(0, from - 20), to + 20)}`);
    },
  });
  return errors;
}

async function promtool(command: string, text: string): Promise<{ status: number | null; said: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'coalmine-rules-'));
  const file = join(folder, 'file.yml');
  await writeFile(file, text);
  const { status, stdout, stderr } = spawnSync('promtool', [...command.split(' '), file], { encoding: 'utf8' });
  await rm(folder, { recursive: true });
  return { status, said: stdout + stderr };
}
