import { spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from './api-server.js';
import { judge } from './judges/judges.js';
import { CANARY, type Controller, DEPLOYMENT, ROLLOUT, RUNS, type Stage, type Strategy } from './stage.js';

/** How a release ended. */
export type Outcome = 'promoted' | 'rolled back' | 'paused' | 'undecided';

export interface Scenario {
  readonly name: string;
  /** What docs/judges.md says about the release. */
  readonly why: string;
  /** The repository of the images. @defaultValue `checkout` */
  readonly image?: 'checkout-express';
  /** The bug of the release, as the service names it. */
  readonly bug?: string;
  /** The outcomes that are correct, by controller. */
  readonly right: Readonly<Record<Controller, readonly Outcome[]>>;
  /** A line that `coalmine explain` prints from the AnalysisRuns alone. */
  readonly said?: RegExp;
  /** The strategies to play it with. @defaultValue canaries of both controllers */
  readonly strategies?: readonly Strategy[];
  /** Whether it belongs to the short list. */
  readonly isShort?: boolean;
  /** Called before the release. */
  readonly before?: (stage: Stage) => Promise<void>;
  /** Called while the release is judged. */
  readonly during?: (stage: Stage) => Promise<void>;
  /** Called after the decision, to check more. */
  readonly after?: (stage: Stage) => Promise<void>;
  /** Whether no request may be lost. */
  readonly losesNothing?: boolean;
}

const both = (...outcomes: readonly Outcome[]): Scenario['right'] => ({ argo: outcomes, flagger: outcomes });

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'good',
    why: 'nothing is wrong; users send requests all the time, and none may be lost',
    right: both('promoted'),
    strategies: ['canary', 'blue-green'],
    isShort: true,
    losesNothing: true,
  },
  {
    name: 'errors',
    why: 'half of the requests of one route fail with a 500',
    bug: 'errors',
    right: both('rolled back'),
    said: /^[\d,]+ of [\d,]+ requests failed .* \([\d.]+ %\); what is proven is [\d.]+ times what is allowed, stable(?: since its pods began)?: 0 of [\d,]+$/,
    strategies: ['canary', 'blue-green'],
    isShort: true,
    losesNothing: true,
  },
  {
    name: 'login broken',
    why: 'half of the logins get a 401',
    bug: 'login',
    right: both('rolled back'),
    isShort: true,
  },
  {
    name: 'not scraped',
    why: 'the metrics of the release are at another path',
    bug: 'unscraped',
    right: { argo: ['paused'], flagger: ['rolled back'] },
    isShort: true,
  },
  {
    name: 'slow',
    why: 'half of the requests of one route take 2 s, where 1 s is the objective',
    bug: 'slow',
    right: both('rolled back'),
    strategies: ['canary', 'blue-green'],
  },
  {
    name: 'hang',
    why: 'a third of the requests of one route never get a response',
    bug: 'hang',
    right: both('rolled back'),
  },
  {
    name: 'held event loop',
    why: 'one of 25 requests of one route holds the event loop for 2 s',
    bug: 'held',
    right: both('rolled back'),
  },
  {
    name: 'stuck event loop',
    why: 'one of five requests of one route holds the event loop for 2 s: the pod responds to nobody in time, not even to Prometheus',
    bug: 'stuck',
    // A pod that Prometheus cannot scrape looks like a pod that Prometheus does not know.
    right: { argo: ['paused', 'rolled back'], flagger: ['rolled back'] },
  },
  {
    name: 'lost route',
    why: 'a route of stable is missing in the release',
    bug: 'lost',
    right: both('rolled back'),
  },
  {
    name: 'users refused by a middleware',
    why: 'a middleware of Express refuses half of all requests with a 401, before any route',
    image: 'checkout-express',
    bug: 'middleware',
    right: both('rolled back'),
  },
  {
    name: 'crash loop',
    why: 'each process ends after 6 s',
    bug: 'crash',
    right: both('rolled back'),
  },
  {
    name: 'never ready',
    why: 'the release needs a migration that nobody has run; its deadline is 25 s',
    bug: 'unready',
    right: both('rolled back'),
    losesNothing: true,
    before: async (stage) => {
      await stage.patch(stage.controller === 'argo' ? ROLLOUT : CANARY, { spec: { progressDeadlineSeconds: 25 } });
    },
  },
  {
    name: 'nobody sends requests',
    why: 'the users stop sending requests before the release',
    right: { argo: ['paused'], flagger: ['rolled back'] },
    before: async ({ users }) => {
      users.pause();
      // Waits until no window contains a request.
      await delay(12_000);
    },
  },
  {
    name: 'Prometheus away',
    why: 'Prometheus is down for 12 s while a step is judged, longer than a window',
    right: { argo: ['promoted', 'paused'], flagger: ['promoted', 'rolled back'] },
    during: async (stage) => {
      await stage.endPrometheus();
      await delay(12_000);
      await stage.startPrometheus();
    },
  },
  {
    name: 'controller restarted',
    why: 'the controller is killed while a step is judged, and comes back after 3 s',
    right: both('promoted'),
    during: async (stage) => {
      await stage.endController();
      await delay(3000);
      stage.startController();
    },
  },
  {
    name: 'replicas changed',
    why: 'an autoscaler scales from two pods to four while a step is judged',
    right: both('promoted'),
    losesNothing: true,
    during: async ({ controller, patch }) => {
      const path = controller === 'argo' ? ROLLOUT : DEPLOYMENT.replace('checkout', 'checkout-primary');
      await patch(path, { spec: { replicas: 4 } });
    },
  },
  {
    name: 'node lost',
    why: 'a pod of stable ends without a signal while a step is judged, and Kubernetes starts another pod',
    right: both('promoted'),
    during: async ({ cluster, namespace, controller, read }) => {
      const { status } = await read(controller === 'argo' ? ROLLOUT : CANARY);
      const { stableRS = '' } = status as { stableRS?: string };
      const stable = cluster.kubelet
        .ready(namespace)
        .find(({ name }) => name.startsWith(controller === 'argo' ? `checkout-${stableRS}` : 'checkout-primary'));
      await cluster.kubelet.lose(namespace, stable?.name ?? '');
    },
  },
  {
    name: 'retry and undo',
    why: 'the release fails; `retry` judges it once more and rolls it back again; `undo` keeps only the first version',
    bug: 'errors',
    right: both('rolled back'),
    after: async (stage) => {
      await (stage.controller === 'argo' ? retryRollout(stage) : retryCanary(stage));
    },
  },
];

