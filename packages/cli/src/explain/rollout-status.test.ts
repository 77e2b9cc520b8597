import { describe, expect, it } from 'vitest';
import { type Fields, type RecordedObject, recordOf } from './record.js';
import { abortMessageIn, type ReleaseState, reasonsInStatus, refusalIn, stateOf } from './rollout-status.js';

const AT = '2026-01-20T14:00:00Z';
const UNDER_WAY = { currentPodHash: 'b', stableRS: 'a' };
const UNREADY = 'its pods did not become ready in time: read /readyz?verbose of a pod, and kubectl describe pod';

const rolloutOf = (status: Fields, spec: Fields = {}, metadata: Fields = {}): RecordedObject =>
  recordOf({ kind: 'Rollout', metadata, spec, status });
const state = (...args: Parameters<typeof rolloutOf>): ReleaseState => stateOf(rolloutOf(...args));
const condition = (type: string, rest: Fields = {}): Fields => ({ conditions: [{ type, status: 'True', ...rest }] });

describe('a release is', () => {
  it.each<[string, Fields, ReleaseState]>([
    ['promoted', { currentPodHash: 'a', stableRS: 'a' }, { outcome: 'promoted' }],
    [
      'promoted, and broken since',
      { currentPodHash: 'a', stableRS: 'a', phase: 'Degraded', message: 'no pods' },
      { outcome: 'promoted', why: 'it is Degraded now: no pods' },
    ],
    [
      'promoted, whatever a healthy one says',
      { currentPodHash: 'a', stableRS: 'a', phase: 'Healthy', message: 'x' },
      { outcome: 'promoted' },
    ],
    ['on its way', UNDER_WAY, { outcome: 'in progress' }],
    [
      'on its way for the first time',
      { currentPodHash: 'a' },
      { outcome: 'in progress', why: 'it is the first version, which is released without the steps' },
    ],
    [
      'on its way, and broken',
      { ...UNDER_WAY, phase: 'Degraded', message: 'no pods' },
      { outcome: 'in progress', why: 'no pods' },
    ],
    [
      'too late',
      { ...UNDER_WAY, phase: 'Degraded', message: 'ReplicaSet "b" has timed out progressing.' },
      { outcome: 'in progress', why: UNREADY },
    ],
    [
      'too late, because pods are refused',
      {
        ...UNDER_WAY,
        phase: 'Degraded',
        message: 'ReplicaSet "b" has timed out progressing.',
        ...condition('ReplicaFailure', { message: 'quota' }),
      },
      { outcome: 'in progress', why: 'its pods cannot be created: quota' },
    ],
    [
      'without pods',
      { ...UNDER_WAY, phase: 'Degraded', message: 'x', ...condition('ReplicaFailure') },
      { outcome: 'in progress', why: 'its pods cannot be created: ReplicaFailure' },
    ],
    [
      'with pods again',
      { ...UNDER_WAY, ...condition('ReplicaFailure', { status: 'False', message: 'quota' }) },
      { outcome: 'in progress' },
    ],
    ['not known', {}, { outcome: 'not known' }],
    ['not known, with a message', { message: 'waiting' }, { outcome: 'not known', why: 'waiting' }],
    [
      'refused',
      condition('InvalidSpec', { message: 'no service' }),
      {
        outcome: 'paused',
        why: 'Argo Rollouts refuses its spec, and releases nothing until the spec is valid: no service',
        remedy: 'Correct the spec, or create the objects that it names.',
      },
    ],
  ])('%s', (_, status, expected) => {
    expect(state(status)).toEqual(expected);
  });

  it.each<[string, readonly Fields[], ReleaseState]>([
    [
      'a step',
      [{ reason: 'CanaryPauseStep', startTime: AT }],
      {
        outcome: 'paused',
        isByAnalysis: false,
        why: `a step of the Rollout pauses: nothing is wrong (since ${AT})`,
      },
    ],
    [
      'the wait before a switch',
      [{ reason: 'BlueGreenPause' }],
      { outcome: 'paused', isByAnalysis: false, why: 'the Rollout waits before the switch: nothing is wrong' },
    ],
    ['an analysis', [{ reason: 'InconclusiveAnalysisRun' }], { outcome: 'paused', isByAnalysis: true }],
    [
      'an analysis in a step that pauses',
      [{ reason: 'CanaryPauseStep' }, { reason: 'InconclusiveAnalysisRun' }],
      { outcome: 'paused', isByAnalysis: true },
    ],
    [
      'an experiment',
      [{ reason: 'InconclusiveExperiment' }],
      { outcome: 'paused', isByAnalysis: true, why: 'an experiment was inconclusive' },
    ],
    ['something new', [{}], { outcome: 'paused', isByAnalysis: false }],
  ])('paused by %s', (_, pauseConditions, expected) => {
    expect(state({ ...UNDER_WAY, pauseConditions })).toEqual(expected);
  });

  it('paused by hand, before anything else pauses it', () => {
    expect(state({ ...UNDER_WAY, pauseConditions: [{ reason: 'CanaryPauseStep' }] }, { paused: true })).toEqual({
      outcome: 'paused',
      why: 'somebody paused the Rollout (spec.paused)',
    });
  });

  it.each<[unknown, unknown, string | undefined]>([
    [5, '4', 'generation 5, seen 4'],
    [5, '5', undefined],
    [5, '6', undefined],
    [5, 'f00ba4', undefined],
    [5, undefined, undefined],
    [undefined, '4', undefined],
  ])('not seen yet, at the generation %s and with %s seen', (generation, observedGeneration, says) => {
    const { outcome, why } = state({ ...UNDER_WAY, observedGeneration }, {}, { generation });
    expect(outcome).toBe('in progress');
    expect(why).toBe(
      says && `Argo Rollouts has not seen the latest spec yet (${says}): if this lasts, its controller does not run`,
    );
  });
});

