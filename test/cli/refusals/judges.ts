import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, type Manifest, type Started, startApiServer } from '../../controllers/api-server.js';
import { objectsOf } from './mutants.js';

/** The port of Prometheus in the manifests. */
const PROMETHEUS = 19_190;

/** An API server with the CRDs of both controllers and of the routers, and the controllers on demand. */
export interface Judges {
  /** Responds with the body of a response, whatever its status. */
  call(method: string, path: string, body?: unknown, type?: string): Promise<Answer>;
  /** Starts a controller, which writes to `log`. */
  start(name: string, args: readonly string[]): Started;
  /** The kubeconfig of the controllers. */
  readonly kubeconfig: string;
  stop(): Promise<void>;
}

// The kinds of the routers. Only their names matter here.
const ROUTERS: Readonly<Record<string, readonly string[]>> = {
  'networking.istio.io/VirtualService/virtualservices': ['v1alpha3', 'v1beta1', 'v1'],
  'networking.istio.io/DestinationRule/destinationrules': ['v1alpha3', 'v1beta1', 'v1'],
  'split.smi-spec.io/TrafficSplit/trafficsplits': ['v1alpha1', 'v1alpha2', 'v1alpha3'],
  'traefik.io/TraefikService/traefikservices': ['v1alpha1'],
  'traefik.containo.us/TraefikService/traefikservices': ['v1alpha1'],
  'gateway.networking.k8s.io/HTTPRoute/httproutes': ['v1', 'v1beta1'],
};

/** Starts the API server from the binaries in a folder and waits until the CRDs are served. */
export async function startJudges(binaries: string): Promise<Judges> {
  const files = readdirSync(join(binaries, 'crds')).map((file) => readFileSync(join(binaries, 'crds', file), 'utf8'));
  const controllers = files
    .flatMap(objectsOf)
    .filter(({ spec }) => /argoproj|flagger/.test((spec as { group: string }).group));
  const routers = Object.entries(ROUTERS).map(([name, versions]) => routerCrd(name, versions));
  const server = await startApiServer(join(binaries, 'kube-apiserver'), [...controllers, ...routers]);

  // Flagger asks whether the provider of a metric is online.
  const prometheus = createServer((_, response) => {
    const result = [{ metric: {}, value: [0, '1'] }];
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
  }).listen(PROMETHEUS, '127.0.0.1');

  return {
    call: server.call,
    kubeconfig: server.kubeconfig,
    start: (name, args) => server.start(name, join(binaries, name), args),
    async stop() {
      prometheus.close();
      await server.stop();
    },
  };
}

/** Waits until a condition holds, at most two minutes. */
export async function until(is: () => Promise<boolean>, seconds = 120): Promise<void> {
  for (let left = 2 * seconds; left > 0; left -= 1) {
    if (await is()) return;
    await delay(500);
  }
}

function routerCrd(name: string, versions: readonly string[]): Manifest {
  const [group = '', kind = '', plural = ''] = name.split('/');
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      annotations: { 'api-approved.kubernetes.io': 'unapproved, for a test' },
    },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural },
      versions: versions.map((version, i) => ({ name: version, served: true, storage: i === 0, schema })),
    },
  };
}
