import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestsFor, type ReleaseOptions } from '@coalmine/cli';
import { freePort } from '../support/server-process.js';
import { type Manifest, type Started, until } from './api-server.js';
import type { Cluster } from './cluster.js';
import { judge } from './judges/judges.js';
import { startUsers, type Users } from './users.js';

export type Controller = 'argo' | 'flagger';
export type Strategy = 'canary' | 'blue-green';

/** A service whose first version runs, with its own controller, Prometheus and users. */
export interface Stage {
  readonly cluster: Cluster;
  readonly controller: Controller;
  readonly strategy: Strategy;
  readonly namespace: string;
  readonly users: Users;
  /** The applied objects. */
  readonly objects: readonly Manifest[];
  /** The address of Prometheus. */
  readonly prometheus: string;
  /** Reads an object of the namespace. */
  read(path: string): Promise<Manifest>;
  /** Lists objects of the namespace. */
  list(path: string): Promise<readonly Manifest[]>;
  /** Sends a merge patch to an object of the namespace. Throws if the patch is refused. */
  patch(path: string, patch: object): Promise<void>;
  endController(): Promise<void>;
  startController(): void;
  endPrometheus(): Promise<void>;
  startPrometheus(): Promise<void>;
  stop(): Promise<void>;
}

export const ROLLOUT = '/apis/argoproj.io/v1alpha1:rollouts/checkout';
export const RUNS = '/apis/argoproj.io/v1alpha1:analysisruns';
export const CANARY = '/apis/flagger.app/v1beta1:canaries/checkout';
export const DEPLOYMENT = '/apis/apps/v1:deployments/checkout';
export const EVENTS = '/api/v1:events';

/**
 * Requests a second. A canary at 20 % gets 16 of them: 160 in a window of 10 s, where `minRequests` is 20, and 24 of the login
 * or of the cart in the 6 s that a span reads. Of the 160, a bug of service.mjs makes about 25 bad or more, where 15 are
 * evidence; of the 24, it makes 12 or all bad, where 3 standard errors are 5.
 */
export const REQUESTS = 80;

/** Seconds that stand for the minutes of the defaults, and limits that hold on a busy machine. */
function releaseOf(
  controller: Controller,
  strategy: Strategy,
  namespace: string,
  prometheus: string,
  image: string,
): ReleaseOptions {
  return {
    name: 'checkout',
    namespace,
    image: `${image}:v1`,
    replicas: 2,
    router: strategy === 'canary' ? 'nginx' : 'basic',
    // Flagger does blue-green if it has no router.
    strategy: controller === 'argo' ? strategy : 'canary',
    weights: [20, 50],
    prometheus,
    objective: { latency: 1 },
    analysis: { scrapeSeconds: 1, windowSeconds: 10, lookbackSeconds: 90, intervalSeconds: 2, startSeconds: 3 },
  };
}

