import { setTimeout as delay } from 'node:timers/promises';
import { manifestsFor, type ReleaseOptions, type Scrape } from '@coalmine/cli';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { blocksOf } from '../support/documents.js';
import { isPrometheusMissing, startConfiguredPrometheus } from '../support/prometheus.js';

const START = blocksOf('docs/start.md').filter(({ heading }) => heading === 'Scrape it');
const ANNOTATIONS: Readonly<Record<string, string>> = START.map(({ language, text }) =>
  language === 'yaml' ? parse(text).metadata?.annotations : undefined,
).find((annotations) => annotations !== undefined);

/** A port of a container. The discovery of Kubernetes makes a target from each port. */
interface Port {
  readonly container: string;
  readonly name: string;
  readonly number: number;
}

const APP: Port = { container: 'app', name: 'http', number: 3000 };
const ADMIN: Port = { container: 'app', name: 'admin', number: 9000 };
const PROXY: Port = { container: 'proxy', name: 'http-envoy-prom', number: 15_090 };
const SHOP: ReleaseOptions = { name: 'shop', namespace: 'eu' };
// The common relabelling of annotations.
const BY_ANNOTATIONS = {
  job_name: 'annotated-pods',
  relabel_configs: [
    { source_labels: ['__meta_kubernetes_pod_annotation_prometheus_io_scrape'], action: 'keep', regex: 'true' },
    {
      source_labels: ['__meta_kubernetes_pod_annotation_prometheus_io_path'],
      target_label: '__metrics_path__',
      regex: '(.+)',
    },
    {
      source_labels: ['__address__', '__meta_kubernetes_pod_annotation_prometheus_io_port'],
      target_label: '__address__',
      regex: '([^:]+)(?::\\d+)?;(\\d+)',
      replacement: '$1:$2',
    },
    { source_labels: ['__meta_kubernetes_namespace'], target_label: 'namespace' },
    { source_labels: ['__meta_kubernetes_pod_name'], target_label: 'pod' },
  ],
};

