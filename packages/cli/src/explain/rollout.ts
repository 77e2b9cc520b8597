import type { AnalysisResult } from '../analyze/result.js';
import type { Verdict } from '../controllers/verdict.js';
import { resultOfRun } from './argo-run.js';
import type { Explanation, Outcome } from './explanation.js';
import { hashOf, owns, revisionOf } from './ownership.js';
import { lookingAt, reasonsOf } from './reasons.js';
import {
  fieldsIn,
  isTrueIn,
  listIn,
  nameOf,
  namespaceOf,
  numberIn,
  type RecordedObject,
  secondsIn,
  textIn,
} from './record.js';
import { rolloutCommands } from './rollout-commands.js';
import { outcomeOf, reasonsInStatus } from './rollout-status.js';

/** Adds what a Prometheus knows to a run; the run as it is where there is none to ask. */
export type Enrich = (result: AnalysisResult, run: RecordedObject) => Promise<AnalysisResult>;

/** Explains what became of the latest release of a Rollout, with the AnalysisRuns that are there. */
export async function explainRollout(
  rollout: RecordedObject,
  all: readonly RecordedObject[],
  enrich: Enrich,
): Promise<Explanation> {
  const { status } = rollout;
  const runs = all.filter((run) => isOfRelease(run, rollout));
  const { outcome, why, isByAnalysis = false } = outcomeOf(rollout);
  const decided = isByAnalysis ? lastAttemptOf(runs.filter(isDecided)) : [];
  const results = await resultsOf(decided, enrich, outcome === 'paused' ? 'pause' : 'rollback');
  const known = results.flatMap(({ result }) => reasonsOf(result));
  const reasons = known.length > 0 || !isByAnalysis ? known : reasonsInStatus(rollout);
  const [first] = reasons;
  const where = placeOf(results[0]?.run, rollout);
  const name = textIn(rollout.metadata, 'name') ?? '';
  const says = first?.says ?? why ?? (outcome === 'rolled back' ? textIn(status, 'message') : undefined);
  const before = outcome === 'promoted' ? await releaseBefore(rollout, all, enrich) : undefined;
  return {
    subject: nameOf(rollout),
    controller: 'argo',
    outcome,
    summary: `${name} ${SAID[outcome]}${where}${says === undefined ? '' : `: ${says}`}`,
    reasons,
    next: [
      ...lookingAt(
        reasons,
        results.flatMap(({ result }) => result.metrics),
      ),
      ...rolloutCommands(outcome, rollout, results[0]?.run),
    ],
    notes: [
      ...(first !== undefined && why !== undefined ? [why] : []),
      ...(before === undefined ? [] : [before]),
      ...(runs.length === 0 && outcome !== 'promoted'
        ? [
            `no AnalysisRun of this release is among what was given${textIn(status, 'currentPodHash') === undefined ? '' : `: kubectl get analysisruns -l rollouts-pod-template-hash=${textIn(status, 'currentPodHash')} -o yaml has them`}`,
          ]
        : []),
      ...results.flatMap(({ run, result }) => retentionNotes(run, result)),
    ],
    runs: results.map(({ result }) => result),
  };
}

