import { describe, expect, it } from 'vitest';
import { renderExplanations } from '../report/explanation.js';
import { explain } from './explain.js';
import { type Fields, recordOf } from './record.js';

/** What a terminal shows of some objects. */
async function told(...objects: readonly Fields[]): Promise<string> {
  return renderExplanations(await explain(objects.map(recordOf)), { colour: false, unicode: true, width: 100 });
}

const UNDER_WAY = { currentPodHash: 'b', stableRS: 'a', phase: 'Progressing', currentStepIndex: 0 };
const PROMOTED = { currentPodHash: 'a', stableRS: 'a', phase: 'Healthy' };

function rollout(status: Fields, spec: Fields = {}): Fields {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: {
      name: 'checkout',
      namespace: 'shop',
      generation: 12,
      annotations: { 'rollout.argoproj.io/revision': '3' },
    },
    spec: { strategy: { canary: { steps: [{ setWeight: 5 }, { analysis: {} }] } }, ...spec },
    status,
  };
}

/** A run of one metric, which decided it. */
function decidedRun(phase: string, name: string, value: string): Fields {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: {
      name: 'checkout-b-3',
      namespace: 'shop',
      annotations: { 'rollout.argoproj.io/revision': '3' },
      ownerReferences: [{ kind: 'Rollout', name: 'checkout' }],
    },
    spec: { metrics: [{ name, provider: { prometheus: {} } }] },
    status: {
      phase,
      metricResults: [{ name, phase, measurements: [{ phase, value, finishedAt: '2026-01-20T14:00:00Z' }] }],
    },
  };
}

describe('a Rollout', () => {
  it.each<[what: string, status: Fields, outcome: string, says: string, spec?: Fields]>([
    [
      'aborted by hand',
      {
        abort: true,
        abortedAt: '2026-01-20T14:00:00Z',
        message: 'RolloutAborted: Rollout aborted update to revision 3',
      },
      'rolled back',
      'somebody aborted the release by hand (since 2026-01-20T14:00:00Z)',
    ],
    [
      'not ready in time',
      {
        abort: true,
        message:
          'RolloutAborted: Rollout aborted update to revision 3: ReplicaSet "checkout-1" has timed out progressing.',
      },
      'rolled back',
      'its pods did not become ready in time',
    ],
    [
      'aborted by hand, or, in an older version, by its deadline',
      { abort: true, message: 'RolloutAborted: Rollout aborted update to revision 3' },
      'rolled back',
      'or its pods did not become ready in time (progressDeadlineAbort)',
      { progressDeadlineAbort: true },
    ],
    [
      'aborted by a plugin',
      {
        abort: true,
        message:
          'RolloutAborted: Rollout aborted update to revision 3: Step Plugin 2 (gate) failed: context deadline exceeded',
      },
      'rolled back',
      'Step Plugin 2 (gate) failed: context deadline exceeded',
    ],
    [
      'without the quota for its pods',
      {
        ...UNDER_WAY,
        conditions: [
          { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'pods "x" is forbidden: quota' },
        ],
      },
      'in progress',
      'its pods cannot be created: pods "x" is forbidden: quota',
    ],
    [
      'behind its deadline, and not aborted',
      {
        ...UNDER_WAY,
        phase: 'Degraded',
        message: 'ProgressDeadlineExceeded: ReplicaSet "checkout-b" has timed out progressing.',
      },
      'in progress',
      'read /readyz?verbose of a pod',
    ],
    [
      'promoted, and Degraded since',
      {
        ...PROMOTED,
        phase: 'Degraded',
        message: 'ProgressDeadlineExceeded: ReplicaSet "a" has timed out progressing.',
      },
      'promoted',
      'it is Degraded now: ProgressDeadlineExceeded',
    ],
    [
      'refused',
      {
        ...PROMOTED,
        phase: 'Degraded',
        message: 'InvalidSpec: The Rollout "checkout" is invalid: AnalysisTemplate "gate" not found',
      },
      'paused',
      'refuses its spec, and releases nothing until the spec is valid: The Rollout "checkout" is invalid: AnalysisTemplate',
    ],
    [
      'not seen yet',
      { ...PROMOTED, observedGeneration: '11' },
      'in progress',
      'has not seen the latest spec yet (generation 12, seen 11)',
    ],
    [
      'its first version',
      { currentPodHash: 'a', phase: 'Progressing', currentStepIndex: 0 },
      'in progress',
      'checkout is in progress: it is the first version, which is released without the steps',
    ],
    [
      'under way with weights of 1000',
      UNDER_WAY,
      'in progress',
      'in step 1 of 2 (0.5 % of the traffic)',
      {
        strategy: {
          canary: { steps: [{ setWeight: 5 }, { analysis: {} }], trafficRouting: { maxTrafficWeight: 1000 } },
        },
      },
    ],
    [
      'in a pause of its steps',
      { pauseConditions: [{ reason: 'CanaryPauseStep', startTime: '2026-01-20T15:00:00+01:00' }], currentStepIndex: 2 },
      'paused',
      'nothing is wrong (since 2026-01-20T14:00:00Z)',
    ],
    ['promoted', PROMOTED, 'promoted', 'checkout was promoted'],
    ['under way', UNDER_WAY, 'in progress', 'in step 1 of 2 (5 % of the traffic)'],
  ])('is explained if it is %s', async (_, status, outcome, says, spec = {}) => {
    const stdout = await told(rollout(status, spec));
    expect(stdout).toMatch(new RegExp(`^${outcome}: `));
    expect(stdout).toContain(says);
  });
});

