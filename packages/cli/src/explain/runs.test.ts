import { describe, expect, it } from 'vitest';
import { renderExplanations } from '../report/explanation.js';
import { renderExplanationsAsMarkdown } from '../report/markdown.js';
import { explain } from './explain.js';
import { type Fields, recordOf } from './record.js';

type Phase = 'Successful' | 'Failed' | 'Inconclusive' | 'Error';

const explained = (...objects: readonly Fields[]) => explain(objects.map(recordOf));
/** What a terminal shows of some objects. */
async function told(...objects: readonly Fields[]): Promise<string> {
  return renderExplanations(await explained(...objects), { colour: false, unicode: true, width: 100 });
}

const at = (minute: number): string => `2026-01-20T14:${String(minute).padStart(2, '0')}:00Z`;
const measured = (minute: number, phase: Phase, rest: Fields): Fields => ({ phase, finishedAt: at(minute), ...rest });
const OURS = {
  successCondition: 'len(result) == 1 && result[0] <= 1',
  failureCondition: 'len(result) == 1 && result[0] > 1',
};
const PROMETHEUS = { provider: { prometheus: { query: 'x' } } };

interface Told {
  readonly spec?: Fields;
  readonly labels?: Fields;
  readonly owner?: string;
}

/** A run with one metric, which decided it. */
function run(phase: string, metric: Fields, result: Fields, { spec = {}, labels = {}, owner = 'Rollout' }: Told = {}) {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisRun',
    metadata: {
      name: `checkout-${spec['name'] ?? 'a'}`,
      namespace: 'shop',
      labels: { 'rollouts-pod-template-hash': 'a', ...labels },
      annotations: { 'rollout.argoproj.io/revision': '3' },
      ownerReferences: [{ kind: owner, name: 'checkout' }],
    },
    spec: { metrics: [metric], ...spec },
    status: {
      phase,
      startedAt: spec['startedAt'] ?? at(0),
      completedAt: spec['completedAt'] ?? at(30),
      metricResults: [{ name: metric['name'], phase, ...result }],
    },
  };
}

describe('the evidence of a metric', () => {
  it('consists of the errors in a row at its end, which have no values', async () => {
    const errors = [10, 11, 12, 13, 14].map((minute) => measured(minute, 'Error', { message: 'connection refused' }));
    const measurements = [
      measured(2, 'Error', { message: 'timeout' }),
      measured(3, 'Successful', { value: '[0]' }),
      ...errors,
    ];
    const stdout = await told(
      run('Error', { name: 'error-ratio', ...OURS, ...PROMETHEUS }, { consecutiveError: 5, error: 6, measurements }),
    );
    expect(stdout).toContain(`5 measurements Error (consecutiveErrorLimit 4), first at ${at(10)} (checkout-a)`);
  });

  it('starts before the recorded measurements if the first bad ones are gone', async () => {
    const measurements = [20, 21].map((minute) => measured(minute, 'Failed', { value: '[2]' }));
    const objects = [
      run(
        'Failed',
        { name: 'error-ratio', failureLimit: 5, ...OURS, ...PROMETHEUS },
        { count: 20, error: 7, failed: 6, measurements },
      ),
    ];
    const says = `6 measurements Failed (failureLimit 5): 2; 2, since before ${at(20)}`;
    expect(await told(...objects)).toContain(says);
    expect(renderExplanationsAsMarkdown(await explained(...objects))).toContain(`since before ${at(20)}`);
    // Argo Rollouts counts errors apart.
    expect(await told(...objects)).toContain('keeps the last 2 of up to 27 measurements');
  });

  it('has no time if the measurements on record have none', async () => {
    const stdout = await told(
      run('Failed', { name: 'x', ...PROMETHEUS }, { failed: 1, measurements: [{ phase: 'Failed', value: '[3]' }] }),
    );
    expect(stdout).toContain('1 measurement Failed (failureLimit 0): 3 (checkout-a)');
  });

  it.each<[Phase, Fields]>([
    ['Inconclusive', { count: 5, failureLimit: 2, consecutiveSuccessLimit: 4 }],
    ['Failed', { count: 5, failureLimit: -1, consecutiveSuccessLimit: 4 }],
  ])('is the number of good measurements in a row if too few of them made the metric %s', async (phase, limits) => {
    const measurements = [
      measured(1, 'Successful', { value: '[1]' }),
      measured(2, 'Failed', { value: '[0.9]' }),
      measured(3, 'Successful', { value: '[1]' }),
    ];
    const stdout = await told(
      run(
        phase,
        { name: 'up', successCondition: 'result[0] >= 0.95', ...limits, ...PROMETHEUS },
        { count: 3, failed: 1, consecutiveSuccess: 1, measurements },
      ),
    );
    expect(stdout).toContain(
      'of the last measurements, 1 in a row were good, and 4 are required (consecutiveSuccessLimit)',
    );
    expect(stdout).toContain('3 measurements on record: 1; 0.9; 1');
  });
});

