import type { Controller } from '../controllers/controller.js';
import type { KubernetesObject } from '../controllers/documents.js';
import { manifestsFor } from '../manifests/manifests.js';
import type { PrometheusClient } from '../prometheus.js';
import { parseRelease } from '../release/release.js';
import type { ReleaseOptions } from '../release/release-options.js';
import { evidenceOf } from './evidence/evidence.js';
import { objectivesOf } from './evidence/objectives.js';
import { proposalOf } from './evidence/proposal.js';
import { type Pod, readPods } from './history/pods.js';
import { createReader } from './history/reader.js';
import { readHistory, withoutHoursOf } from './history/traffic.js';
import { judgePastReleases } from './replay/past-releases.js';
import { type ReplaySource, replaySiblings } from './replay/siblings.js';
import { createTemplate, type Template } from './replay/template.js';
import type { NotReplayed, Plan } from './result.js';

/** The input of a plan, and the limits of what may be read for it. */
export interface PlanOptions {
  readonly options: ReleaseOptions;
  readonly controller: Controller;
  /**
   * The objects that `coalmine manifests` wrote, to run as they are. If absent, they are generated from the options.
   */
  readonly objects?: readonly KubernetesObject[];
  readonly client: PrometheusClient;
  /** Epoch seconds. */
  readonly from: number;
  readonly to: number;
  readonly mostReplays: number;
  readonly mostSamples: number;
  /** Called with what is read or replayed, and the share of the samples that has been read. */
  readonly onProgress?: (what: string, share: number) => void;
}

/** Reads the history of a service, and says what it means for the release that its options describe. */
export async function planRelease(planned: PlanOptions): Promise<Plan> {
  const { options, controller, client, from, to, mostReplays, mostSamples, onProgress } = planned;
  // Full queries: the history has no series of rules that did not exist then.
  const { recordingRules: _, ...asked } = options;
  const release = parseRelease(asked);
  const template = createTemplate(release, controller, planned.objects ?? generate(asked, controller));
  let [doing, share] = ['', 0];
  const reader = createReader({
    client,
    scrapeSeconds: release.analysis.scrapeSeconds,
    mostSamples,
    onQuery(read) {
      share = read;
      onProgress?.(doing, share);
    },
  });
  const progress = (what: string): void => {
    doing = what;
    onProgress?.(what, share);
  };
  const span = { start: from, end: to };

  progress('the pods of the history');
  const { pods, stepSeconds } = await readPods(release, span, reader);
  progress('the requests of the history');
  const history = await readHistory(release, span, reader);
  const source: ReplaySource = {
    release,
    template,
    pods,
    span,
    stepSeconds,
    bound: history.nearestBound,
    objective: history.objective,
    appObjective: history.appObjective,
    reader,
    onProgress: progress,
  };
  const past = await judgePastReleases(source);
  const siblings = await replaySiblings(source, mostReplays, new Set(past.bad));
  const replays = {
    ...siblings,
    notReplayed: [
      ...(pods.length === 0 ? [NO_PODS] : []),
      ...siblings.notReplayed,
      ...past.notReplayed,
      ...neverReplayed(template, release.strategy),
    ],
  };
  const isBad = ({ hash }: Pod): boolean => past.bad.includes(hash);
  const usual = withoutHoursOf(history, pods.filter(isBad));
  const evidence = evidenceOf(release, template.stages, usual);
  return {
    release: {
      name: release.name,
      namespace: release.namespace,
      controller,
      stages: template.stages,
      seconds: template.seconds,
    },
    from,
    to,
    load: reader.load(),
    replays,
    past: past.releases,
    evidence,
    objectives: objectivesOf(release, history),
    proposal: proposalOf({ release, options, stages: template.stages, history: usual, evidence, replays }),
  };
}

const NO_PODS: NotReplayed = {
  what: 'everything',
  why: 'the history has no pods of this name in this namespace: run coalmine check to see what is missing',
};

/** Returns what no history can tell. */
function neverReplayed({ metrics }: Template, strategy: string): readonly NotReplayed[] {
  return [
    ...(metrics.some(({ name }) => name === 'arrival')
      ? [{ what: 'the metrics arrival and users-refused', why: 'no router gave the pods of the past a weight' }]
      : []),
    ...(strategy === 'blue-green'
      ? [{ what: 'the analysis of the preview', why: 'only the requests of a smoke test reach a preview' }]
      : []),
  ];
}

function generate(options: ReleaseOptions, controller: Controller): readonly KubernetesObject[] {
  return manifestsFor(controller, options).flatMap(({ objects }) => objects as KubernetesObject[]);
}