describe('an aborted Rollout', () => {
  it('says what the analysis had found if a person aborted it', async () => {
    const status = { abort: true, message: 'RolloutAborted: Rollout aborted update to revision 3' };
    const stdout = await told(rollout(status), decidedRun('Inconclusive', 'traffic', '[12]'));
    expect(stdout).toContain('somebody aborted the release by hand');
    expect(stdout).toContain(
      'the analysis had ended as Inconclusive before: traffic: 12 requests in a window are too few to judge',
    );
  });

  it('is explained by its analysis, also if its spec has been refused since', async () => {
    const failed = 'Metric "hangs" assessed Failed due to failed (1) > failureLimit (0)';
    const status = {
      abort: true,
      message: 'InvalidSpec: The Rollout "checkout" is invalid: no template',
      conditions: [
        { type: 'InvalidSpec', status: 'True', message: 'The Rollout "checkout" is invalid: no template' },
        {
          type: 'Progressing',
          status: 'False',
          reason: 'RolloutAborted',
          message: `Rollout aborted update to revision 3: Step-based analysis phase error/failed: ${failed}`,
        },
      ],
    };
    const stdout = await told(rollout(status), decidedRun('Failed', 'hangs', '[3]'));
    expect(stdout).toMatch(/^rolled back: checkout was rolled back: too many requests hang/);
    expect(stdout).toContain('refuses the spec that was applied since: The Rollout "checkout" is invalid: no template');
    expect(await told(rollout(status))).toMatch(
      /^rolled back: checkout was rolled back: the metric hangs ended as Failed/,
    );
  });
});

it('a release long ago is not called the release before', async () => {
  const promoted = rollout(PROMOTED);
  const metadata = { name: 'checkout', namespace: 'shop', annotations: { 'rollout.argoproj.io/revision': '7' } };
  const stdout = await told({ ...promoted, metadata }, decidedRun('Failed', 'hangs', '[3]'));
  expect(stdout).toContain('an earlier release, revision 3, was rolled back');
});

describe('an AnalysisRun', () => {
  it('of another template is explained by its conditions and results', async () => {
    const run = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AnalysisRun',
      metadata: { name: 'mine', namespace: 'shop' },
      spec: {
        args: [{ name: 'most', value: '0.05' }],
        metrics: [
          {
            name: 'ratio',
            failureCondition: 'result[0] > {{args.most}}',
            failureLimit: 1,
            provider: { prometheus: { query: 'x' } },
          },
          { name: 'page', successCondition: 'result.ok', provider: { web: { url: 'http://x' } } },
          { name: 'away', provider: { prometheus: { query: 'y' } } },
        ],
      },
      status: {
        phase: 'Failed',
        message: 'Metric "ratio" assessed Failed due to failed (2) > failureLimit (1)',
        metricResults: [
          {
            name: 'ratio',
            phase: 'Failed',
            failed: 2,
            measurements: [
              { phase: 'Failed', value: '[0.25]', finishedAt: '2026-01-20T14:00:00Z' },
              { phase: 'Failed', value: '[NaN]', finishedAt: '2026-01-20T14:01:00Z' },
            ],
          },
          { name: 'page', phase: 'Failed', failed: 1, measurements: [{ phase: 'Failed', value: '{"ok":false}' }] },
          { name: 'away', phase: 'Error', measurements: [{ phase: 'Error', message: 'connection refused' }] },
        ],
      },
    };
    const stdout = await told(run);
    expect(stdout).toContain('mine has a run that is Failed: the query returned NaN, and is good below 0.05');
    expect(stdout).toContain('2 measurements Failed (failureLimit 1): 0.25; NaN');
    expect(stdout).toContain('returned {"ok":false}');
  });
});

describe('a Canary', () => {
  it.each([
    [
      'Rolling back checkout.shop progress deadline exceeded canary deployment checkout.shop not ready',
      'its pods did not become ready in time',
    ],
    [
      'Halt checkout.shop advancement pre-rollout check smoke failed 500 Internal Server Error',
      'the webhook smoke failed: 500 Internal Server Error',
    ],
    ['Rolling back checkout.shop manual webhook invoked', 'a webhook of type rollback asked for the rollback'],
    ['Halt advancement no values found for custom metric: error-ratio: no values found', 'the query returned nothing'],
    ['Halt checkout.shop advancement success rate 92.10% < 99%', 'request-success-rate was 92.10 < 99%'],
    ['Halt checkout.shop advancement request duration 1.2s > 500ms', 'request-duration was 1.2s > 500ms'],
    [
      'Metric query failed for hangs: running query failed: connection refused',
      'could not be measured: running query failed',
    ],
  ])('about which Flagger said "%s" is explained by that', async (message, says) => {
    const objects = [
      {
        apiVersion: 'flagger.app/v1beta1',
        kind: 'Canary',
        metadata: { name: 'checkout', namespace: 'shop' },
        spec: { targetRef: { kind: 'Deployment', name: 'checkout' }, analysis: { threshold: 1, metrics: [] } },
        status: { phase: 'Failed', canaryWeight: 0 },
      },
      {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: 'checkout.1', namespace: 'shop' },
        involvedObject: { kind: 'Canary', name: 'checkout', namespace: 'shop' },
        message,
        lastTimestamp: '2026-01-20T14:00:00Z',
        count: 1,
      },
    ];
    const stdout = await told(...objects);
    expect(stdout).toMatch(/^rolled back: /);
    expect(stdout).toContain(says);
  });
});