describe('a metric of other templates', () => {
  it('is not taken for ours if it has the same name', async () => {
    const stdout = await told(
      run(
        'Failed',
        { name: 'error-ratio', successCondition: 'result[0] < 0.01', ...PROMETHEUS },
        { failed: 1, measurements: [measured(5, 'Failed', { value: '[0.25]' })] },
      ),
    );
    expect(stdout).toContain('error-ratio: the query returned 0.25, and is good below 0.01');
    expect(stdout).not.toMatch(/times what is allowed|http_errors_total/);
  });

  it.each([
    'could not evaluate successCondition "result[0] > 1": metric result is nil or empty: no data returned from the metric provider',
    'index out of range: 0 (array length is 0)',
  ])('is not explained by a Prometheus that is down if its query returned nothing: %s', async (message) => {
    const measurements = [1, 2, 3, 4, 5].map((minute) => measured(minute, 'Error', { value: '[]', message }));
    const metric = { name: 'up', successCondition: 'result[0] > 1', ...PROMETHEUS };
    const stdout = await told(run('Error', metric, { consecutiveError: 5, error: 5, measurements }));
    expect(stdout).toContain('1. The query returned nothing, and the condition of the metric needs a value.');
  });

  it('of another provider is not measured again by coalmine', async () => {
    const measurements = [measured(5, 'Failed', { message: 'Job has reached the specified backoff limit' })];
    const stdout = await told(run('Failed', { name: 'smoke', provider: { job: {} } }, { failed: 1, measurements }));
    expect(stdout).toContain(
      `smoke: Job has reached the specified backoff limit\n    1 measurement Failed (failureLimit 0), first at`,
    );
    expect(stdout).not.toContain('coalmine analyze');
  });

  it('is shown by its first value if it returns several', async () => {
    const measurements = [measured(5, 'Failed', { value: `[${Array.from({ length: 300 }, (_, i) => i)}]` })];
    const stdout = await told(run('Failed', { name: 'range', ...PROMETHEUS }, { failed: 1, measurements }));
    expect(stdout).toContain('the query returned 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, … (300 values)');
    expect(stdout).not.toContain(', 11,');
  });

  it('is quoted from its start if it returns a complete page', async () => {
    const measurements = [measured(5, 'Error', { message: `<html>${'x'.repeat(20_000)}` })];
    const stdout = await told(run('Error', { name: 'up', ...PROMETHEUS }, { consecutiveError: 1, measurements }));
    expect(stdout).toContain('could not be measured: <html>xxx');
    expect(stdout.length).toBeLessThan(3000);
  });
});

describe('runs without their Rollout', () => {
  const doubtful = run(
    'Inconclusive',
    { name: 'traffic', successCondition: 'len(result) == 1 && result[0] >= 50', ...PROMETHEUS },
    { inconclusive: 1, measurements: [measured(5, 'Inconclusive', { value: '[12]' })] },
    { spec: { completedAt: at(6) }, labels: { 'rollout-type': 'Step', 'step-index': '1' } },
  );
  const later = (phase: string): Fields =>
    run(
      phase,
      { name: 'error-ratio', ...OURS, ...PROMETHEUS },
      { measurements: [measured(20, 'Successful', { value: '[0]' })] },
      { spec: { name: 'b', startedAt: at(15) }, labels: { 'rollout-type': 'Step', 'step-index': '3' } },
    );

  it('are explained by the latest attempt, if somebody went on after a pause', async () => {
    expect(await told(doubtful, later('Successful'))).toMatch(/^passed: checkout passed the analysis in step 4\n/);
    const running = { ...later('Running'), status: { phase: 'Running', startedAt: at(15) } };
    const stdout = await told(doubtful, running);
    expect(stdout).toMatch(/^in progress: checkout is being analysed in step 4\n/);
    expect(stdout).not.toContain('too few to judge');
  });

  it('have paused no known release, if they belong to an Experiment', async () => {
    expect(await told({ ...doubtful, metadata: { ...doubtful.metadata, ownerReferences: [{ kind: 'Experiment' }] } }))
      // The name of the owner is not known here.
      .toMatch(/^not known: checkout-a has a run that is Inconclusive in step 2: 12 requests/);
  });

  it.each([
    [[], 'the run was terminated before its first measurement, so it proves nothing'],
    [[measured(5, 'Successful', { value: '[0]' })], 'no limit was exceeded by then'],
  ])('are reported as terminated if they were', async (measurements, says) => {
    const terminated = run(
      'Successful',
      { name: 'error-ratio', ...OURS, ...PROMETHEUS },
      { measurements },
      { spec: { terminate: true }, labels: { 'rollout-type': 'Background' } },
    );
    const stdout = await told(terminated);
    expect(stdout).toContain('passed: checkout passed the analysis that runs beside all steps: the run was terminated');
    expect(stdout).toContain(says);
  });

  it('are reported in one sentence if they go on beside all steps', async () => {
    const metric = { name: 'error-ratio', ...OURS, ...PROMETHEUS };
    const stdout = await told(run('Running', metric, {}, { labels: { 'rollout-type': 'Background' } }));
    expect(stdout).toMatch(/^in progress: checkout is being analysed beside all steps\n/);
  });
});

it('a run that has not begun is in progress, and one in a phase that is not known cannot be explained', async () => {
  const metric = { name: 'error-ratio', ...OURS, ...PROMETHEUS };
  for (const phase of ['Pending', '', 'Running']) {
    const [explanation] = await explained(run(phase, metric, {}));
    expect(explanation?.outcome).toBe('in progress');
  }
  await expect(explained(run('Skipped', metric, {}))).rejects.toThrow('the phase "Skipped" is not known here');
  const measurements = [{ phase: 'Odd', finishedAt: at(10), value: '[2]' }];
  await expect(explained(run('Failed', metric, { measurements }))).rejects.toThrow('the phase "Odd" is not known');
});
