import { showTime } from '../controllers/shown.js';
import type { Outcome, Reason } from './explanation.js';
import { type Fields, fieldsIn, isTrueIn, listIn, numberIn, type RecordedObject, secondsIn, textIn } from './record.js';

/** The state of a release, by the status of its Rollout. */
export interface ReleaseState {
  readonly outcome: Outcome;
  /** The reason, if it does not concern a metric. */
  readonly why?: string;
  readonly isByAnalysis?: boolean;
  /** What to do before the release can go on, if that is not a decision about the release. */
  readonly remedy?: string;
}

/** Returns the state of a release. */
export function stateOf(rollout: RecordedObject): ReleaseState {
  const { spec, status } = rollout;
  if (isTrueIn(status, 'abort')) {
    const { why } = abortOf(rollout);
    return { outcome: 'rolled back', ...(why === undefined ? { isByAnalysis: true } : { why }) };
  }
  const refusal = refusalIn(status);
  if (refusal !== undefined) {
    return {
      outcome: 'paused',
      why: `Argo Rollouts refuses its spec, and releases nothing until the spec is valid: ${refusal}`,
      remedy: 'Correct the spec, or create the objects that it names.',
    };
  }
  const unseen = unseenGenerationOf(rollout);
  if (unseen !== undefined) return { outcome: 'in progress', why: unseen };
  if (isTrueIn(spec, 'paused')) return { outcome: 'paused', why: 'somebody paused the Rollout (spec.paused)' };
  const pauses = listIn(status, 'pauseConditions');
  const doubt = pauses.find((each) => reasonOf(each).startsWith('Inconclusive'));
  const pause = doubt ?? pauses[0];
  if (pause !== undefined) {
    const why = PAUSES[reasonOf(pause)];
    return {
      outcome: 'paused',
      isByAnalysis: doubt !== undefined,
      ...(why === undefined ? {} : { why: `${why}${sinceOf(secondsIn(pause, 'startTime'))}` }),
    };
  }
  const [current, stable] = [textIn(status, 'currentPodHash'), textIn(status, 'stableRS')];
  const message = textIn(status, 'message');
  const degraded = textIn(status, 'phase') === 'Degraded' ? message : undefined;
  if (current !== undefined && current === stable) {
    return { outcome: 'promoted', ...(degraded === undefined ? {} : { why: `it is Degraded now: ${degraded}` }) };
  }
  if (current === undefined) return { outcome: 'not known', ...(message === undefined ? {} : { why: message }) };
  const isFirst = (stable ?? '') === '';
  const why =
    degraded !== undefined && TIMED_OUT.test(degraded)
      ? unready(status)
      : (missingPodsIn(status) ??
        degraded ??
        (isFirst ? 'it is the first version, which is released without the steps' : undefined));
  return { outcome: 'in progress', ...(why === undefined ? {} : { why }) };
}

const PAUSES: Readonly<Record<string, string>> = {
  CanaryPauseStep: 'a step of the Rollout pauses: nothing is wrong',
  BlueGreenPause: 'the Rollout waits before the switch: nothing is wrong',
  InconclusiveExperiment: 'an experiment was inconclusive',
};

const TIMED_OUT = /has timed out progressing/;

function reasonOf(pause: Fields): string {
  return textIn(pause, 'reason') ?? '';
}

function sinceOf(seconds: number | undefined): string {
  return seconds === undefined ? '' : ` (since ${showTime(seconds)})`;
}

/** Returns why a release was aborted if no analysis asked for it. */
function abortOf({ spec, status }: RecordedObject): { readonly why?: string } {
  const message = abortMessageIn(status);
  if (/ analysis phase /.test(message) || runStatusesIn(status).some(hasFailed)) return {};
  if (TIMED_OUT.test(message)) return { why: unready(status) };
  if (/^Rollout aborted update to revision \d+$/.test(message)) {
    // Older versions do not name the deadline.
    const orDeadline = isTrueIn(spec, 'progressDeadlineAbort')
      ? ', or its pods did not become ready in time (progressDeadlineAbort)'
      : '';
    return {
      why: `no analysis is named, so somebody aborted the release by hand${orDeadline}${sinceOf(secondsIn(status, 'abortedAt'))}`,
    };
  }
  return message === '' ? {} : { why: message };
}