/** Pods, the jobs that find them, and the addresses at which they are scraped. */
interface Case {
  readonly name: string;
  readonly jobs: readonly object[];
  readonly ports: readonly Port[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly scraped: readonly string[];
}

const WRITTEN = jobOf(SHOP);
const CASES: readonly Case[] = [
  {
    name: 'once by the job that manifests write, with one port',
    jobs: [WRITTEN],
    ports: [APP],
    scraped: [':3000/metrics'],
  },
  {
    name: 'once by the job that manifests write, with a port for metrics',
    jobs: [jobOf({ ...SHOP, adminPort: 9000 })],
    ports: [APP, ADMIN],
    scraped: [':9000/metrics'],
  },
  {
    name: 'once by the job that manifests write, with ports of other containers',
    jobs: [WRITTEN],
    ports: [APP, PROXY, { ...PROXY, name: 'http-admin', number: 15_000 }],
    scraped: [':3000/metrics'],
  },
  {
    name: 'once by a job for annotations, with those of docs/start.md, whatever ports it has',
    jobs: [BY_ANNOTATIONS],
    ports: [APP, ADMIN, PROXY],
    annotations: ANNOTATIONS,
    scraped: [':3000/metrics'],
  },
  {
    name: 'once where both jobs are there, but no annotations',
    jobs: [WRITTEN, BY_ANNOTATIONS],
    ports: [APP, PROXY],
    scraped: [':3000/metrics'],
  },
  {
    name: 'twice with annotations and both jobs, of which docs/start.md and the alert warn',
    jobs: [WRITTEN, BY_ANNOTATIONS],
    ports: [APP, PROXY],
    annotations: ANNOTATIONS,
    scraped: [':3000/metrics', ':3000/metrics'],
  },
];

describe.skipIf(isPrometheusMissing)('a pod is scraped', () => {
  let targets: readonly ActiveTarget[];
  beforeAll(async () => {
    targets = await targetsOf(CASES);
  });

  it.each(CASES)('$name', ({ name, scraped }) => {
    const found = targets.filter(({ scrapePool }) => scrapePool.startsWith(`${name}: `));
    expect(found.map(({ scrapeUrl }) => scrapeUrl.replace('http://127.0.0.1', ''))).toEqual(scraped);
  });
});

it.each(['argo', 'flagger'] as const)('manifests for %s write no annotations that a job could follow', (target) => {
  expect(
    manifestsFor(target, SHOP)
      .map(({ text }) => text)
      .join(),
  ).not.toContain('prometheus.io');
});

it('one object of each kind of monitor is written, with one endpoint', () => {
  for (const [scrape, endpoints] of [
    ['pod-monitor', 'podMetricsEndpoints'],
    ['service-monitor', 'endpoints'],
  ] as const) {
    const objects = objectsOf<{ kind: string; spec: Record<string, unknown[]> }>({ ...SHOP, adminPort: 9000 }, scrape);
    const monitors = objects.filter(({ kind }) => kind.endsWith('Monitor'));
    expect(monitors.map(({ spec }) => spec[endpoints]?.length)).toEqual([1]);
  }
});

it('the monitor of docs/start.md has the name of the one that manifests writes, which takes its place', () => {
  const shown = START.map(({ language, text }) => (language === 'yaml' ? parse(text) : {}));
  const monitor = shown.find(({ kind }) => kind === 'PodMonitor');
  const [written] = objectsOf<{ kind: string; metadata: { name: string } }>({ name: 'shop' });
  expect([written?.kind, written?.metadata.name]).toEqual([monitor.kind, monitor.metadata.name]);
});

function objectsOf<T>(options: ReleaseOptions, scrape?: Scrape): readonly T[] {
  return manifestsFor('prometheus', options, scrape).flatMap(({ objects }) => objects as T[]);
}

/** Returns the job of the manifests, without its discovery. */
function jobOf(options: ReleaseOptions): object {
  const [file] = objectsOf<{ scrape_configs: { kubernetes_sd_configs: unknown }[] }>(options, 'scrape-config');
  const { kubernetes_sd_configs: _, ...job } = file?.scrape_configs[0] ?? { kubernetes_sd_configs: [] };
  return job;
}

/** Returns what a real Prometheus scrapes in all of these cases. */
async function targetsOf(cases: readonly Case[]): Promise<readonly ActiveTarget[]> {
  const jobs = cases.flatMap((each) =>
    each.jobs.map((job, i) => ({ ...job, job_name: `${each.name}: ${i}`, static_configs: discovered(each) })),
  );
  const prometheus = await startConfiguredPrometheus({ scrape_configs: jobs });
  try {
    for (;;) {
      const answer = await fetch(`${prometheus.address}/api/v1/targets`);
      const { data } = (await answer.json()) as { data: { activeTargets: ActiveTarget[]; droppedTargets: Target[] } };
      const known = [...data.activeTargets, ...data.droppedTargets].map((target) => target.discoveredLabels.job);
      // Two targets of a job are one target if they are equal after relabelling.
      if (new Set(known).size === jobs.length) return data.activeTargets;
      await delay(50);
    }
  } finally {
    await prometheus.close();
  }
}

/** Returns the targets that the discovery of Kubernetes finds for a pod: one for each port. */
function discovered({ ports, annotations = {} }: Case): readonly object[] {
  const meta = (name: string): string => `__meta_kubernetes_${name.replace(/\W/g, '_')}`;
  const ofPod = {
    [meta('namespace')]: 'eu',
    [meta('pod_name')]: 'shop-7d9c4b8f6d-x2x4z',
    [meta('pod_phase')]: 'Running',
    [meta('pod_label_app')]: 'shop',
    [meta('pod_label_rollouts_pod_template_hash')]: '7d9c4b8f6d',
    ...Object.fromEntries(Object.entries(annotations).map(([name, value]) => [meta(`pod_annotation_${name}`), value])),
  };
  return ports.map(({ container, name, number }) => ({
    targets: [`127.0.0.1:${number}`],
    labels: {
      ...ofPod,
      [meta('pod_container_name')]: container,
      [meta('pod_container_port_name')]: name,
      [meta('pod_container_port_number')]: String(number),
    },
  }));
}

interface Target {
  readonly discoveredLabels: { readonly job: string };
}

interface ActiveTarget extends Target {
  readonly scrapePool: string;
  readonly scrapeUrl: string;
}
