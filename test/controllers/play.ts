import { setTimeout as delay } from 'node:timers/promises';
import { analyzeArgo, createPastClock, explain, type KubernetesObject, recordsOf } from '@coalmine/cli';
import { type Manifest, until } from './api-server.js';
import type { Cluster } from './cluster.js';
import type { Outcome, Scenario } from './scenarios.js';
import {
  CANARY,
  type Controller,
  DEPLOYMENT,
  EVENTS,
  ROLLOUT,
  RUNS,
  type Stage,
  type Strategy,
  startStage,
} from './stage.js';

// A release that is not decided after this time never will be.
const LIMIT_SECONDS = 400;

// The number of measurements of a metric that Argo Rollouts keeps.
const KEPT = 10;

/** A release, and the decision of a controller about it. */
export interface Played {
  readonly scenario: Scenario;
  readonly controller: Controller;
  readonly strategy: Strategy;
  readonly outcome: Outcome;
  /** The metrics that decided against the release. */
  readonly by: readonly string[];
  /** The seconds from the new image to the decision. */
  readonly seconds: number;
  readonly sent: number;
  readonly lost: number;
  /** Each AnalysisRun of the release that the controller measured on time. */
  readonly runs: readonly ComparedRun[];
  /** What `coalmine explain` prints about the AnalysisRuns of the release, without a Prometheus. */
  readonly reasons: readonly string[];
}

/** The decisions of the controller and of `coalmine analyze` about an AnalysisRun. */
interface ComparedRun {
  readonly name: string;
  readonly phase: string;
  readonly analyzed: string;
}

interface RunStatus {
  readonly phase?: string;
  readonly message?: string;
  readonly startedAt?: string;
  readonly completedAt?: string;
  readonly metricResults?: readonly MetricStatus[];
}

interface MetricStatus {
  readonly name: string;
  readonly phase: string;
  readonly measurements?: readonly { readonly startedAt?: string; readonly finishedAt?: string }[];
}

interface RolloutStatus {
  readonly observedGeneration?: string;
  readonly phase?: string;
  readonly stableRS?: string;
  readonly currentPodHash?: string;
  readonly pauseConditions?: readonly { readonly reason: string }[];
}

let plays = 0;

/** Plays a scenario in a new namespace. */
export async function play(
  cluster: Cluster,
  scenario: Scenario,
  controller: Controller,
  strategy: Strategy,
): Promise<Played> {
  plays += 1;
  const image = scenario.image ?? 'checkout';
  const stage = await startStage(cluster, controller, strategy, `play-${plays}`, image);
  try {
    await scenario.before?.(stage);
    const [sent, lost, since] = [stage.users.sent, stage.users.lost, Date.now()];
    await release(stage, `${image}:v2${scenario.bug === undefined ? '' : `-${scenario.bug}`}`);
    const decided = controller === 'argo' ? decidedRollout(stage) : decidedCanary(stage);
    const during = scenario.during === undefined ? undefined : judging(stage).then(() => scenario.during?.(stage));
    const [outcome] = await Promise.all([decided, during]);
    const seconds = (Date.now() - since) / 1000;
    const by = controller === 'argo' ? await rolloutBlames(stage) : await canaryBlames(stage);
    const runs = controller === 'argo' ? await analyzedRuns(stage) : [];
    const reasons = controller === 'argo' ? await explainedRuns(stage) : [];
    const seen = { sent: stage.users.sent - sent, lost: stage.users.lost - lost };
    await scenario.after?.(stage);
    return { scenario, controller, strategy, outcome, by, seconds, ...seen, runs, reasons };
  } finally {
    await stage.stop();
  }
}

/** Sets another image, as `kubectl set image` does. */
async function release({ controller, read, patch }: Stage, image: string): Promise<void> {
  const path = controller === 'argo' ? ROLLOUT : DEPLOYMENT;
  const { spec } = await read(path);
  const { template } = spec as { template: { spec: { containers: readonly object[] } } };
  const containers = template.spec.containers.map((container) => ({ ...container, image }));
  await patch(path, { spec: { template: { spec: { containers } } } });
}

/** Waits until the release is measured. */
async function judging({ controller, list, read }: Stage): Promise<void> {
  await until('the release is judged', async () => {
    if (controller === 'argo') return (await list(RUNS)).length > 0;
    const { status = {} } = (await read(CANARY)) as { status?: { phase?: string; canaryWeight?: number } };
    return status.phase === 'Progressing' && (status.canaryWeight ?? 0) > 0;
  });
  // In the middle of a step.
  await delay(3000);
}

async function decidedRollout({ read }: Stage): Promise<Outcome> {
  const { metadata } = await read(ROLLOUT);
  const { generation } = metadata as { generation: number };
  return await firstOutcome(async () => {
    const { status = {} } = (await read(ROLLOUT)) as { status?: RolloutStatus };
    if (Number(status.observedGeneration ?? 0) < generation) return undefined;
    if (status.phase === 'Degraded') return 'rolled back';
    if (status.pauseConditions?.some(({ reason }) => reason === 'InconclusiveAnalysisRun')) return 'paused';
    const isPromoted = status.phase === 'Healthy' && status.stableRS === status.currentPodHash;
    return isPromoted ? 'promoted' : undefined;
  });
}