/** Starts the first version of a service and waits until it serves users. */
export async function startStage(
  cluster: Cluster,
  controller: Controller,
  strategy: Strategy,
  namespace: string,
  image: string,
): Promise<Stage> {
  const port = await freePort();
  const prometheusAddress = `http://127.0.0.1:${port}`;
  const pathOf = (path: string): string => {
    const [group, rest] = path.split(':');
    return `${group}/namespaces/${namespace}/${rest}`;
  };
  let prometheus: Started | undefined;
  let running: Started | undefined;
  const config = join(cluster.folder, `${namespace}.yml`);

  const startPrometheus = async (): Promise<void> => {
    prometheus = cluster.start(`${namespace}-prometheus`, judge('prometheus'), [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(cluster.folder, `${namespace}-data`)}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    await until('Prometheus is ready', async () => {
      const response = await fetch(`${prometheusAddress}/-/ready`).catch(() => undefined);
      return response?.ok === true;
    });
  };
  /** Returns the only value of a query, or 0 if there is none. */
  const ask = async (query: string): Promise<number> => {
    const response = await fetch(`${prometheusAddress}/api/v1/query?query=${encodeURIComponent(query)}`);
    const { data } = (await response.json()) as { data: { result: readonly { value: readonly [number, string] }[] } };
    return Number(data.result[0]?.value[1] ?? 0);
  };
  const read = async (path: string): Promise<Manifest> => {
    const { status, body } = await cluster.call('GET', pathOf(path));
    if (status !== 200) throw new Error(`GET ${path}: ${String(body.message ?? status)}`);
    return body;
  };
  const startController = (): void => {
    running = cluster.start(`${namespace}-${controller}`, ...commandOf(controller, cluster, namespace, ports));
  };
  const ports = [await freePort(), await freePort()] as const;
  writeFileSync(config, JSON.stringify(scrapeOf(cluster, namespace, ports[0])));

  await cluster.createNamespace(namespace);
  await startPrometheus();
  const release = releaseOf(controller, strategy, namespace, prometheusAddress, image);
  const objects = manifestsFor(controller, release).flatMap((file) => file.objects as readonly Manifest[]);
  for (const object of objects) {
    const refused = await cluster.apply(object);
    if (refused !== undefined) throw new Error(refused);
  }
  startController();
  const services = controller === 'argo' ? ['checkout-active', 'checkout-preview'] : ['checkout', 'checkout-canary'];
  const users = startUsers(cluster, cluster.kubelet, namespace, REQUESTS, services);

  const stage: Stage = {
    ...{ cluster, controller, strategy, namespace, users, objects, prometheus: prometheusAddress },
    read,
    list: async (path) => ((await read(path)).items ?? []) as readonly Manifest[],
    async patch(path, patch) {
      const { status, body } = await cluster.call('PATCH', pathOf(path), patch, 'application/merge-patch+json');
      if (status >= 400 || status === 0) throw new Error(`PATCH ${path}: ${String(body.message ?? status)}`);
    },
    startController,
    startPrometheus,
    endController: async () => running?.stop(),
    endPrometheus: async () => prometheus?.stop(),
    async stop() {
      users.stop();
      await running?.stop();
      for (const path of ['/apis/argoproj.io/v1alpha1:rollouts', '/apis/flagger.app/v1beta1:canaries']) {
        await cluster.call('DELETE', pathOf(path));
      }
      await cluster.call('DELETE', pathOf('/apis/apps/v1:deployments'));
      await until('the pods are gone', async () => {
        await cluster.call('DELETE', pathOf('/apis/apps/v1:replicasets'));
        return (await stage.list('/api/v1:pods')).length === 0;
      });
      await prometheus?.stop();
    },
  };
  try {
    await until(`the first version of ${namespace} serves`, async () => {
      const { status } = await stage.read(controller === 'argo' ? ROLLOUT : CANARY);
      const phase = (status as { phase?: string } | undefined)?.phase;
      return (phase === 'Healthy' || phase === 'Initialized') && users.served.length > 0;
    });
    // Gives stable a history, before a canary is compared with it.
    await until('Prometheus has counted users of stable for a window', async () => {
      const counted = await ask('sum(increase(http_requests_total[10s]))');
      return counted > 8 * REQUESTS;
    });
    return stage;
  } catch (error) {
    const asked = [controller === 'argo' ? ROLLOUT : CANARY, '/api/v1:pods'].map(read);
    const state = JSON.stringify(await Promise.all(asked).catch(String));
    const said = running?.log().split('\n').slice(-30).join('\n');
    await stage.stop();
    throw new Error(`${(error as Error).message}; ${controller} says:\n${said}\n${state}`);
  }
}

function commandOf(
  controller: Controller,
  { kubeconfig }: Cluster,
  namespace: string,
  [port, other]: readonly [number, number],
): readonly [command: string, args: readonly string[]] {
  if (controller === 'flagger') {
    const flags = [`-kubeconfig=${kubeconfig}`, `-namespace=${namespace}`, '-mesh-provider=nginx', `-port=${port}`];
    // Nobody listens at this address, because only the built-in checks would query it.
    return [judge('flagger'), [...flags, `-metrics-server=http://127.0.0.1:${other}`, '-log-level=info']];
  }
  const flags = [`--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--namespaced', `--namespace=${namespace}`];
  return [judge('rollouts-controller'), [...flags, `--metricsport=${port}`, `--healthzPort=${other}`]];
}

/**
 * Returns the scrape configuration that the Prometheus Operator makes from the PodMonitor of `coalmine manifests prometheus`, and
 * a job for the controller.
 */
function scrapeOf({ address, token }: Cluster, namespace: string, controllerPort: number): object {
  const meta = '__meta_kubernetes_pod';
  const label = (from: string, to: string): object => ({ source_labels: [`${meta}_${from}`], target_label: to });
  const hash = (from: string): object => ({ ...label(from, 'rollouts_pod_template_hash'), regex: '(.+)' });
  return {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [
      // Flagger tells the weight of the canary.
      { job_name: 'controller', static_configs: [{ targets: [`127.0.0.1:${controllerPort}`] }] },
      {
        job_name: 'checkout',
        kubernetes_sd_configs: [
          {
            role: 'pod',
            namespaces: { names: [namespace] },
            api_server: address,
            authorization: { type: 'Bearer', credentials: token },
            tls_config: { insecure_skip_verify: true },
          },
        ],
        relabel_configs: [
          { source_labels: [`${meta}_phase`], action: 'drop', regex: 'Failed|Succeeded' },
          { source_labels: [`${meta}_label_app`], action: 'keep', regex: 'checkout|checkout-primary' },
          { source_labels: [`${meta}_container_port_name`], action: 'keep', regex: 'http' },
          { source_labels: ['__meta_kubernetes_namespace'], target_label: 'namespace' },
          label('container_name', 'container'),
          label('name', 'pod'),
          hash('label_rollouts_pod_template_hash'),
          hash('label_pod_template_hash'),
        ],
      },
    ],
  };
}
