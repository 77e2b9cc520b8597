import {
  lintTemplates,
  manifestsFor,
  parseRelease,
  questionsOf,
  type ReleaseOptions,
  type Scrape,
  type Target,
} from '@coalmine/cli';
import { describe, expect, it } from 'vitest';
import { type Kubernetes, validate } from '../support/kubernetes-schemas.js';

function objectsOf(target: Target, options: ReleaseOptions, scrape?: Scrape): readonly Kubernetes[] {
  return manifestsFor(target, { name: 'shop', ...options }, scrape).flatMap((file) => file.objects as Kubernetes[]);
}

function find(target: Target, kind: string, options: ReleaseOptions): Kubernetes {
  return objectsOf(target, options).find((object) => object.kind === kind) as Kubernetes;
}

const long = (length: number): string => 'a'.repeat(length);

describe('names', () => {
  it.each<[Target, number, string, ReleaseOptions, Scrape?]>([
    ['argo', 56, '-stable', {}],
    ['argo', 55, '-preview', { strategy: 'blue-green' }],
    ['flagger', 55, '-primary', {}],
    ['prometheus', 55, '-metrics', {}, 'service-monitor'],
  ])('for %s have at most %i characters, so that %s fits behind them', (target, most, suffix, options, scrape) => {
    for (const object of objectsOf(target, { ...options, name: long(most) }, scrape)) {
      expect(object.metadata.name.length).toBeLessThanOrEqual(object.kind === 'Service' ? 63 : 253);
    }
    expect(() => objectsOf(target, { ...options, name: long(most + 1) }, scrape)).toThrow(
      `name must be of at most ${most} characters: the Service ${long(most + 1)}${suffix} would have more than 63, got "${long(most + 1)}"`,
    );
  });

  it('start with a letter if a Service has them', () => {
    const refusal = /^name must be a name that starts with a letter, because the Service 2048-\w+ must, got "2048"$/;
    expect(() => objectsOf('argo', { name: '2048' })).toThrow(refusal);
    expect(() => objectsOf('flagger', { name: '2048' })).toThrow(refusal);
    expect(() => objectsOf('prometheus', { name: '2048' }, 'service-monitor')).toThrow(refusal);
    // Where another has the Services, or none is written, Kubernetes takes it.
    objectsOf('flagger', { name: '2048', service: 'game' });
    objectsOf('prometheus', { name: '2048' });
  });

  it('of existing objects leave room for the names that Flagger makes of them', () => {
    expect(() => objectsOf('flagger', { service: long(56) })).toThrow(/^service must be of at most 55 characters/);
    const workload = { deployment: long(56) };
    expect(() => objectsOf('flagger', { workload })).toThrow(/^workload.deployment must be of at most 55 characters/);
    const labels = { app: long(60) };
    expect(() => objectsOf('flagger', { workload: { deployment: 'shop', labels } })).toThrow(
      /^workload.labels must be of at most 55 characters: the label app/,
    );
  });

  // What Kubernetes names pods: https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/storage/names/generate.go
  const podOf = (workload: string, hash: string): string => `${`${workload}-${hash}-`.slice(0, 58)}x2x4z`;

  it.each(Array.from({ length: 55 }, (_, i) => i + 1))(
    'of %i characters keep the pods of both sides apart',
    (length) => {
      const name = long(length);
      const { query } = find('flagger', 'MetricTemplate', { name }).spec as { query: string };
      const patterns = [...new Set([...query.matchAll(/pod=~"([^"]*)"/g)].map(([, pattern = '']) => pattern))];
      const [canary, stable] = patterns.map(
        (pattern) => new RegExp(`^(?:${pattern.replaceAll('{{ target }}', name)})$`),
      );
      const [rules] = manifestsFor('rules', { name });
      const [, both = ''] = /pod=~"([^"]*)"/.exec(rules?.text ?? '') ?? [];
      for (const hash of ['b', '7d9c4b8f6', '7d9c4b8f6d']) {
        expect(podOf(name, hash)).toMatch(canary as RegExp);
        expect(podOf(name, hash)).not.toMatch(stable as RegExp);
        expect(podOf(`${name}-primary`, hash)).toMatch(stable as RegExp);
        expect(podOf(`${name}-primary`, hash)).not.toMatch(canary as RegExp);
        for (const workload of [name, `${name}-primary`])
          expect(podOf(workload, hash)).toMatch(new RegExp(`^(?:${both})$`));
      }
    },
  );
});

