import { AnalysisError } from '../analysis-error.js';
import { withAccount } from '../analyze/account/account.js';
import { argoAccountSource } from '../analyze/argo/argo.js';
import { flaggerAccountSource } from '../analyze/flagger/run.js';
import type { AnalysisResult } from '../analyze/result.js';
import { sidesOfArguments } from '../analyze/traces/sides.js';
import { type TraceOptions, withTraces } from '../analyze/traces/traces.js';
import { epochSeconds } from '../controllers/clock.js';
import type { KubernetesObject } from '../controllers/documents.js';
import { WEIGHT } from '../manifests/argo-templates.js';
import { createPrometheusClient } from '../prometheus.js';
import { readDescribedRelease } from '../release/description.js';
import { argumentsOfRun } from './argo-run.js';
import { explainCanary } from './canary.js';
import type { Explanation } from './explanation.js';
import { hashOf, owns, revisionOf } from './ownership.js';
import { type Fields, fieldsIn, listIn, namespaceOf, type RecordedObject, textIn } from './record.js';
import { withRecordedRequests } from './recorded-requests.js';
import { explainRollout, explainRuns } from './rollout.js';

/** Options that add to the record. */
export interface ExplainOptions {
  /** The address of the Prometheus that has the requests of a release. @defaultValue none: no Prometheus is queried */
  readonly prometheus?: string;
  /** Headers to send with each query. @defaultValue none */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Looks for the traces of the requests that made a metric bad. Only Argo Rollouts keeps the queries that this needs.
   * @defaultValue no traces
   */
  readonly traces?: TraceOptions;
}

/**
 * Explains each release among some objects: Rollouts with their AnalysisRuns, Canaries with their Events, and
 * AnalysisRuns without their Rollout. Rejects with `AnalysisError` if there is nothing to explain.
 */
export async function explain(
  records: readonly RecordedObject[],
  { prometheus: address, headers, traces }: ExplainOptions = {},
): Promise<readonly Explanation[]> {
  const prometheus = address === undefined ? undefined : createPrometheusClient(address, headers);
  const failure = await prometheus?.query('vector(1)', epochSeconds()).then(
    () => undefined,
    (error: Error) => error.message,
  );
  const rollouts = records.filter(({ kind }) => kind === 'Rollout');
  const canaries = records.filter(({ kind }) => kind === 'Canary');
  const alone = groupsOf(
    records.filter((run) => run.kind === 'AnalysisRun' && !rollouts.some((each) => owns(each, run))),
  );
  if (rollouts.length + canaries.length + alone.length === 0) {
    const kinds = [...new Set(records.map(({ kind }) => kind))].join(', ');
    throw new AnalysisError(
      `there is no AnalysisRun, Rollout or Canary to explain${kinds === '' ? '' : `, but ${kinds}`}`,
    );
  }
  const [withoutStatus] = [...rollouts, ...canaries].filter((each) => !hasStatus(each));
  const known = [...rollouts, ...canaries].filter(hasStatus).length + alone.length;
  if (withoutStatus !== undefined && known === 0) {
    throw new AnalysisError(
      `${withoutStatus.kind} ${textIn(withoutStatus.metadata, 'name')} has no status: give the object from the cluster (kubectl get … -o yaml), not the applied file`,
    );
  }
  return Promise.all([
    ...rollouts.filter(hasStatus).map((rollout) => explainRollout(rollout, records, ofRun)),
    ...canaries.filter(hasStatus).map((canary) => explainCanary(canary, records, ofCanary)),
    ...alone.map((runs) => explainRuns(runs, ofRun)),
  ]);

  async function ofRun(result: AnalysisResult, run: RecordedObject): Promise<AnalysisResult> {
    const templates = records.filter((each) => isTemplateOf(each, run)).map(readDescription);
    const args = argumentsOfRun(run);
    const [release] = templates.flatMap(({ metadata }) => readDescribedRelease(metadata.annotations) ?? []);
    const recorded = withRecordedRequests(result, { release, weight: Number(args.get(WEIGHT)) || undefined });
    if (prometheus === undefined) return recorded;
    const source = argoAccountSource(templates, args, (promql, at) => prometheus.query(promql, at));
    const detailedResult = withRemark(
      await withAccount(recorded, source),
      failure ?? (source === undefined ? NO_TEMPLATE : SILENT),
    );
    if (traces === undefined) return detailedResult;
    return withTraces(detailedResult, {
      ...traces,
      sides: sidesOfArguments(args),
      exemplars: (_, selector, span) => prometheus.exemplars(selector, span),
    });
  }

  async function ofCanary(result: AnalysisResult, canary: RecordedObject): Promise<AnalysisResult> {
    if (prometheus === undefined) return result;
    const target = textIn(fieldsIn(canary.spec, 'targetRef'), 'name') ?? '';
    const source = flaggerAccountSource(readDescription(canary), target, result, (promql, at) =>
      prometheus.query(promql, at),
    );
    return withRemark(await withAccount(result, source), failure ?? (source === undefined ? NOT_OURS : SILENT));
  }
}