/** Explains AnalysisRuns of one release whose Rollout is not there, or a run that belongs to none. */
export async function explainRuns(
  runs: readonly [RecordedObject, ...RecordedObject[]],
  enrich: Enrich,
): Promise<Explanation> {
  const decided = lastAttemptOf(runs).filter(isDecided);
  const [shown] = decided.length > 0 ? decided : runs;
  const results = await resultsOf(decided.length > 0 ? decided : runs, enrich, 'rollback');
  const reasons = results.flatMap(({ result }) => reasonsOf(result));
  const running = decided.length > 0 ? undefined : results.find((each) => each.result.phase === 'Running');
  const { result } = running ?? results[0] ?? { result: resultOfRun(shown ?? runs[0]) };
  const [owner] = listIn((shown ?? runs[0]).metadata, 'ownerReferences');
  const name = textIn(owner ?? {}, 'name') ?? result.name;
  const says = reasons[0]?.says ?? (result.phase === 'Successful' ? undefined : result.message);
  const isOfRollout = textIn(owner ?? {}, 'kind') === 'Rollout';
  // Of a run of an Experiment, or by hand, no release depends on it that is known here.
  const outcome = isOfRollout || result.verdict !== 'rollback' ? OUTCOMES[result.phase] : 'not known';
  return {
    subject: runs.length === 1 ? nameOf(runs[0]) : `${runs.length} AnalysisRuns of ${name}`,
    controller: 'argo',
    outcome,
    summary: `${name} ${isOfRollout ? SAID_OF_RUN[outcome] : `has a run that is ${result.phase}`}${placeOf(shown, undefined)}${says === undefined ? '' : `: ${says}`}`,
    reasons,
    next: [
      ...lookingAt(
        reasons,
        results.flatMap((each) => each.result.metrics),
      ),
      ...(isOfRollout && owner !== undefined
        ? rolloutCommands(outcome, { ...runs[0], metadata: { ...owner, namespace: namespaceOf(runs[0]) } }, shown)
        : []),
    ],
    notes: results.flatMap((each) => retentionNotes(each.run, each.result)),
    runs: results.map((each) => each.result),
  };
}

const OUTCOMES: Readonly<Record<AnalysisResult['phase'], Outcome>> = {
  Successful: 'passed',
  Failed: 'rolled back',
  Error: 'rolled back',
  Inconclusive: 'paused',
  Running: 'in progress',
};

const SAID: Readonly<Record<Outcome, string>> = {
  promoted: 'was promoted',
  passed: 'passed the analysis',
  'rolled back': 'was rolled back',
  paused: 'is paused',
  'in progress': 'is in progress',
  'not known': 'is in a state that is not known here',
};

const SAID_OF_RUN: Readonly<Record<Outcome, string>> = {
  ...SAID,
  'in progress': 'is being analysed',
};

/** Returns what runs have on record: those with the verdict that was acted upon first, each in the order of their ends. */
async function resultsOf(
  runs: readonly RecordedObject[],
  enrich: Enrich,
  acted: Verdict,
): Promise<readonly { readonly run: RecordedObject; readonly result: AnalysisResult }[]> {
  const results = await Promise.all(runs.map(async (run) => ({ run, result: await enrich(resultOfRun(run), run) })));
  const rank = ({ result: { verdict } }: (typeof results)[number]): number => (verdict === acted ? 0 : 1);
  return results.sort((a, b) => rank(a) - rank(b) || a.result.finishedAt - b.result.finishedAt);
}

/**
 * Returns what an analysis said of the release before the latest one, where it stopped that release. To go back by `undo`
 * is a release of its own, which is promoted without an analysis.
 */
async function releaseBefore(
  rollout: RecordedObject,
  all: readonly RecordedObject[],
  enrich: Enrich,
): Promise<string | undefined> {
  const revisionNumber = (of: RecordedObject): number => Number(revisionOf(of) ?? 0);
  const earlier = all.filter(
    (run) => run.kind === 'AnalysisRun' && owns(rollout, run) && revisionNumber(run) < revisionNumber(rollout),
  );
  const latest = Math.max(...earlier.map(revisionNumber));
  const decided = lastAttemptOf(earlier.filter((run) => revisionNumber(run) === latest)).filter(isDecided);
  const [stopped] = await resultsOf(decided, enrich, 'rollback');
  if (stopped === undefined) return undefined;
  const { run, result } = stopped;
  const [reason] = reasonsOf(result);
  const outcome = result.verdict === 'rollback' ? 'was rolled back' : 'was paused';
  const hash = hashOf(run);
  return [
    `the release before, revision ${latest}${hash === undefined ? '' : ` (${hash})`}, ${outcome}${placeOf(run, rollout)}`,
    ...(reason === undefined ? [] : [`: ${reason.metrics.join(', ')}: ${reason.says} (${reason.evidence})`]),
    `; kubectl get analysisrun ${result.name} -n ${namespaceOf(run)} -o yaml has its measurements`,
  ].join('');
}