describe('a release was aborted', () => {
  const aborted = (message: string, rest: Fields = {}, spec: Fields = {}): ReleaseState =>
    state({ ...UNDER_WAY, abort: true, message: `RolloutAborted: ${message}`, ...rest }, spec);
  const BY_HAND = 'Rollout aborted update to revision 3';

  it.each<[string, string, Fields]>([
    ['as the message says', 'Step-based analysis phase error/failed', {}],
    ['as a run says', BY_HAND, { canary: { currentStepAnalysisRunStatus: { name: 'run', status: 'Failed' } } }],
    [
      'as a run beside all steps says',
      BY_HAND,
      { canary: { currentBackgroundAnalysisRunStatus: { name: 'run', status: 'Error' } } },
    ],
    [
      'as a run before the switch says',
      BY_HAND,
      { blueGreen: { prePromotionAnalysisRunStatus: { name: 'run', status: 'Failed' } } },
    ],
    [
      'as a run after the switch says',
      BY_HAND,
      { blueGreen: { postPromotionAnalysisRunStatus: { name: 'run', status: 'Failed' } } },
    ],
  ])('by an analysis, %s', (_, message, status) => {
    expect(aborted(message, status)).toEqual({ outcome: 'rolled back', isByAnalysis: true });
  });

  it('by hand, if no analysis failed', () => {
    const passed = { canary: { currentStepAnalysisRunStatus: { name: 'run', status: 'Successful' } } };
    expect(aborted(BY_HAND, { ...passed, abortedAt: AT })).toEqual({
      outcome: 'rolled back',
      why: `no analysis is named, so somebody aborted the release by hand (since ${AT})`,
    });
  });

  it('by its deadline perhaps, if it has one', () => {
    expect(aborted(BY_HAND, {}, { progressDeadlineAbort: true }).why).toBe(
      'no analysis is named, so somebody aborted the release by hand, or its pods did not become ready in time (progressDeadlineAbort)',
    );
  });

  it('by its deadline, if the message names it', () => {
    expect(aborted(`${BY_HAND}: ReplicaSet "b" has timed out progressing.`).why).toBe(UNREADY);
  });

  it('by something else, which the message names', () => {
    expect(aborted(`${BY_HAND}: a plugin`).why).toBe(`${BY_HAND}: a plugin`);
    expect(aborted('')).toEqual({ outcome: 'rolled back', isByAnalysis: true });
  });

  it('even if its spec is refused since', () => {
    expect(aborted(BY_HAND, condition('InvalidSpec')).outcome).toBe('rolled back');
  });
});

it('the message of an abort is the one of its condition, if there is one', () => {
  expect(abortMessageIn({ message: 'RolloutAborted: by hand' })).toBe('by hand');
  expect(
    abortMessageIn({ message: 'InvalidSpec: x', conditions: [{ reason: 'RolloutAborted', message: 'by hand' }] }),
  ).toBe('by hand');
  expect(abortMessageIn({})).toBe('');
});

it('a refusal is in a condition or in the message', () => {
  expect(refusalIn(condition('InvalidSpec', { message: 'no service' }))).toBe('no service');
  expect(refusalIn(condition('InvalidSpec', { status: 'False', message: 'no service' }))).toBeUndefined();
  expect(refusalIn({ message: 'InvalidSpec: a\nb' })).toBe('a\nb');
  expect(refusalIn({ message: 'not InvalidSpec: a' })).toBeUndefined();
});

describe('the reason in the status of a Rollout', () => {
  const SAYS = 'Metric "errors" assessed Failed due to failed (2) > failureLimit (1)';

  it('is the one of the run that it names', () => {
    const canary = {
      currentStepAnalysisRunStatus: { name: 'first', message: 'all is well' },
      currentBackgroundAnalysisRunStatus: { name: 'second', message: SAYS },
    };
    expect(reasonsInStatus(rolloutOf({ canary }))).toEqual([
      {
        metrics: ['errors'],
        run: 'second',
        phase: 'Failed',
        says: 'the metric errors ended as Failed',
        evidence: 'failed (2) > failureLimit (1)',
      },
    ]);
  });

  it('is in the message of the abort otherwise, and names no run', () => {
    const message = 'RolloutAborted: Metric "a b" assessed Inconclusive due to x\ny';
    expect(reasonsInStatus(rolloutOf({ message }))).toEqual([
      { metrics: ['a b'], phase: 'Inconclusive', says: 'the metric a b ended as Inconclusive', evidence: 'x\ny' },
    ]);
  });

  it('is nowhere if nothing names a metric', () => {
    expect(reasonsInStatus(rolloutOf({ message: 'Metric "a" assessed Successful due to x' }))).toEqual([]);
    const unnamed = { currentStepAnalysisRunStatus: { message: SAYS } };
    expect(reasonsInStatus(rolloutOf({ canary: unnamed }))).toEqual([]);
  });
});