async function decidedCanary({ read }: Stage): Promise<Outcome> {
  let hasBegun = false;
  return await firstOutcome(async () => {
    const { status: { phase } = {} } = (await read(CANARY)) as { status?: { phase?: string } };
    if (phase !== undefined && phase !== 'Initialized' && phase !== 'Succeeded') hasBegun = true;
    if (phase === 'Failed') return 'rolled back';
    return hasBegun && phase === 'Succeeded' ? 'promoted' : undefined;
  });
}

async function firstOutcome(look: () => Promise<Outcome | undefined>): Promise<Outcome> {
  const deadline = Date.now() + 1000 * LIMIT_SECONDS;
  while (Date.now() < deadline) {
    const outcome = await look();
    if (outcome !== undefined) return outcome;
    await delay(500);
  }
  return 'undecided';
}

async function rolloutBlames(stage: Stage): Promise<readonly string[]> {
  const bad = (await stage.list(RUNS)).flatMap(({ status }) =>
    ((status as RunStatus | undefined)?.metricResults ?? []).filter(({ phase }) =>
      ['Failed', 'Error', 'Inconclusive'].includes(phase),
    ),
  );
  // If metrics failed, they decided.
  const failed = bad.filter(({ phase }) => phase === 'Failed');
  return [...new Set((failed.length > 0 ? failed : bad).map(({ name }) => name))];
}

async function canaryBlames(stage: Stage): Promise<readonly string[]> {
  const names = stage.objects.flatMap(({ kind, metadata }) =>
    kind === 'MetricTemplate' ? [(metadata as { name: string }).name.replace('checkout-', '')] : [],
  );
  const events = (await stage.list(EVENTS)) as readonly { type?: string; message?: string }[];
  const said = events.filter(({ type }) => type === 'Warning').map(({ message }) => message ?? '');
  return names.filter((name) => said.some((text) => new RegExp(`[ :-]${name}(?![\\w-])`).test(text)));
}

async function explainedRuns(stage: Stage): Promise<readonly string[]> {
  const items = (await stage.list(RUNS)).map((run) => ({ ...run, kind: 'AnalysisRun' }));
  const records = recordsOf(JSON.stringify({ kind: 'List', items }), RUNS);
  const explanations = records.length === 0 ? [] : await explain(records);
  return explanations.flatMap(({ reasons }) => reasons.map(({ says }) => says));
}

/**
 * Runs each finished AnalysisRun once more, over the same time. `coalmine analyze` measures by the clock. If a controller on a busy
 * machine measured late, its run saw other moments, and is left out.
 */
async function analyzedRuns(stage: Stage): Promise<readonly ComparedRun[]> {
  const ended = (await stage.list(RUNS)).filter(({ status }) =>
    ['Successful', 'Failed', 'Inconclusive', 'Error'].includes((status as RunStatus | undefined)?.phase ?? ''),
  );
  return await Promise.all(ended.filter(isOnTime).map((run) => analyzed(run)));
}

/** Returns whether each measurement of an AnalysisRun was made within two seconds of its time. Kubernetes has whole seconds. */
function isOnTime({ spec, status }: Manifest): boolean {
  const { metrics } = spec as { metrics: readonly { name: string; initialDelay?: string; interval?: string }[] };
  const { startedAt = '', metricResults = [] } = status as RunStatus;
  return metricResults.every(({ name, measurements = [] }) => {
    const { initialDelay = '0s', interval = '0s' } = metrics.find((metric) => metric.name === name) ?? {};
    const times = [startedAt, ...measurements.map((each) => each.startedAt ?? '')].map(
      (time) => Date.parse(time) / 1000,
    );
    const gaps = times.slice(1).map((time, i) => time - (times[i] ?? time));
    const late = gaps.map((gap, i) => gap - secondsOf(i === 0 ? initialDelay : interval));
    // Argo Rollouts keeps only the last measurements, so the first kept one may not be the first of the run.
    return late.slice(measurements.length < KEPT ? 0 : 1).every((seconds) => seconds <= 2);
  });
}

/** Returns the seconds of a duration in the manifests: `90s`, `2m` or `2500ms`. */
function secondsOf(duration: string): number {
  const [, value, unit] = /^(\d+)(ms|s|m)$/.exec(duration) ?? [];
  return Number(value) * { ms: 0.001, s: 1, m: 60 }[unit as 'ms' | 's' | 'm'];
}

async function analyzed({ metadata, spec, status }: Manifest): Promise<ComparedRun> {
  const { name } = metadata as { name: string };
  const { phase = '', message = '', startedAt = '', metricResults = [] } = status as RunStatus;
  const { args, metrics, dryRun } = spec as {
    args: readonly { name: string; value?: string }[];
    metrics: unknown;
    dryRun: unknown;
  };
  const template = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisTemplate',
    metadata: { name },
    spec: { args: args.map((arg) => ({ name: arg.name })), metrics, dryRun },
  } as unknown as KubernetesObject;
  const last = metricResults.flatMap(({ measurements = [] }) =>
    measurements.map((each) => Date.parse(each.finishedAt ?? '') / 1000),
  );
  const end = Math.max(...last) + 0.9;
  const isEnded = /terminated/i.test(message) || (spec as { terminate?: boolean }).terminate === true;
  const result = await analyzeArgo({
    templates: [template],
    args: Object.fromEntries(args.flatMap((arg) => (arg.value === undefined ? [] : [[arg.name, arg.value]]))),
    clock: createPastClock(Date.parse(startedAt) / 1000),
    ...(isEnded ? { endAt: end } : {}),
  });
  return { name, phase, analyzed: result.phase };
}
