import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiServer, Manifest } from './api-server.js';
import type { Kubelet, ReadyPod } from './kubelet.js';

const CANARY = 'nginx.ingress.kubernetes.io/canary';

/** What users ask for, as often as it is listed. */
const REQUESTS = [
  ['GET', '/items/1'],
  ['GET', '/items/2'],
  ['GET', '/cart'],
  ['POST', '/login'],
] as const;

/** Users behind an ingress that splits them as the controller says. */
export interface Users {
  /** Requests that were sent, and those among them that no pod answered. */
  readonly sent: number;
  readonly lost: number;
  /** The pods that the ingress sends users to. */
  readonly served: readonly string[];
  pause(): void;
  stop(): void;
}

interface Routes {
  readonly stable: readonly ReadyPod[];
  readonly canary: readonly ReadyPod[];
  readonly weight: number;
}

/**
 * Starts users who send so many requests a second, as chance has it. Where there is no ingress, they go to the first
 * Service, and a smoke test of as many requests goes to the second one.
 */
export function startUsers(
  server: ApiServer,
  kubelet: Kubelet,
  namespace: string,
  perSecond: number,
  services: readonly string[],
): Users {
  const agent = new Agent({ keepAlive: true, maxSockets: 100 });
  let routes: Routes | undefined;
  let isStopped = false;
  let isPaused = false;
  let [sent, lost, turn] = [0, 0, 0];
  const list = async (path: string): Promise<readonly Manifest[]> =>
    ((await server.call('GET', path)).body.items ?? []) as readonly Manifest[];

  void follow();
  const timer = setInterval(() => {
    if (routes === undefined || isPaused) return;
    const { stable, canary, weight } = routes;
    turn += 1;
    if (100 * Math.random() < weight && canary.length > 0) send(canary);
    else if (stable.length > 0) send(stable);
  }, 1000 / perSecond);

  return {
    get sent() {
      return sent;
    },
    get lost() {
      return lost;
    },
    get served() {
      return [...(routes?.stable ?? []), ...(routes?.canary ?? [])].map(({ name }) => name);
    },
    pause() {
      isPaused = true;
    },
    stop() {
      isStopped = true;
      clearInterval(timer);
      agent.destroy();
    },
  };

  function send(pods: readonly ReadyPod[]): void {
    const { host, port } = pods[Math.floor(Math.random() * pods.length)] as ReadyPod;
    const [method, path] = REQUESTS[turn % REQUESTS.length] as (typeof REQUESTS)[number];
    sent += 1;
    let isLost = false;
    const lose = (): void => {
      // A request that is in flight when the play ends is nobody's.
      if (isLost || isStopped) return;
      isLost = true;
      lost += 1;
    };
    const asked = request({ host, port, method, path, agent, timeout: 6000 }, (response) => {
      response.resume();
      response.on('aborted', lose);
    });
    // Who gives up has not been lost on the way.
    asked.on('timeout', () => {
      isLost = true;
      asked.destroy();
    });
    asked.on('error', lose);
    asked.end();
  }

  async function follow(): Promise<void> {
    while (!isStopped) {
      const [ingresses, all] = await Promise.all([
        list(`/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses`),
        list(`/api/v1/namespaces/${namespace}/services`),
      ]);
      const pods = kubelet.ready(namespace);
      const podsOf = (name: string | undefined): readonly ReadyPod[] => {
        const found = all.find(({ metadata }) => (metadata as { name: string }).name === name);
        const selector = (found?.spec as { selector?: Readonly<Record<string, string>> } | undefined)?.selector;
        if (selector === undefined) return [];
        return pods.filter(({ labels }) => Object.entries(selector).every(([key, value]) => labels[key] === value));
      };
      routes = routesOf(ingresses, services, podsOf);
      await delay(300);
    }
  }
}

function routesOf(
  ingresses: readonly Manifest[],
  [main, smoke]: readonly string[],
  podsOf: (service: string | undefined) => readonly ReadyPod[],
): Routes {
  const annotationsOf = ({ metadata }: Manifest): Readonly<Record<string, string>> =>
    (metadata as { annotations?: Readonly<Record<string, string>> }).annotations ?? {};
  const canary = ingresses.find((ingress) => annotationsOf(ingress)[CANARY] === 'true');
  const stable = ingresses.find((ingress) => ingress !== canary);
  if (stable === undefined) return { stable: podsOf(main), canary: podsOf(smoke), weight: 50 };
  return {
    stable: podsOf(backendOf(stable)),
    canary: canary === undefined ? [] : podsOf(backendOf(canary)),
    weight: canary === undefined ? 0 : Number(annotationsOf(canary)[`${CANARY}-weight`] ?? 0),
  };
}

function backendOf({ spec }: Manifest): string | undefined {
  const { rules } = spec as {
    rules: readonly { http: { paths: readonly { backend: { service: { name: string } } }[] } }[];
  };
  return rules[0]?.http.paths[0]?.backend.service.name;
}
