import type { Outcome, Reason } from './explanation.js';
import { type Fields, fieldsIn, isTrueIn, listIn, type RecordedObject, textIn } from './record.js';

/** Returns the outcome of a release, and its reason if it does not concern a metric. */
export function outcomeOf({ spec, status }: RecordedObject): {
  readonly outcome: Outcome;
  readonly why?: string;
  readonly isByAnalysis?: boolean;
} {
  if (isTrueIn(status, 'abort')) {
    const { why } = abortOf(status);
    return { outcome: 'rolled back', ...(why === undefined ? { isByAnalysis: true } : { why }) };
  }
  if (isTrueIn(spec, 'paused')) return { outcome: 'paused', why: 'somebody paused the Rollout (spec.paused)' };
  const pauses = listIn(status, 'pauseConditions').map((pause) => textIn(pause, 'reason') ?? '');
  const doubt = pauses.find((reason) => reason.startsWith('Inconclusive'));
  const pause = doubt ?? pauses[0];
  if (pause !== undefined) {
    const why = PAUSES[pause];
    return { outcome: 'paused', isByAnalysis: doubt !== undefined, ...(why === undefined ? {} : { why }) };
  }
  const [current, stable] = [textIn(status, 'currentPodHash'), textIn(status, 'stableRS')];
  if (current !== undefined && current === stable) return { outcome: 'promoted' };
  const message = textIn(status, 'message');
  const isStuck = textIn(status, 'phase') === 'Degraded';
  if (current === undefined) return { outcome: 'not known', ...(message === undefined ? {} : { why: message }) };
  return { outcome: 'in progress', ...(isStuck && message !== undefined ? { why: message } : {}) };
}

const PAUSES: Readonly<Record<string, string>> = {
  CanaryPauseStep: 'a step of the Rollout pauses: nothing is wrong',
  BlueGreenPause: 'the Rollout waits before the switch: nothing is wrong',
  InconclusiveExperiment: 'an experiment was inconclusive',
};

/** Returns why a release was aborted if no analysis asked for it. */
function abortOf(status: Fields): { readonly why?: string } {
  const message = textIn(status, 'message') ?? '';
  if (/ analysis phase /.test(message) || runStatusesIn(status).some(hasFailed)) return {};
  if (/timed out|deadline/i.test(message)) {
    return { why: 'its pods did not become ready in time: read /readyz?verbose of a pod, and kubectl describe pod' };
  }
  if (/^(?:RolloutAborted: )?Rollout aborted update to revision \d+$/.test(message)) {
    return { why: 'no analysis is named, so somebody aborted the release by hand' };
  }
  return message === '' ? {} : { why: message };
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
  const told = [
    ...runStatusesIn(status).map((run) => ({ run: textIn(run, 'name'), message: textIn(run, 'message') ?? '' })),
    { run: undefined, message: textIn(status, 'message') ?? '' },
  ];
  for (const { run, message } of told) {
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
