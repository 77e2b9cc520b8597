import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { manifestsFor } from '@coalmine/cli';
import { createMetrics } from '@coalmine/metrics';
import { type Identity, identityAttributes, identityLabels, readIdentity, rolloutDetector } from '@coalmine/otel';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { detectResources, type ResourceDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import * as stable from '@opentelemetry/semantic-conventions';
import * as incubating from '@opentelemetry/semantic-conventions/incubating';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { Exposition, scrape } from '../support/exposition.js';

const POD = fileURLToPath(new URL('./fixtures/pod.mjs', import.meta.url));

const ON_ARGO: Identity = {
  pod: 'shop-7d9c4b8f6d-x7k2p',
  namespace: 'eu',
  hash: '7d9c4b8f6d',
  workload: 'shop',
  version: '1.4.2',
  service: 'shop',
};
const ON_FLAGGER: Identity = {
  pod: 'shop-primary-7d9c4b8f6d-x7k2p',
  namespace: 'eu',
  role: 'primary',
  workload: 'shop-primary',
};

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

describe('the attributes of an identity', () => {
  it.each([
    ['the stable conventions', stable],
    ['all conventions', incubating],
  ])('have the names that %s give them', (_which, names) => {
    expect(identityAttributes(ON_ARGO)).toEqual({
      [names.ATTR_SERVICE_NAME]: 'shop',
      [names.ATTR_SERVICE_VERSION]: '1.4.2',
      [names.ATTR_K8S_NAMESPACE_NAME]: 'eu',
      [names.ATTR_K8S_POD_NAME]: 'shop-7d9c4b8f6d-x7k2p',
      [names.ATTR_K8S_POD_LABEL('rollouts-pod-template-hash')]: '7d9c4b8f6d',
      [names.ATTR_K8S_REPLICASET_NAME]: 'shop-7d9c4b8f6d',
      'coalmine.rollout.name': 'shop',
    });
    expect(identityAttributes(ON_FLAGGER)).toEqual({
      [names.ATTR_K8S_NAMESPACE_NAME]: 'eu',
      [names.ATTR_K8S_POD_NAME]: 'shop-primary-7d9c4b8f6d-x7k2p',
      [names.ATTR_K8S_DEPLOYMENT_NAME]: 'shop-primary',
      'coalmine.rollout.role': 'primary',
    });
  });

  it('are absent if nothing is known', () => {
    expect(identityAttributes({})).toEqual({});
    expect(identityLabels({})).toEqual({});
  });

  it('name no ReplicaSet without the Rollout', () => {
    expect(Object.keys(identityAttributes({ hash: '5b' }))).toEqual(['k8s.pod.label.rollouts-pod-template-hash']);
  });
});

describe('the labels of an identity', () => {
  it.each([ON_ARGO, ON_FLAGGER])('are the labels that OpenTelemetry gives a Prometheus: %j', async (identity) => {
    const reader = new PrometheusExporter({ preventServerStart: true });
    const resource = resourceFromAttributes(identityAttributes(identity));
    const provider = new MeterProvider({ resource, readers: [reader] });
    closing.push(() => provider.shutdown());
    provider.getMeter('shop').createCounter('requests').add(1);
    const origin = await listen((request, response) => reader.getMetricsRequestHandler(request, response));

    const [info] = (await scrape(origin)).samples('target_info');
    expect(info?.labels).toMatchObject(identityLabels(identity));
  });

  it('are few, and none of them is a label of a target', () => {
    expect(identityLabels(ON_ARGO)).toEqual({
      k8s_namespace_name: 'eu',
      k8s_pod_label_rollouts_pod_template_hash: '7d9c4b8f6d',
      k8s_pod_name: 'shop-7d9c4b8f6d-x7k2p',
      service_version: '1.4.2',
    });
    expect(identityLabels(ON_FLAGGER)).toEqual({
      coalmine_rollout_role: 'primary',
      k8s_namespace_name: 'eu',
      k8s_pod_name: 'shop-primary-7d9c4b8f6d-x7k2p',
    });
  });

  it.each(['otel', undefined] as const)('are accepted beside the names %s', (names) => {
    const labels = identityLabels({ ...ON_ARGO, role: 'canary' });
    const options = names === undefined ? { labels } : { labels, names };
    expect(() => createMetrics({ registry: new Registry(), ...options })).not.toThrow();
  });
});

describe('the detector', () => {
  it('is a detector of OpenTelemetry, and overrides the detectors before it', () => {
    const env = { POD_NAME: 'shop-0', APP_VERSION: '2' };
    const detector: ResourceDetector = rolloutDetector({ env, podinfo: '/none', serviceAccount: '/none' });
    const earlier: ResourceDetector = { detect: () => ({ attributes: { 'service.version': '1', 'host.name': 'a' } }) };
    expect(detectResources({ detectors: [earlier, detector] }).attributes).toEqual({
      'host.name': 'a',
      'k8s.pod.name': 'shop-0',
      'service.instance.id': 'shop-0',
      'service.version': '2',
    });
  });

  it('refuses a wrong option when it is created, because the SDK would drop the error', () => {
    expect(() => rolloutDetector({ pod: '' })).toThrow('pod must be a string that is not empty, got ""');
  });
});

describe('a pod of our manifests', () => {
  const hash = { 'rollouts-pod-template-hash': '7d9c4b8f6d' };
  it.each([
    [
      'argo',
      { name: 'shop-7d9c4b8f6d-x7k2p', labels: { app: 'shop', ...hash } },
      { hash: '7d9c4b8f6d', workload: 'shop' },
    ],
    // Flagger copies the Deployment. The name and the label of the copy have the same suffix.
    [
      'flagger',
      { name: 'shop-primary-7d9c4b8f6d-x7k2p', labels: { app: 'shop-primary' } },
      { role: 'primary', workload: 'shop-primary' },
    ],
    ['flagger', { name: 'shop-7d9c4b8f6d-x7k2p', labels: { app: 'shop' } }, { role: 'canary', workload: 'shop' }],
  ] as const)('for %s as %j says the same in traces and metrics', async (target, metadata, told) => {
    const env = downward(target, { ...metadata, namespace: 'eu' });
    const identity: Identity = { pod: metadata.name, namespace: 'eu', version: '1.4.2', ...told };
    expect(readIdentity({ env, podinfo: '/none', serviceAccount: '/none' })).toEqual({
      ...identity,
      version: undefined,
    });

    // The image has a version. The SDK itself reads the name of the service, which stays unchanged.
    const { attributes, exposition } = await run({ ...env, APP_VERSION: '1.4.2', OTEL_SERVICE_NAME: 'checkout' });
    expect(attributes).toMatchObject({ ...identityAttributes(identity), 'service.name': 'checkout' });
    for (const name of ['http_requests_total', 'http_request_duration_seconds_count', 'http_requests_in_flight']) {
      const [sample] = exposition.samples(name);
      expect(sample?.labels).toMatchObject(identityLabels(identity));
    }
  });

  it('keeps what OTEL_RESOURCE_ATTRIBUTES says', async () => {
    const env = { APP_VERSION: '1.4.2', OTEL_RESOURCE_ATTRIBUTES: 'service.version=of-the-operator' };
    expect((await run(env)).attributes).toMatchObject({ 'service.version': 'of-the-operator' });
  });
});

interface Metadata {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Returns the environment that Kubernetes gives the container of our manifests in a pod. A missing label is empty. */
function downward(target: 'argo' | 'flagger', { labels, ...fields }: Metadata): Record<string, string> {
  const objects = manifestsFor(target, { name: 'shop', namespace: 'eu' }).flatMap((file) => file.objects as Workload[]);
  const workload = objects.find(({ kind }) => kind === 'Rollout' || kind === 'Deployment');
  const variables = workload?.spec.template.spec.containers[0]?.env ?? [];
  return Object.fromEntries(
    variables.map(({ name, valueFrom: { fieldRef } }) => {
      const [, field, label] = /^metadata\.(?:(name|namespace)|labels\['(.+)'\])$/.exec(fieldRef.fieldPath) ?? [];
      return [name, label === undefined ? fields[field as 'name' | 'namespace'] : (labels[label] ?? '')];
    }),
  );
}

interface Workload {
  readonly kind: string;
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: readonly { readonly env: readonly Variable[] }[] };
    };
  };
}

interface Variable {
  readonly name: string;
  readonly valueFrom: { readonly fieldRef: { readonly fieldPath: string } };
}

/** Runs a pod with an environment and the built packages. Returns the attributes of its resource, and its exposition. */
async function run(env: Record<string, string>): Promise<{ attributes: object; exposition: Exposition }> {
  let exported: Export | undefined;
  const origin = await listen(async (request, response) => {
    exported = (await json(request)) as Export;
    response.setHeader('content-type', 'application/json').end('{}');
  });
  let exposition = '';
  const child = fork(POD, {
    execArgv: [],
    env: {
      ...env,
      OTEL_EXPORTER_OTLP_ENDPOINT: origin,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
    },
  });
  child.once('message', (text) => {
    exposition = text as string;
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`the pod ended with ${code}`);
  const attributes = exported?.resourceSpans[0]?.resource.attributes ?? [];
  return {
    attributes: Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue])),
    exposition: new Exposition(exposition),
  };
}

/** The part of an OTLP export of traces that the test reads. */
interface Export {
  readonly resourceSpans: readonly {
    readonly resource: {
      readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
    };
  }[];
}

/** Starts a server on loopback, which is closed after the test. */
async function listen(handle: RequestListener): Promise<string> {
  const server = createServer(handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