function isDecided({ status }: RecordedObject): boolean {
  return ['Failed', 'Error', 'Inconclusive'].includes(textIn(status, 'phase') ?? '');
}

/** The runs of the attempt that ended last: a retry has the hash and the revision of the attempt before. */
function lastAttemptOf(runs: readonly RecordedObject[]): readonly RecordedObject[] {
  const endOf = ({ status }: RecordedObject): number => secondsIn(status, 'completedAt') ?? Number.POSITIVE_INFINITY;
  const last = runs.reduce<RecordedObject | undefined>(
    (latest, run) => (latest !== undefined && endOf(latest) > endOf(run) ? latest : run),
    undefined,
  );
  const begin = last && (secondsIn(last.status, 'startedAt') ?? secondsIn(last.metadata, 'creationTimestamp'));
  return begin === undefined ? runs : runs.filter((run) => endOf(run) >= begin);
}

/** Whether an AnalysisRun belongs to the latest release of a Rollout. */
function isOfRelease(run: RecordedObject, rollout: RecordedObject): boolean {
  // What either does not say tells nothing apart.
  const isAlike = (one: string | undefined, other: string | undefined): boolean =>
    one === undefined || other === undefined || one === other;
  return (
    run.kind === 'AnalysisRun' &&
    owns(rollout, run) &&
    isAlike(textIn(rollout.status, 'currentPodHash'), hashOf(run)) &&
    isAlike(revisionOf(rollout), revisionOf(run))
  );
}

/** Returns where in the release a run was: ` in step 2 of 6 (5 % of the traffic)`. */
function placeOf(run: RecordedObject | undefined, rollout: RecordedObject | undefined): string {
  const labels = fieldsIn(run?.metadata ?? {}, 'labels');
  const type = textIn(labels, 'rollout-type');
  if (type === 'Background') return ' by the analysis that runs beside all steps';
  if (type === 'PrePromotion') return ' before the switch';
  if (type === 'PostPromotion') return ' after the switch';
  const steps = listIn(fieldsIn(fieldsIn(rollout?.spec ?? {}, 'strategy'), 'canary'), 'steps');
  const index = run === undefined ? undefined : numberIn(labels, 'step-index');
  const current =
    index ??
    (rollout === undefined || isTrueIn(rollout.status, 'abort')
      ? undefined
      : numberIn(rollout.status, 'currentStepIndex'));
  if (current === undefined) return '';
  if (steps.length === 0) return ` in step ${current + 1}`;
  if (current >= steps.length) return '';
  const weight = steps
    .slice(0, current + 1)
    .reduce<number | undefined>((last, step) => numberIn(step, 'setWeight') ?? last, undefined);
  return ` in step ${current + 1} of ${steps.length}${weight === undefined ? '' : ` (${weight} % of the traffic)`}`;
}

/** An AnalysisRun keeps the last measurements of a metric alone: ten, unless `measurementRetention` says otherwise. */
function retentionNotes({ status }: RecordedObject, { name }: AnalysisResult): readonly string[] {
  const all = listIn(status, 'metricResults').map((result) => ({
    kept: listIn(result, 'measurements').length,
    taken: numberIn(result, 'count') ?? 0,
  }));
  const most = all.reduce((longest, each) => (each.taken - each.kept > longest.taken - longest.kept ? each : longest), {
    kept: 0,
    taken: 0,
  });
  return most.taken > most.kept
    ? [
        `${name} keeps the last ${most.kept} of up to ${most.taken} measurements of a metric: what was before is not on record`,
      ]
    : [];
}