describe('the objects of the Prometheus Operator', () => {
  it.each(['pod-monitor', 'service-monitor'] as const)(
    'of %s have the labels by which the operator selects them',
    (scrape) => {
      const labels = { release: 'kube-prometheus-stack', 'example.com/team': 'shop' };
      const objects = objectsOf('prometheus', { operator: { labels } }, scrape);
      const ofOperator = objects.filter(({ apiVersion }) => apiVersion.startsWith('monitoring.coreos.com/'));
      expect(ofOperator).toHaveLength(2);
      for (const { metadata } of ofOperator) expect(metadata).toMatchObject({ labels });
    },
  );

  it.each([{ 'a b': 'x' }, { release: 'a b' }, { release: long(64) }])('take no label %j', (labels) => {
    expect(() => objectsOf('prometheus', { operator: { labels } })).toThrow(/^operator\.labels/);
  });
});

const WORKLOAD = {
  deployment: 'old',
  labels: { 'app.kubernetes.io/name': 'shop', 'app.kubernetes.io/instance': 'eu' },
};

describe('an existing Deployment', () => {
  it('gives a Rollout its pods', () => {
    const { spec } = find('argo', 'Rollout', { workload: WORKLOAD });
    const workloadRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'old', scaleDown: 'onsuccess' };
    expect(spec).toMatchObject({ replicas: 3, workloadRef });
    expect(Object.keys(spec)).not.toContain('template');
    expect(Object.keys(spec)).not.toContain('selector');
    expect(find('argo', 'Service', { workload: WORKLOAD }).spec.selector).toEqual(WORKLOAD.labels);
  });

  it('is the target of Flagger, and no other Deployment is written', () => {
    const objects = objectsOf('flagger', { workload: WORKLOAD });
    expect(objects.map(({ kind }) => kind)).not.toContain('Deployment');
    expect(objects.find(({ kind }) => kind === 'Canary')?.spec).toMatchObject({
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'old' },
    });
  });

  it('is scraped by the labels of its pods, and by the labels of its primary', () => {
    expect(find('prometheus', 'PodMonitor', { workload: WORKLOAD }).spec.selector).toEqual({
      matchExpressions: [
        { key: 'app.kubernetes.io/name', operator: 'In', values: ['shop', 'shop-primary'] },
        { key: 'app.kubernetes.io/instance', operator: 'In', values: ['eu', 'eu-primary'] },
      ],
    });
    const [file] = manifestsFor('prometheus', { name: 'shop', workload: WORKLOAD }, 'scrape-config');
    expect(file?.text).toContain('__meta_kubernetes_pod_label_app_kubernetes_io_name');
  });
});

describe('an autoscaler', () => {
  it.each([
    ['argo', 'Rollout', 'argoproj.io/v1alpha1'],
    ['flagger', 'Deployment', 'apps/v1'],
  ] as const)('for %s scales the %s, which has no replicas of its own', (target, kind, apiVersion) => {
    const options = { autoscale: { max: 9, min: 3, cpu: 60, cpuRequest: '500m' } };
    expect(find(target, 'HorizontalPodAutoscaler', options).spec).toMatchObject({
      scaleTargetRef: { apiVersion, kind, name: 'shop' },
      minReplicas: 3,
      maxReplicas: 9,
    });
    const { spec } = find(target, kind, options);
    expect(Object.keys(spec)).not.toContain('replicas');
    expect(JSON.stringify(spec.template)).toContain('"requests":{"cpu":"500m"}');
    if (target === 'flagger') expect(find(target, 'Canary', options).spec).toHaveProperty('autoscalerRef.name', 'shop');
  });

  it.each<[ReleaseOptions, RegExp]>([
    [{ autoscale: { max: 9 }, replicas: 3 }, /^replicas must be left out: autoscale sets the number of pods, got 3$/],
    [{ autoscale: { min: 3 } }, /^autoscale.max must be given/],
    [{ autoscale: { min: 3, max: 2 } }, /^autoscale.max must be at least autoscale.min: 3, got 2$/],
    [{ autoscale: { max: 2, cpuRequest: 'much' } }, /^autoscale.cpuRequest must be an amount of CPU/],
  ])('is refused with %j', (options, refusal) => {
    expect(() => objectsOf('argo', options)).toThrow(refusal);
  });
});

