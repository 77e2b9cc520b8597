import { showNumber } from '../controllers/shown.js';
import type { Outcome } from './explanation.js';
import { fieldsIn, isTrueIn, listIn, numberIn, type RecordedObject, textIn } from './record.js';

/**
 * Returns the place of a run in the release, as the end of a sentence about the outcome: ` in step 2 of 6 (5 % of the
 * traffic)`.
 */
export function placeOf(
  run: RecordedObject | undefined,
  rollout: RecordedObject | undefined,
  outcome: Outcome = 'rolled back',
): string {
  const labels = fieldsIn(run?.metadata ?? {}, 'labels');
  const type = textIn(labels, 'rollout-type');
  if (type === 'Background') return BESIDE[outcome] ?? ' by the analysis that runs beside all steps';
  if (type === 'PrePromotion') return ' before the switch';
  if (type === 'PostPromotion') return ' after the switch';
  const canary = fieldsIn(fieldsIn(rollout?.spec ?? {}, 'strategy'), 'canary');
  const steps = listIn(canary, 'steps');
  const index = run === undefined ? undefined : numberIn(labels, 'step-index');
  const current =
    index ??
    (rollout === undefined || isTrueIn(rollout.status, 'abort') || isFirst(rollout)
      ? undefined
      : numberIn(rollout.status, 'currentStepIndex'));
  if (current === undefined) return '';
  if (steps.length === 0) return ` in step ${current + 1}`;
  if (current >= steps.length) return '';
  const weight = steps
    .slice(0, current + 1)
    .reduce<number | undefined>((last, step) => numberIn(step, 'setWeight') ?? last, undefined);
  const whole = numberIn(fieldsIn(canary, 'trafficRouting'), 'maxTrafficWeight') ?? 100;
  return ` in step ${current + 1} of ${steps.length}${weight === undefined ? '' : ` (${showNumber((100 * weight) / whole)} % of the traffic)`}`;
}

/** Whether a Rollout has had no release yet: Argo Rollouts passes over the steps of the first one. */
function isFirst({ status }: RecordedObject): boolean {
  return (textIn(status, 'stableRS') ?? '') === '';
}

/** The place of the analysis beside all steps, after a sentence that has named the analysis already. */
const BESIDE: Readonly<Partial<Record<Outcome, string>>> = {
  passed: ' that runs beside all steps',
  'in progress': ' beside all steps',
};
