import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, ApiServer, Manifest } from './api-server.js';
import type { Kubelet, ReadyPod } from './kubelet.js';

const CANARY = 'nginx.ingress.kubernetes.io/canary';

/** The requests of users. A path that is listed more often gets more requests. */
const REQUESTS = [
  ['GET', '/items/1'],
  ['GET', '/items/2'],
  ['GET', '/cart'],
  ['POST', '/login'],
] as const;

/** Users behind an ingress that splits their requests by the weight of the controller. */
export interface Users {
  /** The number of sent requests, and of requests without a response from a pod. */
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
 * Starts users who send a number of requests a second by the clock: a late timer sends all requests that are due. The ingress
 * gives the canary its exact share, and both sides the same mix of routes, so that no verdict depends on chance. Without an
 * ingress, users go to the first Service, and a smoke test with as many requests goes to the second Service.
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
  let [sent, lost] = [0, 0];
  let canaryShare = 0;
  const turns = { stable: 0, canary: 0 };

  void follow();
  let last = performance.now();
  let due = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    if (!isPaused) due += (perSecond * (now - last)) / 1000;
    last = now;
    for (; due >= 1; due -= 1) sendNext();
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

  function sendNext(): void {
    if (routes === undefined) return;
    canaryShare += routes.weight / 100;
    const side = canaryShare >= 1 && routes.canary.length > 0 ? 'canary' : 'stable';
    if (canaryShare >= 1) canaryShare -= 1;
    const pods = routes[side];
    if (pods.length === 0) return;
    const turn = turns[side];
    turns[side] += 1;
    const [method, path] = REQUESTS[turn % REQUESTS.length] as (typeof REQUESTS)[number];
    // Each pod gets the whole mix of routes before the next pod.
    send(pods[Math.floor(turn / REQUESTS.length) % pods.length] as ReadyPod, method, path);
  }

  function send({ host, port }: ReadyPod, method: string, path: string): void {
    sent += 1;
    let isLost = false;
    const lose = (): void => {
      // A request that is in flight at the end of the play does not count.
      if (isLost || isStopped) return;
      isLost = true;
      lost += 1;
    };
    const asked = request({ host, port, method, path, agent, timeout: 6000 }, (response) => {
      response.resume();
      response.on('aborted', lose);
    });
    // A request whose client gave up is not a lost request.
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
        server.call('GET', `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses`),
        server.call('GET', `/api/v1/namespaces/${namespace}/services`),
      ]);
      // An ingress that cannot read its routes keeps the old routes.
      if (ingresses.status === 200 && all.status === 200) {
        routes = routesOf(itemsOf(ingresses), services, (name) => podsOf(itemsOf(all), name));
      }
      await delay(300);
    }
  }

  function podsOf(all: readonly Manifest[], name: string | undefined): readonly ReadyPod[] {
    const found = all.find(({ metadata }) => (metadata as { name: string }).name === name);
    const selector = (found?.spec as { selector?: Readonly<Record<string, string>> } | undefined)?.selector;
    if (selector === undefined) return [];
    return kubelet
      .ready(namespace)
      .filter(({ labels }) => Object.entries(selector).every(([key, value]) => labels[key] === value));
  }
}

function itemsOf({ body }: Answer): readonly Manifest[] {
  return (body.items ?? []) as readonly Manifest[];
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