/** Adds to a result without the requests of canary and stable why it has none. */
function withRemark(result: AnalysisResult, why: string): AnalysisResult {
  if (result.account !== undefined) return result;
  return { ...result, notes: [`the requests of canary and stable are left out: ${why}`] };
}

const NO_TEMPLATE =
  'the input has no AnalysisTemplate of the run that coalmine wrote (kubectl get analysistemplates -o yaml)';
const NOT_OURS = 'coalmine did not write the Canary';
const SILENT = 'Prometheus has no requests of the canary at that time, or did not respond';

/** Groups runs by release: runs of one owner and one version of its pods. The latest release comes last. */
function groupsOf(runs: readonly RecordedObject[]): readonly [RecordedObject, ...RecordedObject[]][] {
  const groups = new Map<string, [RecordedObject, ...RecordedObject[]]>();
  for (const run of runs) {
    const [owner = {}] = listIn(run.metadata, 'ownerReferences');
    const hash = hashOf(run);
    const own = [textIn(owner, 'kind'), textIn(owner, 'name'), namespaceOf(run), hash];
    const key = JSON.stringify(hash === undefined ? [...own, textIn(run.metadata, 'name')] : [...own, revisionOf(run)]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [run]);
    else group.push(run);
  }
  const madeAt = ([{ metadata }]: readonly [RecordedObject, ...RecordedObject[]]): string =>
    textIn(metadata, 'creationTimestamp') ?? '';
  return [...groups.values()].sort((a, b) => madeAt(a).localeCompare(madeAt(b)));
}

function hasStatus({ status }: RecordedObject): boolean {
  return Object.keys(status).length > 0;
}

/** Whether a run was created from a template: a namespace has templates of several services. */
function isTemplateOf({ kind, metadata, spec }: RecordedObject, run: RecordedObject): boolean {
  if (!/AnalysisTemplate$/.test(kind)) return false;
  if (kind === 'AnalysisTemplate' && namespaceOf({ metadata }) !== namespaceOf(run)) return false;
  const queryOf = (metric: Fields): unknown => fieldsIn(fieldsIn(metric, 'provider'), 'prometheus')['query'];
  const own = new Map(listIn(run.spec, 'metrics').map((metric) => [textIn(metric, 'name'), queryOf(metric)]));
  return listIn(spec, 'metrics').some(
    (metric) => own.has(textIn(metric, 'name')) && own.get(textIn(metric, 'name')) === queryOf(metric),
  );
}

/** Returns the description in an object: `manifests` writes into annotations what its queries were made of. */
function readDescription({ metadata }: RecordedObject): Pick<KubernetesObject, 'metadata'> {
  const annotations = Object.entries(fieldsIn(metadata, 'annotations')).map(([key, value]) => [key, String(value)]);
  const namespace = textIn(metadata, 'namespace');
  return {
    metadata: {
      name: textIn(metadata, 'name') ?? '',
      ...(namespace === undefined ? {} : { namespace }),
      annotations: Object.fromEntries(annotations) as Readonly<Record<string, string>>,
    },
  };
}