async function retryRollout(stage: Stage): Promise<void> {
  const runs = async (): Promise<number> => (await stage.list(RUNS)).length;
  const before = await runs();
  kubectl(stage, 'kubectl-argo-rollouts', ['retry', 'rollout', 'checkout']);
  await until('the release is judged once more', async () => (await runs()) > before);
  await until('the release is aborted once more', async () => (await phaseOf(stage)) === 'Degraded');
  kubectl(stage, 'kubectl-argo-rollouts', ['undo', 'checkout']);
  await until('the Rollout is healthy', async () => (await phaseOf(stage)) === 'Healthy');
}

async function retryCanary(stage: Stage): Promise<void> {
  kubectl(stage, 'kubectl', ['rollout', 'restart', 'deployment', 'checkout']);
  await until('the release is judged once more', async () => (await phaseOf(stage)) === 'Progressing');
  await until('the release fails once more', async () => (await phaseOf(stage)) === 'Failed');
  kubectl(stage, 'kubectl', ['rollout', 'undo', 'deployment', 'checkout', '--to-revision=1']);
  // Flagger has promoted the first version before, so it has nothing to judge and the Canary stays failed.
  await until('Flagger has seen the first version', async () => {
    const { phase, lastAppliedSpec, lastPromotedSpec } = await statusOf(stage);
    return phase === 'Failed' && lastAppliedSpec === lastPromotedSpec;
  });
}

async function phaseOf(stage: Stage): Promise<string | undefined> {
  return (await statusOf(stage)).phase;
}

interface Status {
  readonly phase?: string;
  readonly lastAppliedSpec?: string;
  readonly lastPromotedSpec?: string;
}

async function statusOf({ read, controller }: Stage): Promise<Status> {
  return (await read(controller === 'argo' ? ROLLOUT : CANARY)).status ?? {};
}

/** Runs a command of kubectl, or of the plugin of Argo Rollouts, in the namespace of a stage. */
function kubectl(
  { cluster, namespace }: Stage,
  program: 'kubectl' | 'kubectl-argo-rollouts',
  args: readonly string[],
): void {
  const all = [...args, '--namespace', namespace, '--kubeconfig', cluster.kubeconfig];
  const { status, stdout, stderr } = spawnSync(judge(program), all, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stdout}${stderr}`);
}
