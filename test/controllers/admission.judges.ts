import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestsFor, type ReleaseOptions, type Scrape, type Target } from '@coalmine/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { coalmineIn } from '../support/command.js';
import type { Manifest } from './api-server.js';
import { type Server, startServer } from './cluster.js';
import { areMissing, judge } from './judges/judges.js';

const ROUTERS = ['basic', 'nginx', 'istio', 'linkerd', 'traefik', 'gateway'] as const;

/** Options that change the manifests, each separately. */
const OPTIONS: readonly ReleaseOptions[] = [
  {},
  { adminPort: 9000, metricsPath: '/internal/metrics' },
  {
    image: 'registry.example.com:5000/checkout@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
  },
  { host: '*.example.com' },
  { autoscale: { max: 10 } },
  { workload: { deployment: 'checkout', labels: { 'app.kubernetes.io/name': 'checkout' } } },
  { weights: [1, 2, 3, 50, 99] },
  { operator: { labels: { release: 'kube-prometheus-stack' } } },
  { objective: { latency: 2.5, errorRatio: 0.0001, overShare: 0.2 } },
  { analysis: { scrapeSeconds: 1, windowSeconds: 10, lookbackSeconds: 60, intervalSeconds: 2.5, count: 1 } },
  { analysis: { compareWithStable: false, onSilence: 'promote', slowerThanStable: 1.5 } },
  { accept: ['GET /old 301', 'POST /login 4xx'], schema: true },
  { names: 'otel', labels: { namespace: 'k8s_namespace_name', pod: 'k8s_pod_name', hash: 'hash', role: 'role' } },
  { cluster: true },
  { push: true },
];

/** How users reach the routers. */
const INGRESSES: readonly ReleaseOptions[] = [
  { router: 'nginx', ingress: { class: 'internal', tlsSecret: 'checkout-tls' } },
  { router: 'traefik', ingress: { class: 'internal', tlsSecret: 'checkout-tls', entryPoints: ['websecure'] } },
  { router: 'istio', ingress: { gateways: ['istio-system/public', 'local'] } },
  { router: 'gateway', ingress: { gateways: ['gateways/public', 'local'] } },
];

/** How the controllers query, with the controllers that can. */
const PROVIDERS: readonly (readonly [ReleaseOptions, ...Target[]])[] = [
  [{ recordingRules: 'argo' }, 'argo'],
  [{ recordingRules: 'flagger' }, 'flagger'],
  [{ provider: { headers: { 'X-Scope-OrgID': 'shop' } } }, 'argo'],
  [{ provider: { insecure: true } }, 'argo', 'flagger'],
  [{ provider: { timeoutSeconds: 60 } }, 'argo'],
  [{ provider: { auth: { type: 'bearer', secret: 'prometheus' } } }, 'argo', 'flagger'],
  [{ provider: { auth: { type: 'basic', secret: 'prometheus' } } }, 'argo', 'flagger'],
  [
    {
      provider: {
        auth: { type: 'oauth2', secret: 'prometheus', tokenUrl: 'https://login.example.com/token', clientId: 'argo' },
      },
    },
    'argo',
  ],
  [
    {
      prometheus: 'https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-1',
      provider: { auth: { type: 'sigv4', region: 'eu-west-1', profile: 'shop' } },
    },
    'argo',
  ],
];

const SCRAPES: readonly Scrape[] = ['pod-monitor', 'service-monitor'];

const isMissing = areMissing('kube-apiserver', 'kubectl', 'kubectl-argo-rollouts');

let server: Server;

beforeAll(async () => {
  if (isMissing) return;
  server = await startServer('all');
  await server.createNamespace('shop');
});

afterAll(async () => {
  if (!isMissing) await server.stop();
});