describe('the ingress', () => {
  it('of nginx has its class and the certificate of its host', () => {
    const options: ReleaseOptions = {
      ...{ router: 'nginx', host: '*.example.com' },
      ingress: { class: 'public', tlsSecret: 'wildcard' },
    };
    for (const target of ['argo', 'flagger'] as const) {
      expect(find(target, 'Ingress', options).spec).toMatchObject({
        ingressClassName: 'public',
        tls: [{ hosts: ['*.example.com'], secretName: 'wildcard' }],
        rules: [{ host: '*.example.com' }],
      });
    }
  });

  it('of Traefik matches all hosts below a domain', () => {
    const options: ReleaseOptions = { router: 'traefik', host: '*.example.com', ingress: { tlsSecret: 'wildcard' } };
    expect(find('argo', 'IngressRoute', options).spec).toMatchObject({
      entryPoints: ['websecure'],
      tls: { secretName: 'wildcard' },
      routes: [{ match: String.raw`HostRegexp(${'`'}^[^.]+\.example\.com$${'`'})` }],
    });
  });

  it('of Istio and of the Gateway API has the gateways of the options', () => {
    const gateways = ['edge/public', 'own'];
    const istio: ReleaseOptions = { router: 'istio', ingress: { gateways } };
    expect(find('argo', 'VirtualService', istio).spec.gateways).toEqual(['mesh', ...gateways]);
    expect(find('flagger', 'Canary', istio).spec.service).toMatchObject({ gateways });
    const api: ReleaseOptions = { router: 'gateway', namespace: 'eu', ingress: { gateways } };
    expect(find('argo', 'HTTPRoute', api).spec.parentRefs).toMatchObject([
      { name: 'public', namespace: 'edge' },
      { name: 'own' },
    ]);
    expect(find('flagger', 'Canary', api).spec.service).toMatchObject({
      gatewayRefs: [
        { name: 'public', namespace: 'edge' },
        { name: 'own', namespace: 'eu' },
      ],
    });
  });

  it.each<[ReleaseOptions, string]>([
    [{ router: 'istio', ingress: { tlsSecret: 'x' } }, 'ingress.tlsSecret must be left out with the router istio'],
    [{ ingress: { class: 'x' } }, 'ingress.class must be left out with the router basic: it is for nginx and traefik'],
    [{ router: 'gateway', ingress: { gateways: [] } }, 'ingress.gateways must be a list of one name at least'],
    [{ router: 'istio', ingress: { gateways: ['a/b/c'] } }, 'ingress.gateways[0] must be the name of a gateway'],
    [{ host: '*' }, 'host must be a host name'],
    [{ host: 'a..example.com' }, 'host must be a host name'],
    [{ host: 'a.*.example.com' }, 'host must be a host name'],
  ])('is refused with %j', (options, refusal) => {
    expect(() => objectsOf('argo', options)).toThrow(refusal);
  });
});

