import type { Controller } from '../controllers/controller.js';
import type { KubernetesObject } from '../controllers/documents.js';
import { manifestsFor } from '../manifests/manifests.js';
import type { PrometheusClient } from '../prometheus.js';
import { parseRelease } from '../release/release.js';
import type { ReleaseOptions } from '../release/release-options.js';
import { evidenceOf } from './evidence/evidence.js';
import { objectivesOf } from './evidence/objectives.js';
import { proposalOf } from './evidence/proposal.js';
import { readPods } from './history/pods.js';
import { createReader } from './history/reader.js';
import { readHistory } from './history/traffic.js';
import { judgePastReleases } from './replay/past-releases.js';
import { type ReplaySource, replaySiblings } from './replay/siblings.js';
import { createTemplate, type Template } from './replay/template.js';
import type { NotReplayed, Plan } from './result.js';

/** What a plan is made of, and how much may be read for it. */
export interface PlanOptions {
  readonly options: ReleaseOptions;
  readonly controller: Controller;
  /** The objects that `coalmine manifests` wrote, to be run as they are; generated from the options where absent. */
  readonly objects?: readonly KubernetesObject[];
  readonly client: PrometheusClient;
  /** Epoch seconds. */
  readonly from: number;
  readonly to: number;
  readonly mostReplays: number;
  readonly mostSamples: number;
  /** Told what is read or replayed, and which share of the samples has been read. */
  readonly onProgress?: (what: string, share: number) => void;
}

/** Reads the history of a service, and says what the release that its options describe would have made of it. */
export async function planRelease(planned: PlanOptions): Promise<Plan> {
  const { options, controller, client, from, to, mostReplays, mostSamples, onProgress } = planned;
  // Queries in full: the history has no recordings of rules that were not there.
  const { recordingRules: _, ...asked } = options;
  const release = parseRelease(asked);
  const template = createTemplate(release, controller, planned.objects ?? generated(asked, controller));
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
    reader,
    onProgress: progress,
  };
  const past = await judgePastReleases(source);
  const bad = past.releases.filter(({ verdict }) => verdict === 'rollback').map(({ hash }) => hash);
  const siblings = await replaySiblings(source, mostReplays, new Set(bad));
  const replays = {
    ...siblings,
    notReplayed: [
      ...(pods.length === 0 ? [NO_PODS] : []),
      ...siblings.notReplayed,
      ...past.notReplayed,
      ...neverReplayed(template, release.strategy),
    ],
  };
  const evidence = evidenceOf(release, template.stages, history);
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
    proposal: proposalOf({ release, options, stages: template.stages, history, evidence, replays }),
  };
}

const NO_PODS: NotReplayed = {
  what: 'everything',
  why: 'the history has no pods of this name in this namespace: coalmine check says what is missing',
};

/** What a history cannot tell, whatever it has. */
function neverReplayed({ metrics }: Template, strategy: string): readonly NotReplayed[] {
  return [
    ...(metrics.some(({ name }) => name === 'arrival')
      ? [{ what: 'the metric arrival', why: 'no router gave the pods of the past a weight' }]
      : []),
    ...(strategy === 'blue-green'
      ? [{ what: 'the analysis of the preview', why: 'only the requests of a smoke test reach a preview' }]
      : []),
  ];
}

function generated(options: ReleaseOptions, controller: Controller): readonly KubernetesObject[] {
  return manifestsFor(controller, options).flatMap(({ objects }) => objects as KubernetesObject[]);
}
