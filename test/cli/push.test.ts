import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifestsFor, parseRelease, type ReleaseOptions, type Target } from '@coalmine/cli';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { coalmineIn } from '../support/command.js';
import { fileIn } from '../support/documents.js';
import { type Kubernetes, validate } from '../support/kubernetes-schemas.js';

const TARGETS: readonly Target[] = ['argo', 'flagger', 'prometheus', 'rules', 'grafana'];
const PUSHED: ReleaseOptions = { name: 'shop', push: true };
const BY_HAND: ReleaseOptions = {
  name: 'shop',
  names: 'otel',
  labels: {
    namespace: 'k8s_namespace_name',
    pod: 'k8s_pod_name',
    hash: 'k8s_pod_label_rollouts_pod_template_hash',
  },
};

const objectsFor = (target: Target, options: ReleaseOptions): readonly Kubernetes[] =>
  manifestsFor(target, options).flatMap(({ objects }) => objects as Kubernetes[]);

describe('a release whose pods push', () => {
  it('is queried by the names and labels that a Prometheus makes of what the pods send', () => {
    const { push: _, ...pushed } = parseRelease(PUSHED);
    const { push: __, ...byHand } = parseRelease(BY_HAND);
    expect(pushed).toEqual(byHand);
    const templates = (options: ReleaseOptions) =>
      objectsFor('argo', options).filter(({ kind }) => kind === 'AnalysisTemplate');
    expect(templates(PUSHED)).toEqual(templates(BY_HAND));
  });

  it('is queried by the labels that docs/push.md promotes', () => {
    const { promote_resource_attributes: promoted } = parse(fileIn('docs/push.md', 'prometheus.yml')).otlp;
    const { namespace, pod, hash } = parseRelease(PUSHED).labels;
    expect(promoted.map((attribute: string) => attribute.replace(/\W/g, '_'))).toEqual([namespace, pod, hash]);
  });

  it.each(TARGETS)('has objects for %s that a cluster accepts, and no scrape', (target) => {
    const objects = objectsFor(target, PUSHED);
    expect(objects.length).toBeGreaterThan(0);
    for (const object of objects) if (object.kind !== undefined) validate(object);
    expect(objects.map(({ kind }) => kind)).not.toContain('PodMonitor');
    if (target === 'prometheus') expect(objects.map(({ kind }) => kind)).toEqual(['PrometheusRule']);
  });

  it.each(['argo', 'flagger'] as const)(
    'tells the pods of %s where to send, how often, and under which name',
    (target) => {
      const options = {
        ...PUSHED,
        prometheus: 'https://metrics.example.com/prometheus/',
        analysis: { scrapeSeconds: 2.5 },
      };
      const given = Object.fromEntries(
        environmentOf(objectsFor(target, options)).flatMap(({ name, value }) =>
          value === undefined ? [] : [[name, value]],
        ),
      );
      expect(given).toEqual({
        OTEL_SERVICE_NAME: 'shop',
        OTEL_METRIC_EXPORT_INTERVAL: '2500',
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'https://metrics.example.com/prometheus/api/v1/otlp/v1/metrics',
      });
      expect(
        environmentOf(objectsFor(target, { name: 'shop' })).every(({ valueFrom }) => valueFrom !== undefined),
      ).toBe(true);
    },
  );

  it.each<[object, string]>([
    [
      { names: { requests: 'shop_requests_total' } },
      "names must be 'otel', or left out with push: over OTLP the series have these names, got an object",
    ],
    [
      { labels: { pod: 'pod' } },
      'labels.pod must be \'k8s_pod_name\', or left out with push: a Prometheus makes this label of the attributes that the pods send, got "pod"',
    ],
    [{ labels: { role: 'role' } }, 'labels.role must be left out with push: no scrape sets this label, got "role"'],
    [{ metricsPath: '/m' }, 'metricsPath must be left out with push: pods that push are not scraped, got "/m"'],
    [
      { recordingRules: 'argo' },
      'recordingRules must be \'flagger\', or left out with push: a pod cannot send which role Argo Rollouts gives it, got "argo"',
    ],
    [{ push: 'yes' }, 'push must be true or false, got "yes"'],
  ])('refuses %j in one sentence', (more, message) => {
    expect(() => parseRelease({ ...PUSHED, ...more } as never)).toThrow(
      expect.objectContaining({ code: 'COALMINE_INVALID_OPTION', message }),
    );
  });

  it('accepts the options that it implies', () => {
    expect(parseRelease({ ...BY_HAND, push: true })).toEqual(parseRelease(PUSHED));
  });

  it('has recording rules for Flagger, which tells its pods by their names', () => {
    expect(() => parseRelease({ ...PUSHED, recordingRules: 'flagger' })).not.toThrow();
  });
});

describe('coalmine manifests --push', () => {
  it('writes the same as the key of the config file, and refuses options that clash with the flag', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'coalmine-push-'));
    try {
      await writeFile(join(folder, 'coalmine.config.yaml'), fileIn('docs/push.md', 'coalmine.config.yaml'));
      await writeFile(join(folder, 'other.yaml'), 'name: checkout\nnamespace: shop\n');
      const written = await coalmineIn(folder, ['manifests', 'argo']);
      expect(written).toMatchObject({ code: 0, said: '' });
      expect(written.out).toContain('k8s_pod_label_rollouts_pod_template_hash=');
      expect(await coalmineIn(folder, ['manifests', 'argo', '-c', 'other.yaml', '--push'])).toEqual(written);
      const clashes = await Promise.all(
        [
          ['--scrape', 'pod-monitor'],
          ['--series', 'requests=shop_requests_total'],
          ['--metrics-path', '/m'],
        ].map((more) => coalmineIn(folder, ['manifests', 'prometheus', ...more])),
      );
      expect(clashes.map(({ code, said }) => [code, said])).toEqual([
        [
          2,
          expect.stringContaining(
            'scrape must be left out with push: pods that push are not scraped, got "pod-monitor"',
          ),
        ],
        [2, expect.stringContaining("names must be 'otel', or left out with push")],
        [2, expect.stringContaining('metricsPath (--metrics-path) must be left out with push')],
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: object;
}

function environmentOf(objects: readonly Kubernetes[]): readonly Variable[] {
  const workload = objects.find(({ kind }) => kind === 'Rollout' || kind === 'Deployment');
  const template = workload?.spec.template as { spec: { containers: { env: Variable[] }[] } } | undefined;
  return template?.spec.containers[0]?.env ?? [];
}