describe('the provider', () => {
  const argo = (provider: ReleaseOptions['provider'], prometheus = 'http://prometheus:9090'): readonly unknown[] => {
    const { spec } = find('argo', 'AnalysisTemplate', { provider, prometheus } as ReleaseOptions);
    const [metric] = spec.metrics as { provider: { prometheus: { query?: string } } }[];
    const { query, ...rest } = metric?.provider.prometheus ?? {};
    return [rest, (spec.args as { name: string; valueFrom?: unknown }[]).filter(({ valueFrom }) => valueFrom)];
  };
  const flagger = (provider: ReleaseOptions['provider']): unknown =>
    find('flagger', 'MetricTemplate', { provider } as ReleaseOptions).spec.provider;

  it.each([
    ['bearer', 'Bearer {{args.prometheus-token}}', 'prometheus-token', 'token'],
    ['basic', 'Basic {{args.prometheus-basic}}', 'prometheus-basic', 'basic'],
  ] as const)('authenticates with a Secret of type %s', (type, value, name, key) => {
    expect(argo({ auth: { type, secret: 'prom' } })).toEqual([
      { address: 'http://prometheus:9090', headers: [{ key: 'Authorization', value }] },
      [{ name, valueFrom: { secretKeyRef: { name: 'prom', key } } }],
    ]);
    expect(flagger({ auth: { type, secret: 'prom' } })).toMatchObject({ secretRef: { name: 'prom' } });
  });

  it('authenticates with OAuth 2 or a signature only under Argo Rollouts', () => {
    const oauth2 = { type: 'oauth2', secret: 'prom', tokenUrl: 'https://id/token', clientId: 'shop' } as const;
    expect(argo({ auth: { ...oauth2, scopes: ['read'] } })[0]).toMatchObject({
      authentication: {
        oauth2: {
          tokenUrl: 'https://id/token',
          clientId: 'shop',
          clientSecret: '{{args.prometheus-client-secret}}',
          scopes: ['read'],
        },
      },
    });
    const amazon = 'https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-1';
    const sigv4 = { type: 'sigv4', region: 'eu-west-1' } as const;
    expect(argo({ auth: sigv4 }, amazon)[0]).toMatchObject({ authentication: { sigv4: { region: 'eu-west-1' } } });
    expect(() => argo({ auth: sigv4 })).toThrow(/^provider.auth.type must be another one: .* aps-workspaces/);
    expect(() => flagger({ auth: oauth2 })).toThrow(/^provider.auth.type must be bearer or basic for Flagger/);
  });

  it('gets the headers of the options, such as the tenant', () => {
    const headers = { 'X-Scope-OrgID': 'shop' };
    expect(argo({ headers, insecure: true, timeoutSeconds: 20 })[0]).toMatchObject({
      headers: [{ key: 'X-Scope-OrgID', value: 'shop' }],
      insecure: true,
      timeout: 20,
    });
    expect(flagger({ headers, insecure: true })).toMatchObject({
      headers: { 'X-Scope-OrgID': ['shop'] },
      insecureSkipVerify: true,
    });
    expect(() => flagger({ timeoutSeconds: 20 })).toThrow(/^provider.timeoutSeconds must be left out for Flagger/);
    expect(() => flagger({ headers, auth: { type: 'bearer', secret: 'prom' } })).toThrow(
      /^provider.auth.type must be basic/,
    );
  });

  it.each<[ReleaseOptions['provider'], RegExp]>([
    [{ headers: { Authorization: 'Bearer secret' } }, /^provider.headers.Authorization must be left out.*got "…"$/],
    [{ headers: { 'X Y': 'z' } }, /^provider.headers must be keyed by names of headers/],
    [{ headers: { X: '{{args.y}}' } }, /^provider.headers.X must be a text/],
    [{ auth: { secret: 'prom' } }, /^provider.auth.type must be given/],
    [{ auth: { type: 'bearer' } }, /^provider.auth.secret must be a Kubernetes name/],
    [{ auth: { type: 'bearer', secret: 'prom', region: 'x' } }, /^provider.auth.region must be left out with bearer/],
  ])('is refused with %j', (provider, refusal) => {
    expect(() => argo(provider)).toThrow(refusal);
  });
});

describe('the manifests for a platform', () => {
  const PLATFORMS: readonly ReleaseOptions[] = [
    { workload: WORKLOAD, autoscale: { max: 4 } },
    { router: 'nginx', host: '*.example.com', ingress: { class: 'public', tlsSecret: 'x' }, autoscale: { max: 4 } },
    { router: 'traefik', host: '*.example.com', ingress: { class: 'public', tlsSecret: 'x', entryPoints: ['edge'] } },
    { router: 'gateway', host: '*.example.com', ingress: { gateways: ['edge/public'] } },
    { router: 'istio', host: '*.example.com', ingress: { gateways: ['edge/public'] } },
    { provider: { auth: { type: 'basic', secret: 'x' }, headers: { 'X-Scope-OrgID': 'shop' } } },
    { operator: { labels: { release: 'stack' } }, name: long(55) },
  ];

  it.each(PLATFORMS)('of %j are accepted by a cluster and by the linter', (options) => {
    for (const target of ['argo', 'flagger', 'prometheus'] as const) {
      for (const object of objectsOf(target, options)) validate(object);
      const files = manifestsFor(target, { name: 'shop', ...options });
      expect(lintTemplates(files.map(({ name, text }) => ({ file: name, text })))).toEqual([]);
    }
  });

  it('have the same queries on every platform', () => {
    const sides = { canary: 'a="b"', stable: 'a="c"' };
    const plain = questionsOf(parseRelease({ name: 'shop' }), sides);
    // A router that splits the requests allows one comparison more.
    const split = questionsOf(parseRelease({ name: 'shop', router: 'nginx', host: 'shop.example' }), sides);
    for (const options of PLATFORMS) {
      const questions = questionsOf(parseRelease({ name: 'shop', ...options }), sides);
      expect(questions).toEqual(options.router === undefined ? plain : split);
    }
  });
});