describe.skipIf(isMissing)('a strict API server accepts what is written', () => {
  const both = [...OPTIONS, ...INGRESSES].map((options) => [options, 'argo', 'flagger'] as const);
  it.each(ROUTERS)('for Argo Rollouts and Flagger, with the router %s', async (router) => {
    for (const [options, ...targets] of [...both, ...PROVIDERS]) {
      if ((options.router ?? router) !== router) continue;
      for (const target of targets) {
        for (const strategy of strategiesOf(target, options))
          await accepts(target, { ...options, router, ...strategy });
      }
    }
  });

  it('for a Prometheus with recording rules', async () => {
    for (const recorder of ['argo', 'flagger'] as const) await accepts('prometheus', { recordingRules: recorder });
  });

  it('for the Prometheus Operator', async () => {
    // Pods that push are not scraped.
    const scraped = OPTIONS.filter(({ push }) => push === undefined);
    for (const options of scraped) for (const scrape of SCRAPES) await accepts('prometheus', options, scrape);
  });
});

describe.skipIf(isMissing)('a strict API server', () => {
  it('would refuse a field that is misspelt', async () => {
    const metadata = { name: 'checkout', namespace: 'shop' };
    const monitor = { apiVersion: 'monitoring.coreos.com/v1', kind: 'PodMonitor', metadata };
    const spec = { selector: {}, podMetricsEndpoints: [{ port: 'http', intervall: '15s' }] };
    expect(await server.apply({ ...monitor, spec }, true)).toContain('intervall');
  });
});

describe.skipIf(isMissing)('kubectl argo rollouts lint', () => {
  it.each(['canary', 'blue-green'] as const)('accepts a Rollout of %s with each router', (strategy) => {
    for (const router of ROUTERS) {
      const files = manifestsFor('argo', { name: 'checkout', namespace: 'shop', router, strategy });
      const file = join(server.folder, 'lint.yaml');
      writeFileSync(file, files.map(({ text }) => text).join('---\n'));
      const { status, stdout, stderr } = spawnSync(judge('kubectl-argo-rollouts'), ['lint', '-f', file], {
        encoding: 'utf8',
      });
      expect(status, `${router}: ${stdout}${stderr}`).toBe(0);
    }
  });
});

describe.skipIf(isMissing)('kubectl', () => {
  it('applies a template that `coalmine manifests` calls too long with --server-side only', async () => {
    const accept = Array.from({ length: 20 }, (_, i) => `--accept=GET /${'long'.repeat(40)}/:id ${401 + i}`);
    const options = ['manifests', 'argo', '--name', 'long', '--namespace', 'shop', '--out', '.', ...accept];
    const { said } = await coalmineIn(server.folder, options);
    expect(said).toContain('AnalysisTemplate long-gate is too long for `kubectl apply`');
    const apply = (...flags: readonly string[]): string => {
      const file = join(server.folder, 'analysis.yaml');
      const args = ['--kubeconfig', server.kubeconfig, 'apply', '-f', file, ...flags];
      const { stdout, stderr } = spawnSync(judge('kubectl'), args, { encoding: 'utf8' });
      return stdout + stderr;
    };
    expect(apply()).toMatch(/"long-gate" is invalid: metadata\.annotations: Too long/);
    expect(apply('--server-side')).toContain('long-gate serverside-applied');
  });
});

function strategiesOf(target: Target, { recordingRules }: ReleaseOptions): readonly ReleaseOptions[] {
  if (target !== 'argo') return [{}];
  // Blue-green swaps the roles that the rules for Argo Rollouts read.
  return recordingRules === 'argo' ? [{ strategy: 'canary' }] : [{ strategy: 'canary' }, { strategy: 'blue-green' }];
}

async function accepts(target: Target, options: ReleaseOptions, scrape?: Scrape): Promise<void> {
  const release = { name: 'checkout', namespace: 'shop', ...options };
  const objects = manifestsFor(target, release, scrape).flatMap((file) => file.objects as readonly Manifest[]);
  expect(objects.length).toBeGreaterThan(0);
  for (const object of objects) {
    const refused = await server.apply(object, true);
    expect(refused, `${target} ${JSON.stringify(options)}: ${String(object.kind)}`).toBeUndefined();
  }
}
