import { describe, expect, it } from 'vitest';
import { renderExplanations } from '../report/explanation.js';
import { explain } from './explain.js';
import { type Fields, recordOf } from './record.js';

/** What a terminal shows of some objects. */
async function told(...objects: readonly Fields[]): Promise<string> {
  return renderExplanations(await explain(objects.map(recordOf)), { colour: false, unicode: true, width: 100 });
}

describe('a Rollout', () => {
  it.each([
    [
      'aborted by hand',
      { abort: true, message: 'RolloutAborted: Rollout aborted update to revision 3' },
      'rolled back',
      'somebody aborted the release by hand',
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
      'in a pause of its steps',
      { pauseConditions: [{ reason: 'CanaryPauseStep' }], currentStepIndex: 2 },
      'paused',
      'nothing is wrong',
    ],
    ['promoted', { currentPodHash: 'a', stableRS: 'a', phase: 'Healthy' }, 'promoted', 'checkout was promoted'],
    [
      'under way',
      { currentPodHash: 'b', stableRS: 'a', phase: 'Progressing', currentStepIndex: 0 },
      'in progress',
      'in step 1 of 2 (5 % of the traffic)',
    ],
  ])('%s is told so', async (_, status, outcome, says) => {
    const rollout = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Rollout',
      metadata: { name: 'checkout', namespace: 'shop' },
      spec: { strategy: { canary: { steps: [{ setWeight: 5 }, { analysis: {} }] } } },
      status,
    };
    const stdout = await told(rollout);
    expect(stdout).toMatch(new RegExp(`^${outcome}: `));
    expect(stdout).toContain(says);
  });
});

describe('an AnalysisRun', () => {
  it('of other templates are explained by their conditions and answers', async () => {
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
  ])('that Flagger said "%s" of is told so', async (message, says) => {
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