/** Returns why a release was aborted, in the words of Argo Rollouts. The message of the status may be about another condition. */
export function abortMessageIn(status: Fields): string {
  const aborted = listIn(status, 'conditions').find((condition) => textIn(condition, 'reason') === 'RolloutAborted');
  return (
    (aborted === undefined ? undefined : textIn(aborted, 'message')) ??
    (textIn(status, 'message') ?? '').replace(/^RolloutAborted: /, '')
  );
}

/** Returns why Argo Rollouts refuses the spec of a Rollout; `undefined` if it accepts the spec. */
export function refusalIn(status: Fields): string | undefined {
  return conditionIn(status, 'InvalidSpec') ?? /^InvalidSpec: (.*)$/s.exec(textIn(status, 'message') ?? '')?.[1];
}

/** Returns why pods of a release cannot be created; `undefined` if they can. */
function missingPodsIn(status: Fields): string | undefined {
  const failure = conditionIn(status, 'ReplicaFailure');
  return failure === undefined ? undefined : `its pods cannot be created: ${failure}`;
}

function unready(status: Fields): string {
  return (
    missingPodsIn(status) ??
    'its pods did not become ready in time: read /readyz?verbose of a pod, and kubectl describe pod'
  );
}

function conditionIn(status: Fields, type: string): string | undefined {
  const found = listIn(status, 'conditions').find(
    (condition) => textIn(condition, 'type') === type && textIn(condition, 'status') !== 'False',
  );
  return found === undefined ? undefined : (textIn(found, 'message') ?? type);
}

/** Returns a sentence about a spec that Argo Rollouts has not seen yet; `undefined` if it has seen the latest one. */
function unseenGenerationOf({ metadata, status }: RecordedObject): string | undefined {
  const latest = numberIn(metadata, 'generation');
  // Old versions wrote a hash here.
  const seen = /^\d+$/.test(textIn(status, 'observedGeneration') ?? '')
    ? numberIn(status, 'observedGeneration')
    : undefined;
  return latest === undefined || seen === undefined || seen >= latest
    ? undefined
    : `Argo Rollouts has not seen the latest spec yet (generation ${latest}, seen ${seen}): if this lasts, its controller does not run`;
}

function hasFailed(run: Fields): boolean {
  return ['Failed', 'Error'].includes(textIn(run, 'status') ?? '');
}

/** Returns the runs that the status of a Rollout itself names. */
function runStatusesIn(status: Fields): readonly Fields[] {
  const [canary, blueGreen] = [fieldsIn(status, 'canary'), fieldsIn(status, 'blueGreen')];
  return [
    fieldsIn(canary, 'currentStepAnalysisRunStatus'),
    fieldsIn(canary, 'currentBackgroundAnalysisRunStatus'),
    fieldsIn(blueGreen, 'prePromotionAnalysisRunStatus'),
    fieldsIn(blueGreen, 'postPromotionAnalysisRunStatus'),
  ].filter((run) => textIn(run, 'name') !== undefined);
}

/**
 * Returns what the status of a Rollout says about the deciding metrics: their names, and the limit that each passed.
 */
export function reasonsInStatus({ status }: RecordedObject): readonly Reason[] {
  const messages = [
    ...runStatusesIn(status).map((run) => ({ run: textIn(run, 'name'), message: textIn(run, 'message') ?? '' })),
    { run: undefined, message: abortMessageIn(status) },
  ];
  for (const { run, message } of messages) {
    const found = /Metric "([^"]+)" assessed (Failed|Error|Inconclusive) due to (.+)$/s.exec(message);
    if (found === null) continue;
    const [, metric = '', phase, evidence = ''] = found;
    return [
      {
        metrics: [metric],
        ...(run === undefined ? {} : { run }),
        phase: phase as Reason['phase'],
        says: `the metric ${metric} ended as ${phase}`,
        evidence,
      },
    ];
  }
  return [];
}
