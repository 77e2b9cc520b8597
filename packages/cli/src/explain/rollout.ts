import type { AnalysisResult } from '../analyze/result.js';
import type { Verdict } from '../controllers/verdict.js';
import { resultOfRun } from './argo-run.js';
import type { Explanation, Outcome, Reason } from './explanation.js';
import { hashOf, owns, revisionOf } from './ownership.js';
import { placeOf } from './place.js';
import { hasGeneratedConditions, lookingAt, reasonsOf } from './reasons.js';
import { isTrueIn, listIn, nameOf, namespaceOf, numberIn, type RecordedObject, secondsIn, textIn } from './record.js';
import { rolloutCommands } from './rollout-commands.js';
import { abortMessageIn, reasonsInStatus, refusalIn, stateOf } from './rollout-status.js';

/** Adds the data of a Prometheus to a run, or returns the run unchanged if there is no Prometheus to query. */
export type Enrich = (result: AnalysisResult, run: RecordedObject) => Promise<AnalysisResult>;

/** Explains the latest release of a Rollout, with its AnalysisRuns. */
export async function explainRollout(
  rollout: RecordedObject,
  all: readonly RecordedObject[],
  enrich: Enrich,
): Promise<Explanation> {
  const { status } = rollout;
  const runs = all.filter((run) => isOfRelease(run, rollout));
  const { outcome, why, isByAnalysis = false, remedy } = stateOf(rollout);
  const decided = isByAnalysis ? lastAttemptOf(runs.filter(isDecided)) : [];
  const results = await resultsOf(decided, enrich, outcome === 'paused' ? 'pause' : 'rollback');
  const known = results.flatMap(({ result }) => reasonsOf(result));
  const reasons = known.length > 0 || !isByAnalysis ? known : reasonsInStatus(rollout);
  const [first] = reasons;
  const where = placeOf(results[0]?.run, rollout);
  const name = textIn(rollout.metadata, 'name') ?? '';
  const says = first?.says ?? why ?? (outcome === 'rolled back' ? abortMessageIn(status) || undefined : undefined);
  const refusal = outcome === 'rolled back' ? refusalIn(status) : undefined;
  const doubt = outcome === 'rolled back' && !isByAnalysis ? await doubtBefore(runs, enrich) : undefined;
  const before = outcome === 'promoted' ? await releaseBefore(rollout, all, enrich) : undefined;
  return {
    subject: nameOf(rollout),
    controller: 'argo',
    outcome,
    summary: `${name} ${SAID[outcome]}${where}${says === undefined ? '' : `: ${says}`}`,
    reasons,
    next: [
      ...looksOf(reasons, results),
      ...(remedy === undefined ? rolloutCommands(outcome, rollout, results[0]?.run) : [remedy]),
    ],
    notes: [
      ...new Set([
        ...(first !== undefined && why !== undefined ? [why] : []),
        ...(doubt === undefined ? [] : [doubt]),
        ...(refusal === undefined ? [] : [`Argo Rollouts refuses the spec that was applied since: ${refusal}`]),
        ...(before === undefined ? [] : [before]),
        ...(runs.length === 0 && outcome !== 'promoted'
          ? [
              `the input has no AnalysisRun of this release${textIn(status, 'currentPodHash') === undefined ? '' : `: kubectl get analysisruns -l rollouts-pod-template-hash=${textIn(status, 'currentPodHash')} -o yaml has them`}`,
            ]
          : []),
        ...results.flatMap(({ run, result }) => [...retentionNotes(run, result), ...(result.notes ?? [])]),
      ]),
    ],
    runs: results.map(({ result }) => result),
  };
}

/** Explains AnalysisRuns of one release without their Rollout, or a run that belongs to none. */
export async function explainRuns(
  runs: readonly [RecordedObject, ...RecordedObject[]],
  enrich: Enrich,
): Promise<Explanation> {
  const attempt = lastAttemptOf(runs);
  const decided = attempt.filter(isDecided);
  const results = await resultsOf(decided.length > 0 ? decided : attempt, enrich, 'rollback');
  const reasons = results.flatMap(({ result }) => reasonsOf(result));
  const running = decided.length > 0 ? undefined : results.find((each) => each.result.phase === 'Running');
  const { run: shown, result } = running ?? results[0] ?? { run: runs[0], result: resultOfRun(runs[0]) };
  const [owner] = listIn(shown.metadata, 'ownerReferences');
  const name = textIn(owner ?? {}, 'name') ?? result.name;
  const says = reasons[0]?.says ?? endingOf(shown, result);
  const isOfRollout = textIn(owner ?? {}, 'kind') === 'Rollout';
  // No known release depends on the run of an Experiment, or on a run that was started by hand.
  const outcome = isOfRollout || !isDecided(shown) ? OUTCOMES[result.phase] : 'not known';
  return {
    subject: runs.length === 1 ? nameOf(runs[0]) : `${runs.length} AnalysisRuns of ${name}`,
    controller: 'argo',
    outcome,
    summary: `${name} ${isOfRollout ? SAID_OF_RUN[outcome] : `has a run that is ${result.phase}`}${placeOf(shown, undefined, outcome)}${says === undefined ? '' : `: ${says}`}`,
    reasons,
    next: [
      ...looksOf(reasons, results),
      ...(isOfRollout && owner !== undefined
        ? rolloutCommands(outcome, { ...runs[0], metadata: { ...owner, namespace: namespaceOf(runs[0]) } }, shown)
        : []),
    ],
    notes: [
      ...new Set(results.flatMap((each) => [...retentionNotes(each.run, each.result), ...(each.result.notes ?? [])])),
    ],
    runs: results.map((each) => each.result),
  };
}

