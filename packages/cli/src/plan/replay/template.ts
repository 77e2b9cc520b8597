import { AnalysisError } from '../../analysis-error.js';
import { withAccount } from '../../analyze/account/account.js';
import { argoAccountSource } from '../../analyze/argo/argo.js';
import { flaggerAccountSource } from '../../analyze/flagger/run.js';
import type { AnalysisResult } from '../../analyze/result.js';
import { runArgoAnalysis } from '../../controllers/argo/run-analysis.js';
import { type ArgoMetric, argumentsOf, metricsOf } from '../../controllers/argo/template.js';
import { createPastClock } from '../../controllers/clock.js';
import type { Controller } from '../../controllers/controller.js';
import type { KubernetesObject } from '../../controllers/documents.js';
import { canaryAnalysisOf } from '../../controllers/flagger/canary.js';
import { runFlaggerAnalysis } from '../../controllers/flagger/run-analysis.js';
import type { RunVerdict } from '../../controllers/verdict.js';
import { WEIGHT } from '../../manifests/argo-templates.js';
import { podSuffix } from '../../manifests/pod-name.js';
import type { Asked } from '../../prometheus.js';
import { innerOf, type Promql, selectorsIn } from '../../promql/promql.js';
import type { Release } from '../../release/release.js';
import { targetOf } from '../../release/workload.js';
import type { Stage } from '../result.js';
import { createSharing, type Parsing } from './sharing.js';

/** The analysis of a release, to run over the samples of a history. */
export interface Template {
  readonly controller: Controller;
  readonly stages: readonly Stage[];
  /** Seconds of the whole release. */
  readonly seconds: number;
  /** The most seconds that the queries look back. */
  readonly lookbackSeconds: number;
  readonly metrics: readonly TemplateMetric[];
  /** All series that the queries read. */
  readonly series: readonly string[];
  readonly parsing: Parsing;
  /** Returns the labels that put a pod on a side. */
  labelsOf(side: Side, index: number): Readonly<Record<string, string>>;
  /** Runs the analysis as the controller does, from a time on, without some of its metrics. */
  run(asked: Asked, startedAt: number, without: ReadonlySet<string>): Promise<AnalysisResult>;
}

export type Side = 'canary' | 'stable';

/** A metric, and the series that its query reads. */
interface TemplateMetric {
  readonly name: string;
  readonly series: readonly string[];
}

/** Returns the analysis that objects describe. Throws `AnalysisError` if a part of it is missing. */
export function createTemplate(
  release: Release,
  controller: Controller,
  objects: readonly KubernetesObject[],
): Template {
  return controller === 'argo' ? argoTemplate(release, objects) : flaggerTemplate(release, objects);
}

function argoTemplate(release: Release, objects: readonly KubernetesObject[]): Template {
  const { name, namespace, labels } = release;
  const templatesOf = (role: string): readonly KubernetesObject[] =>
    objects.filter(
      ({ kind, metadata }) => /^(?:Cluster)?AnalysisTemplate$/.test(kind) && metadata.name === `${name}-${role}`,
    );
  const [gateTemplate, guardTemplate] = [templatesOf('gate'), templatesOf('guard')];
  if (gateTemplate.length === 0) throw new AnalysisError(`there is no AnalysisTemplate ${name}-gate`);
  const given = { 'canary-hash': 'canary', 'stable-hash': 'stable', [WEIGHT]: '0', namespace };
  const readMetrics = (templates: readonly KubernetesObject[]): readonly ArgoMetric[] =>
    templates.length === 0
      ? []
      : metricsOf(templates, selectDeclared(templates, given)).filter(({ isDryRun }) => !isDryRun);
  const [gate, guard] = [readMetrics(gateTemplate), readMetrics(guardTemplate)];
  const seconds = Math.max(
    ...gate.map(({ initialDelay, interval = 0, count = 1 }) => initialDelay + (count - 1) * interval),
  );
  const stages = weightsOf(release).map(
    (weight): Stage => ({ weight, share: canaryShareOf(release, weight), seconds }),
  );
  const parsing = createSharing();
  const template = name;

  return {
    controller: 'argo',
    stages,
    seconds: stages.length * seconds,
    ...readOf(
      parsing,
      [...gate, ...guard].map(({ name, provider }) => ({ name, query: provider.query })),
    ),
    parsing,
    labelsOf: (side) => ({ [labels.namespace]: namespace, [labels.hash]: side }),
    async run(asked, startedAt, without) {
      const within = (metrics: readonly ArgoMetric[]): readonly ArgoMetric[] =>
        metrics.filter(({ name }) => !without.has(name));
      const run = async (metrics: readonly ArgoMetric[], from: number, endAt?: number): Promise<RunVerdict> =>
        runArgoAnalysis({
          name: template,
          metrics: within(metrics),
          client: () => asked,
          clock: createPastClock(from),
          ...(endAt === undefined ? {} : { endAt }),
        });
      let ran = await run(gate, startedAt);
      for (let i = 1; i < stages.length && ran.verdict === 'promote'; i += 1) ran = await run(gate, ran.finishedAt);
      if (guard.length > 0) {
        const beside = await run(guard, startedAt, ran.finishedAt);
        if (beside.verdict !== 'promote' && beside.finishedAt < ran.finishedAt) ran = beside;
      }
      const values = argumentsOf(gateTemplate, selectDeclared(gateTemplate, given));
      const account = argoAccountSource(gateTemplate, values, async (promql, at) => asked.query(promql, at));
      return ran.verdict === 'promote' ? ran : withAccount({ ...ran, startedAt }, account);
    },
  };
}

