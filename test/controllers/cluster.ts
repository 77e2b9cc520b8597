import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { objectsOf } from '../cli/refusals/mutants.js';
import { type ApiServer, create, type Manifest, startApiServer } from './api-server.js';
import { JUDGES, judge } from './judges/judges.js';
import { type Kubelet, startKubelet } from './kubelet.js';

/** The purpose of the custom resources of a cluster. */
export type Resources = 'controllers' | 'all';

/** An API server with the definitions of custom resources. */
export interface Server extends ApiServer {
  /** Applies an object as `kubectl apply --server-side --validate=strict` does. Returns what the server refuses. */
  apply(object: Manifest, isDryRun?: boolean): Promise<string | undefined>;
  createNamespace(name: string): Promise<void>;
}

/** A server that runs pods. */
export interface Cluster extends Server {
  readonly kubelet: Kubelet;
}

/** Starts an API server with the custom resources of the controllers, or of all tools that manifests are written for. */
export async function startServer(resources: Resources): Promise<Server> {
  const files = readdirSync(join(JUDGES, 'crds')).filter(
    (file) => resources === 'all' || /argo-rollouts|flagger/.test(file),
  );
  const definitions = files.flatMap((file) => objectsOf(readFileSync(join(JUDGES, 'crds', file), 'utf8')));
  const server = await startApiServer(judge('kube-apiserver'), definitions);
  const plurals = new Map<string, string>();

  return {
    ...server,
    async createNamespace(name) {
      await create(server, '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    },
    async apply(object, isDryRun = false) {
      const { apiVersion, kind, metadata } = object as {
        apiVersion: string;
        kind: string;
        metadata: { name: string; namespace?: string };
      };
      const group = `/${apiVersion.includes('/') ? 'apis' : 'api'}/${apiVersion}`;
      const plural = await pluralOf(group, kind);
      if (plural === undefined) return `no matches for kind ${kind} in ${apiVersion}`;
      const space = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
      const query = `fieldManager=judge&force=true&fieldValidation=Strict${isDryRun ? '&dryRun=All' : ''}`;
      const path = `${group}${space}/${plural}/${metadata.name}?${query}`;
      const { status, body } = await server.call('PATCH', path, object, 'application/apply-patch+yaml');
      return status >= 200 && status < 300 ? undefined : String(body.message ?? status);
    },
  };

  async function pluralOf(group: string, kind: string): Promise<string | undefined> {
    const key = `${group} ${kind}`;
    if (!plurals.has(key)) {
      const { body } = await server.call('GET', group);
      for (const resource of (body.resources ?? []) as readonly { name: string; kind: string }[]) {
        if (!resource.name.includes('/')) plurals.set(`${group} ${resource.kind}`, resource.name);
      }
    }
    return plurals.get(key);
  }
}

/** Starts a server with the controllers of Kubernetes that releases need, and runs pods. */
export async function startCluster(resources: Resources = 'controllers'): Promise<Cluster> {
  const server = await startServer(resources);
  server.start('kube-controller-manager', judge('kube-controller-manager'), [
    `--kubeconfig=${server.kubeconfig}`,
    `--service-account-private-key-file=${join(server.folder, 'key.pem')}`,
    '--leader-elect=false',
    '--secure-port=0',
    // Runs no endpoint controllers, because pods have addresses on loopback.
    '--controllers=deployment-controller,replicaset-controller,namespace-controller,garbage-collector-controller',
  ]);
  const kubelet = await startKubelet(server);
  return {
    ...server,
    kubelet,
    async stop() {
      await kubelet.stop();
      await server.stop();
    },
  };
}