function looksOf(
  reasons: readonly Reason[],
  results: readonly { readonly result: AnalysisResult }[],
): readonly string[] {
  const metrics = results.flatMap(({ result }) => result.metrics);
  return lookingAt(reasons, metrics, (metric) =>
    metrics.every((each) => each.name !== metric || hasGeneratedConditions(each)),
  );
}

/** Returns what is to be said about the end of a run that no metric decided. */
function endingOf({ spec, status }: RecordedObject, { phase, message, metrics }: AnalysisResult): string | undefined {
  if (phase === 'Running') return textIn(status, 'message') || undefined;
  if (phase !== 'Successful') return message;
  if (!isTrueIn(spec, 'terminate')) return undefined;
  return metrics.some(({ measurements }) => measurements.length > 0)
    ? 'the run was terminated (after the last step, by an abort or by hand), and no limit was exceeded by then'
    : 'the run was terminated before its first measurement, so it proves nothing';
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
  'not known': 'is in a state that coalmine does not know',
};

const SAID_OF_RUN: Readonly<Record<Outcome, string>> = {
  ...SAID,
  'in progress': 'is being analysed',
};

/** Returns the results of runs: first the runs whose verdict was acted upon first, each in the order of their ends. */
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
 * Returns the verdict on the release before the latest one, if it stopped that release. Going back with `undo` is a
 * release of its own, which is promoted without an analysis.
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
    `${latest === revisionNumber(rollout) - 1 ? 'the release before' : 'an earlier release'}, revision ${latest}${hash === undefined ? '' : ` (${hash})`}, ${outcome}${placeOf(run, rollout)}`,
    ...(reason === undefined ? [] : [`: ${sentenceOf(reason)}`]),
    `; kubectl get analysisrun ${result.name} -n ${namespaceOf(run)} -o yaml shows its measurements`,
  ].join('');
}

/** Returns what the analysis had found when somebody aborted a release; `undefined` if it had not ended it. */
async function doubtBefore(runs: readonly RecordedObject[], enrich: Enrich): Promise<string | undefined> {
  const [decided] = await resultsOf(lastAttemptOf(runs).filter(isDecided), enrich, 'pause');
  const [reason] = decided === undefined ? [] : reasonsOf(decided.result);
  return decided === undefined || reason === undefined
    ? undefined
    : `the analysis had ended as ${decided.result.phase} before: ${sentenceOf(reason)}`;
}

function sentenceOf({ metrics, says, evidence }: Reason): string {
  return `${metrics.join(', ')}: ${says} (${evidence})`;
}

function isDecided({ status }: RecordedObject): boolean {
  return ['Failed', 'Error', 'Inconclusive'].includes(textIn(status, 'phase') ?? '');
}

/** Returns the runs of the attempt that ended last: a retry has the hash and the revision of the attempt before. */
function lastAttemptOf(runs: readonly RecordedObject[]): readonly RecordedObject[] {
  const startOf = ({ status, metadata }: RecordedObject): number | undefined =>
    secondsIn(status, 'startedAt') ?? secondsIn(metadata, 'creationTimestamp');
  // A run that Argo Rollouts refuses ends at its start, without a time.
  const endOf = (run: RecordedObject): number =>
    secondsIn(run.status, 'completedAt') ?? (isDecided(run) ? startOf(run) : undefined) ?? Number.POSITIVE_INFINITY;
  const last = runs.reduce<RecordedObject | undefined>(
    (latest, run) => (latest !== undefined && endOf(latest) > endOf(run) ? latest : run),
    undefined,
  );
  const begin = last && startOf(last);
  return begin === undefined ? runs : runs.filter((run) => endOf(run) >= begin);
}

/** Whether an AnalysisRun belongs to the latest release of a Rollout. */
function isOfRelease(run: RecordedObject, rollout: RecordedObject): boolean {
  // A missing value tells nothing apart.
  const isAlike = (one: string | undefined, other: string | undefined): boolean =>
    one === undefined || other === undefined || one === other;
  return (
    run.kind === 'AnalysisRun' &&
    owns(rollout, run) &&
    isAlike(textIn(rollout.status, 'currentPodHash'), hashOf(run)) &&
    isAlike(revisionOf(rollout), revisionOf(run))
  );
}

/**
 * Notes that an AnalysisRun keeps only the last measurements of a metric: ten, unless `measurementRetention` says
 * otherwise.
 */
function retentionNotes({ status }: RecordedObject, { name }: AnalysisResult): readonly string[] {
  const all = listIn(status, 'metricResults').map((result) => ({
    kept: listIn(result, 'measurements').length,
    // `count` leaves errors out.
    taken: (numberIn(result, 'count') ?? 0) + (numberIn(result, 'error') ?? 0),
  }));
  const most = all.reduce((longest, each) => (each.taken - each.kept > longest.taken - longest.kept ? each : longest), {
    kept: 0,
    taken: 0,
  });
  return most.taken > most.kept
    ? [
        `${name} keeps the last ${most.kept} of up to ${most.taken} measurements of a metric: earlier ones are not on record`,
      ]
    : [];
}