interface Declaring {
  readonly args?: readonly { readonly name: string }[];
}

/** Returns the arguments that templates declare, out of all arguments. */
function selectDeclared(
  templates: readonly KubernetesObject[],
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const declared = templates.flatMap(({ spec }) => (spec as Declaring).args ?? []);
  return Object.fromEntries(
    Object.entries(given).filter(([argument]) => declared.some(({ name }) => name === argument)),
  );
}

function flaggerTemplate(release: Release, objects: readonly KubernetesObject[]): Template {
  const { namespace, labels } = release;
  const canary = objects.find(({ kind, metadata }) => kind === 'Canary' && metadata.name === release.name);
  if (canary === undefined) throw new AnalysisError(`there is no Canary ${release.name}`);
  const analysis = canaryAnalysisOf(canary, objects);
  const { interval, weights, metrics } = analysis;
  const target = targetOf(release);
  const parsing = createSharing();
  return {
    controller: 'flagger',
    stages: weights.map((weight): Stage => ({ weight, share: weight / 100, seconds: interval })),
    seconds: (weights.length + 1) * interval,
    ...readOf(parsing, metrics),
    parsing,
    labelsOf: (side, index) => ({
      [labels.namespace]: namespace,
      [labels.pod]: `${side === 'canary' ? target : `${target}-primary`}-bcdf456789-${podSuffix(index)}`,
    }),
    async run(asked, startedAt, without) {
      const ran = await runFlaggerAnalysis(
        { ...analysis, metrics: metrics.filter(({ name }) => !without.has(name)) },
        { clock: createPastClock(startedAt), client: () => asked, prometheus: release.prometheus },
      );
      const account = flaggerAccountSource(canary, target, ran, async (promql, at) => asked.query(promql, at));
      return ran.verdict === 'promote' ? ran : withAccount(ran, account);
    },
  };
}

function readOf(
  parsing: Parsing,
  metrics: readonly { readonly name: string; readonly query: string }[],
): Pick<Template, 'metrics' | 'series' | 'lookbackSeconds'> {
  const read = metrics.map(({ name, query }) => {
    const tree = parsing.parse(query);
    return {
      name,
      series: tree === undefined ? [] : [...new Set(selectorsIn(tree).map(({ metric }) => metric))],
      lookback: tree === undefined ? 0 : lookbackOf(tree),
    };
  });
  return {
    metrics: read.map(({ name, series }) => ({ name, series })),
    series: [...new Set(read.flatMap(({ series }) => series))],
    lookbackSeconds: Math.max(0, ...read.map(({ lookback }) => lookback)),
  };
}

/** Returns the seconds that a query looks back, including subqueries around ranges. */
function lookbackOf(node: Promql): number {
  const own =
    (node.kind === 'selector' || node.kind === 'subquery' ? (node.range?.seconds ?? 0) : 0) +
    Math.max(0, node.offsetSeconds ?? 0);
  const inner = innerOf(node).map(lookbackOf);
  return (Number.isNaN(own) ? 0 : own) + Math.max(0, ...inner);
}

/**
 * Returns the weights of a release. A blue-green release has one weight of 100, because its analysis comes after the
 * switch.
 */
function weightsOf({ strategy, weights }: Release): readonly number[] {
  return strategy === 'canary' ? weights : [100];
}

/** Returns the canary's share of the traffic: without a router the weight is a number of pods, rounded up. */
export function canaryShareOf(
  { strategy, router, replicas, autoscale }: Pick<Release, 'strategy' | 'router' | 'replicas' | 'autoscale'>,
  weight: number,
): number {
  if (strategy === 'blue-green' || router !== 'basic') return weight / 100;
  const pods = autoscale?.min ?? replicas;
  return Math.ceil((pods * weight) / 100) / pods;
}
