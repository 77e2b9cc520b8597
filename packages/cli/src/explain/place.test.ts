import { describe, expect, it } from 'vitest';
import { placeOf } from './place.js';
import { type Fields, recordOf } from './record.js';

const STEPS = [{ setWeight: 5 }, { analysis: {} }, { setWeight: 50 }, { pause: {} }];

const run = (labels: Fields) => recordOf({ kind: 'AnalysisRun', metadata: { labels } });
const rollout = (status: Fields = {}, canary: Fields = {}) =>
  recordOf({
    kind: 'Rollout',
    spec: { strategy: { canary: { steps: STEPS, ...canary } } },
    status: { stableRS: 'a', ...status },
  });

describe('the place of a run in a release', () => {
  it('is its step, with the weight that was set last', () => {
    expect(placeOf(run({ 'step-index': '1' }), rollout())).toBe(' in step 2 of 4 (5 % of the traffic)');
    expect(placeOf(run({ 'step-index': '3' }), rollout())).toBe(' in step 4 of 4 (50 % of the traffic)');
    expect(placeOf(run({ 'step-index': '0' }), rollout({}, { steps: [{ analysis: {} }] }))).toBe(' in step 1 of 1');
  });

  it('is a share of the highest weight that the router has', () => {
    const routing = { trafficRouting: { maxTrafficWeight: 1000 } };
    expect(placeOf(run({ 'step-index': '1' }), rollout({}, routing))).toBe(' in step 2 of 4 (0.5 % of the traffic)');
  });

  it('is only the number of the step if the Rollout is not known', () => {
    expect(placeOf(run({ 'step-index': '1' }), undefined)).toBe(' in step 2');
  });

  it('is beside all steps, or before or after the switch', () => {
    expect(placeOf(run({ 'rollout-type': 'Background' }), rollout())).toBe(
      ' by the analysis that runs beside all steps',
    );
    expect(placeOf(run({ 'rollout-type': 'Background' }), rollout(), 'in progress')).toBe(' beside all steps');
    expect(placeOf(run({ 'rollout-type': 'PrePromotion' }), rollout())).toBe(' before the switch');
    expect(placeOf(run({ 'rollout-type': 'PostPromotion' }), rollout())).toBe(' after the switch');
  });
});

describe('the place of a release without a run', () => {
  it('is the current step of the Rollout', () => {
    expect(placeOf(undefined, rollout({ currentStepIndex: 2 }))).toBe(' in step 3 of 4 (50 % of the traffic)');
  });

  it.each<[what: string, status: Fields]>([
    ['the Rollout was aborted, and counts from the start', { currentStepIndex: 0, abort: true }],
    ['it is the first, which has no steps', { currentStepIndex: 2, stableRS: '' }],
    ['all steps are done', { currentStepIndex: 4 }],
    ['nothing is known of its step', {}],
  ])('is not named if %s', (_, status) => {
    expect(placeOf(undefined, rollout(status))).toBe('');
  });
});
