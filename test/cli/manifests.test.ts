import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifestsFor, parseRelease, type ReleaseOptions, type Target } from '@coalmine/cli';
import { createMetrics } from '@coalmine/metrics';
import { parser } from '@prometheus-io/lezer-promql';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { Exposition } from '../support/exposition.js';
import { type Kubernetes, validate } from '../support/kubernetes-schemas.js';
import { isPrometheusMissing } from '../support/prometheus.js';

const ROUTERS = ['basic', 'nginx', 'istio', 'linkerd', 'traefik', 'gateway'] as const;
const TARGETS: readonly Target[] = ['argo', 'flagger', 'prometheus', 'rules', 'grafana'];
const NAMES = {
  requests: 'shop_requests_total',
  duration: 'shop_seconds',
  timed: 'shop_timed_total',
  slow: 'shop_slow_total',
  failed: 'shop_failed_total',
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

describe.each(VARIANTS)('a release of %j', (options) => {
  it.each(TARGETS)('has valid files for %s, whose text is their objects', (target) => {
    for (const scrape of ['pod-monitor', 'service-monitor', 'scrape-config'] as const) {
      const files = manifestsFor(target, options, scrape);
      expect(files.length).toBeGreaterThan(0);
      for (const { name, text, objects } of files) {
        if (name.endsWith('.json')) expect(JSON.parse(text)).toEqual(objects[0]);
        else expect(parseAllDocuments(text).map((document) => document.toJS())).toEqual(objects);
        // Dashboards and files of Prometheus are not applied to a cluster.
        for (const object of objects as Kubernetes[]) if (object.kind !== undefined) validate(object);
      }
    }
  });

  it.each(TARGETS)('has for %s only PromQL that parses', (target) => {
    const queries = manifestsFor(target, options).flatMap(({ objects }) => objects.flatMap(queriesIn));
    if (target !== 'prometheus') expect(queries.length).toBeGreaterThan(5);
    for (const query of queries) expect(errorsOf(query)).toEqual([]);
  });
});

describe('the schemas', () => {
  it.each<[string, object]>([
    ['argo', { strategy: { canary: { steps: [{ setWeight: 'much' }] } } }],
    ['flagger', { analysis: { interval: '150', threshold: 2 } }],
    ['flagger', { provider: 'ngnix' }],
    ['prometheus', { podMetricsEndpoints: [{ interval: 15 }] }],
  ])('refuse what is wrong for %s: %j', (target, wrong) => {
    const kinds: Readonly<Record<string, string>> = { argo: 'Rollout', flagger: 'Canary', prometheus: 'PodMonitor' };
    const objects = manifestsFor(target as Target, { name: 'shop' }).flatMap((file) => file.objects as Kubernetes[]);
    const object = objects.find(({ kind }) => kind === kinds[target]) as Kubernetes;
    expect(() => validate(object)).not.toThrow();
    expect(() => validate({ ...object, spec: { ...object.spec, ...wrong } })).toThrow();
  });
});

describe('the manifests of a release', () => {
  const find = (target: Target, kind: string, options: object): Kubernetes =>
    manifestsFor(target, { name: 'shop', ...options })
      .flatMap((file) => file.objects as Kubernetes[])
      .find((object) => object.kind === kind) as Kubernetes;

  it('point Traefik to the TraefikService of Flagger, which is named after the Service', () => {
    const route = find('flagger', 'IngressRoute', { router: 'traefik', service: 'front' });
    expect(route.spec).toMatchObject({ routes: [{ services: [{ name: 'front', kind: 'TraefikService' }] }] });
  });

  it('keep the old pods for as long as the analysis after the switch may take', () => {
    const delay = (analysis: object): unknown =>
      (find('argo', 'Rollout', { strategy: 'blue-green', analysis }).spec.strategy as Record<string, object>).blueGreen;
    // 330 s before the first measurement of persistence, three of these measurements, and 21 errors, 10 s apart.
    expect(delay({ scrapeSeconds: 15 })).toMatchObject({ scaleDownDelaySeconds: 330 + 90 + 210 });
    // 1,530 s before the first measurement of persistence, three of these measurements, and 69 errors.
    expect(delay({ windowSeconds: 600, count: 20 })).toMatchObject({ scaleDownDelaySeconds: 1530 + 450 + 690 });
  });

  it.each([{}, { windowSeconds: 600, count: 20 }, { scrapeSeconds: 60 }])(
    'compare a release with what stable served before the switch: %j',
    (analysis) => {
      const comparisonIn = (strategy: string) => {
        const metrics = manifestsFor('argo', { name: 'shop', analysis, strategy } as ReleaseOptions)
          .flatMap((file) => file.objects as Kubernetes[])
          .find(({ metadata }) => metadata.name === 'shop-gate')?.spec.metrics as Metric[];
        return metrics.find(({ name }) => name === 'routes-turning-away') as Metric;
      };
      const comparison = comparisonIn('blue-green');
      const selectors = JSON.stringify(comparison).matchAll(
        /args\.(canary|stable)-hash\}\}[^[]*\[\w+\]( offset (\w+))?/g,
      );
      const earlier = { canary: new Set<string>(), stable: new Set<string>() };
      for (const [, side, , offset = ''] of selectors) earlier[side as 'canary' | 'stable'].add(offset);
      const [offset = ''] = earlier.stable;
      // The span of the last measurement ends before the switch.
      const last = seconds(comparison.initialDelay) + ((comparison.count ?? 1) - 1) * seconds(comparison.interval);
      expect(seconds(offset)).toBeGreaterThan(last);
      expect([...earlier.canary]).toEqual(['']);
      expect(JSON.stringify(comparisonIn('canary'))).not.toContain(' offset ');
    },
  );

  it.each(VARIANTS)('of %j have times that fit each other', (options) => {
    const { windowSeconds, scrapeSeconds, startSeconds, intervalSeconds } = parseRelease(options).analysis;
    const settled = windowSeconds + 2 * scrapeSeconds;
    const templates = manifestsFor('argo', options)
      .flatMap((file) => file.objects as Kubernetes[])
      .filter(({ kind }) => kind.endsWith('AnalysisTemplate'));
    expect(templates).toHaveLength(2);
    for (const { metadata, spec } of templates) {
      const metrics = spec.metrics as Metric[];
      for (const metric of metrics.filter(({ name }) => !RECORDS.includes(name))) {
        // A background run starts before the pods.
        const before = metadata.name.endsWith('-guard') ? startSeconds : 0;
        expect(seconds(metric.initialDelay)).toBeGreaterThanOrEqual(settled + before);
        expect(seconds(metric.interval)).toBeGreaterThanOrEqual(intervalSeconds);
        expect(10 * metric.consecutiveErrorLimit).toBeGreaterThanOrEqual(startSeconds + settled);
        if (metric.count !== undefined) {
          expect(Math.max(metric.failureLimit, metric.inconclusiveLimit)).toBeLessThan(metric.count);
        }
        expect(metric.successCondition).toMatch(/^len\(result\) == 1 && /);
        expect(metric.failureCondition).toMatch(/^(?:false$|len\(result\) == 1 && )/);
      }
    }
    const { analysis } = find('flagger', 'Canary', options).spec as {
      analysis: { interval: string; metrics: { thresholdRange?: object }[] };
    };
    expect(seconds(analysis.interval)).toBeGreaterThanOrEqual(settled);
    for (const { thresholdRange } of analysis.metrics) expect(Object.keys(thresholdRange ?? {})).toHaveLength(1);
  });

  it.each(VARIANTS)('of %j record the requests whenever they measure them, and decide nothing by it', (options) => {
    const templates = manifestsFor('argo', options)
      .flatMap((file) => file.objects as Kubernetes[])
      .filter(({ kind }) => kind.endsWith('AnalysisTemplate'));
    for (const { spec } of templates) {
      const metrics = spec.metrics as Metric[];
      const named = (name: string): Metric => metrics.find((metric) => metric.name === name) as Metric;
      const { initialDelay, interval, count, consecutiveErrorLimit } = named('error-ratio');
      for (const name of RECORDS) {
        const { provider, ...terms } = named(name);
        expect(terms).toEqual({
          name,
          initialDelay,
          interval,
          consecutiveErrorLimit,
          ...(count === undefined ? {} : { count }),
          successCondition: 'true',
        });
      }
      const { dryRun } = spec as { dryRun: { metricName: string }[] };
      // A run has the rules of all its templates.
      const others = ['discounts', 'counts-of-orders', ...metrics.map(({ name }) => name)];
      const dry = others.filter((name) => dryRun.some(({ metricName }) => new RegExp(metricName).test(name)));
      expect(dry).toEqual(RECORDS);
    }
  });

  it('give a pod that starts slowly enough time', () => {
    const options = { analysis: { startSeconds: 400 } };
    expect(find('argo', 'Rollout', options).spec).toMatchObject({ progressDeadlineSeconds: 1600 });
    expect(find('flagger', 'Canary', options).spec).toMatchObject({ progressDeadlineSeconds: 1600 });
  });

  it('give targets the labels of the queries, with or without the operator', () => {
    const labels = { namespace: 'kubernetes_namespace', pod: 'kubernetes_pod_name', hash: 'release' };
    const { podMetricsEndpoints } = find('prometheus', 'PodMonitor', { labels }).spec;
    const [{ relabelings }] = podMetricsEndpoints as [
      { relabelings: { sourceLabels: string[]; targetLabel: string }[] },
    ];
    expect(relabelings.map(({ sourceLabels: [from], targetLabel }) => [from, targetLabel])).toEqual([
      ['__meta_kubernetes_namespace', 'kubernetes_namespace'],
      ['__meta_kubernetes_pod_name', 'kubernetes_pod_name'],
      ['__meta_kubernetes_pod_label_rollouts_pod_template_hash', 'release'],
      ['__meta_kubernetes_pod_label_pod_template_hash', 'release'],
    ]);
    const [file] = manifestsFor('prometheus', { name: 'shop', labels }, 'scrape-config');
    for (const label of Object.values(labels)) expect(file?.text).toContain(`target_label: ${label}`);
  });
});

describe('the queries of a release', () => {
  it.each([NAMES, 'otel'] as const)('follow the names %j of its series', (names) => {
    for (const target of TARGETS) {
      const text = manifestsFor(target, { name: 'shop', names })
        .map((file) => file.text)
        .join('');
      // `instrumentation` asks for the other preset, to report that the app has it.
      const asked = text
        .replaceAll(/64 \+ 0 \* count\(.*?\]\)\)/gs, '')
        .replaceAll(/coalmine\/release: .*/g, '')
        .replaceAll(/http_requests_(?:in_flight|overdue)/g, '');
      expect(asked).not.toMatch(/http_requests_|http_request_duration|\bstatus_code/);
    }
  });

  it('read only series that an app with the names of OpenTelemetry has', async () => {
    const asked = TARGETS.flatMap((target) => manifestsFor(target, { name: 'shop', names: 'otel' })).flatMap(
      ({ objects }) => objects.flatMap(queriesIn),
    );
    const series = new Set(asked.flatMap((query) => query.match(/\bhttp_\w+(?=\{)/g) ?? []));
    expect([...series].sort()).toEqual([
      'http_requests_total',
      'http_server_active_requests',
      'http_server_failed_requests_total',
      'http_server_overdue_requests',
      'http_server_request_duration_seconds_bucket',
      'http_server_requests_total',
      'http_server_slow_requests_total',
      'http_server_timed_requests_total',
    ]);
    // The query asks for these names to report that the app has them.
    series.delete('http_requests_total');
    const registry = new Registry();
    const metrics = createMetrics({ registry, names: 'otel' });
    metrics.record(metrics.route('GET', '/items/:id'), 200, 0.1);
    const exposed = new Exposition(await registry.metrics());
    expect([...series].filter((name) => exposed.samples(name).length === 0)).toEqual([]);
    const labels = new Set(asked.flatMap((query) => query.match(/\b\w*status_code\b/g) ?? []));
    expect([...labels]).toEqual(['http_response_status_code']);
    const failed = { http_route: '/items/:id', http_response_status_code: 500 };
    expect(exposed.samples('http_server_requests_total', failed)).toHaveLength(1);
  });

  it('select canary and stable by their template hash under Argo, and by the names of their pods under Flagger', () => {
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

  it('have comments for each part under Argo, and none under Flagger, which joins their lines', () => {
    const commentsOf = (target: Target) =>
      manifestsFor(target, { name: 'shop' })
        .flatMap(({ objects }) => objects.flatMap(queriesIn))
        .map((query) => query.match(/# .*/g) ?? []);
    expect(commentsOf('argo').find(([first]) => first?.includes('failed requests'))).toEqual([
      '# The least share of failed requests that the numbers prove: the lower end of a Wilson score interval.',
      '# The share that is allowed: the objective, or more if stable has more.',
      '# Only with enough requests, and enough of them bad.',
      '# Only if each of the last 3 spans of 1m has too many.',
      '# 0 if nothing is proven, and the series exist.',
      '# No result if a series or a label is missing: the metric instrumentation says which.',
    ]);
    expect(commentsOf('flagger').flat()).toEqual([]);
  });

  // docs/flagger.md says this. Flagger puts a query in a URL, with each run of white space as one space.
  it('have about 8 kB or more in a URL of Flagger only if recording rules are recommended', () => {
    const queryOf = (spec: Kubernetes['spec']) => String(spec.query).replace(/\s+/g, ' ');
    const longQueries = (options: Partial<ReleaseOptions>) =>
      manifestsFor('flagger', { name: 'shop', router: 'nginx', ...options })
        .flatMap(({ objects }) => objects as Kubernetes[])
        .filter(({ kind }) => kind === 'MetricTemplate')
        .filter(({ spec }) => String(new URLSearchParams({ query: queryOf(spec) })).length > 7_900)
        .map(({ metadata }) => metadata.name);
    expect(longQueries({}).sort()).toEqual([
      'shop-error-ratio',
      'shop-error-ratio-since-start',
      'shop-hangs',
      'shop-routes-lost',
      'shop-routes-turning-away',
      'shop-slow-ratio',
      'shop-slow-ratio-since-start',
      'shop-users-refused',
    ]);
    expect(longQueries({ recordingRules: 'flagger' })).toEqual([]);
  });

  it('declare the arguments of every template of Argo, and take the arguments of its Rollout', () => {
    for (const options of VARIANTS) {
      const objects = manifestsFor('argo', options).flatMap((file) => file.objects as Kubernetes[]);
      const rollout = JSON.stringify(objects.find(({ kind }) => kind === 'Rollout'));
      for (const { metadata, spec } of objects.filter(({ kind }) => kind.endsWith('AnalysisTemplate'))) {
        // A preview has no users yet, so it is not compared with stable.
        const declared = (spec.args as { name: string }[])
          .map(({ name }) => name)
          .filter((name) => !(metadata.name.endsWith('-preview') && name === 'stable-hash'));
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

describe.skipIf(isPrometheusMissing)('the files for Prometheus', () => {
  it.each(VARIANTS)('of %j have rules that satisfy promtool', async (options) => {
    const [file] = manifestsFor('rules', options);
    expect(await promtool('check rules', file?.text ?? '')).toMatchObject({ status: 0 });
  });

  it.each(VARIANTS)('of %j have a scrape that satisfies promtool', async (options) => {
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

/** The metrics that decide nothing. */
const RECORDS: readonly string[] = ['counts', 'counts-since-start'];

interface Metric {
  readonly name: string;
  readonly provider: object;
  readonly initialDelay: string;
  readonly interval: string;
  readonly count?: number;
  readonly failureLimit: number;
  readonly inconclusiveLimit: number;
  readonly consecutiveErrorLimit: number;
  readonly successCondition: string;
  readonly failureCondition: string;
}

/** Returns the seconds of a duration in the manifests. */
function seconds(duration: string): number {
  const [, value, unit = ''] = /^(\d+)(ms|s|m)$/.exec(duration) ?? [];
  return Number(value) * ({ ms: 0.001, s: 1, m: 60 }[unit] ?? Number.NaN);
}

/** Returns every query in an object, with its placeholders filled in. */
function queriesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const isQuery = typeof inner === 'string' && (key === 'expr' || (key === 'query' && /[({]/.test(inner)));
    // Functions of Grafana for the values of a variable.
    if (isQuery && /^(?:label_values|query_result)\(/.test(inner)) return [];
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
