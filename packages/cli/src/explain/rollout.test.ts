import { describe, expect, it } from 'vitest';
import { type Fields, type RecordedObject, recordOf } from './record.js';
import { type Enrich, explainRollout, explainRuns } from './rollout.js';

const at = (minute: number): string => `2026-01-20T14:${String(minute).padStart(2, '0')}:00Z`;
const asIs: Enrich = async (result) => result;
const ABORTED = { abort: true, message: 'RolloutAborted: Step-based analysis phase error/failed', currentPodHash: 'b' };
const PROMOTED = { currentPodHash: 'b', stableRS: 'b' };

const rolloutOf = (status: Fields, revision = '3'): RecordedObject =>
  recordOf({
    kind: 'Rollout',
    metadata: { name: 'shop', namespace: 'prod', annotations: { 'rollout.argoproj.io/revision': revision } },
    spec: { strategy: { canary: { steps: [{ setWeight: 5 }, { analysis: {} }] } } },
    status,
  });

interface Run {
  readonly name?: string;
  readonly phase?: string;
  readonly from?: number;
  readonly to?: number | undefined;
  readonly value?: number;
  readonly revision?: string;
  readonly hash?: string;
  readonly labels?: Fields;
  readonly owner?: Fields | undefined;
  readonly spec?: Fields;
  readonly status?: Fields;
  readonly result?: Fields;
}

/** A run of one metric, which failed in the last minute of the run. */
function runOf(run: Run = {}): RecordedObject {
  const { name = 'run', phase = 'Failed', from = 0, value = 2, revision = '3', hash = 'b' } = run;
  const { to, owner } = { to: 30, owner: { kind: 'Rollout', name: 'shop' }, ...run };
  const measurements = [{ phase, value: `[${value}]`, finishedAt: at((to ?? 30) - 1) }];
  return recordOf({
    kind: 'AnalysisRun',
    metadata: {
      name,
      namespace: 'prod',
      labels: { 'rollouts-pod-template-hash': hash, ...run.labels },
      annotations: { 'rollout.argoproj.io/revision': revision },
      ...(owner === undefined ? {} : { ownerReferences: [owner] }),
    },
    spec: { metrics: [{ name: 'latency', provider: { prometheus: { query: 'x' } } }], ...run.spec },
    status: {
      phase,
      startedAt: at(from),
      ...(to === undefined ? {} : { completedAt: at(to) }),
      metricResults: [{ name: 'latency', phase, failed: 1, count: 1, measurements, ...run.result }],
      ...run.status,
    },
  });
}
const explain = (status: Fields, ...runs: readonly RecordedObject[]) => explainRollout(rolloutOf(status), runs, asIs);
const namesOf = async (status: Fields, ...runs: readonly RecordedObject[]) =>
  (await explain(status, ...runs)).runs.map(({ name }) => name);

describe('the release of a Rollout', () => {
  it('has the outcome, the reason, the next steps and the run', async () => {
    const { runs, next, ...explanation } = await explain(ABORTED, runOf());
    expect(explanation).toMatchObject({
      subject: 'Rollout prod/shop',
      controller: 'argo',
      outcome: 'rolled back',
      summary: 'shop was rolled back: the query returned 2',
      reasons: [{ metrics: ['latency'], run: 'run', phase: 'Failed' }],
      notes: [],
    });
    expect(runs.map(({ name }) => name)).toEqual(['run']);
    expect(next[0]).toMatch(/^See every measurement again: coalmine analyze/);
  });

  it('has the runs of its own pods and revision', async () => {
    const other = [
      runOf({ name: 'of-other-pods', hash: 'c' }),
      runOf({ name: 'of-another-revision', revision: '2' }),
      runOf({ name: 'of-another-owner', owner: { kind: 'Rollout', name: 'cart' } }),
      runOf({ name: 'that-passed', phase: 'Successful' }),
      recordOf({ ...runOf({ name: 'of-another-kind' }).fields, kind: 'Experiment' }),
    ];
    expect(await namesOf(ABORTED, ...other, runOf())).toEqual(['run']);
    expect(await namesOf({ abort: true, message: ABORTED.message }, runOf({ hash: 'c' }))).toEqual(['run']);
  });

  it('has the runs of its last attempt, in the order of their ends', async () => {
    const runs = [
      runOf({ name: 'second', from: 20, to: 40 }),
      runOf({ name: 'first', from: 20, to: 30 }),
      runOf({ name: 'of-the-attempt-before', from: 0, to: 19 }),
    ];
    expect(await namesOf(ABORTED, ...runs)).toEqual(['first', 'second']);
    const refused = runOf({ name: 'refused', from: 45, to: undefined, phase: 'Error' });
    expect(await namesOf(ABORTED, ...runs, refused)).toEqual(['refused']);
  });

  it('has first the run that was acted upon', async () => {
    const runs = [runOf({ name: 'doubtful', phase: 'Inconclusive', to: 20 }), runOf({ name: 'failed', to: 30 })];
    expect(await namesOf(ABORTED, ...runs)).toEqual(['failed', 'doubtful']);
    const paused = { currentPodHash: 'b', stableRS: 'a', pauseConditions: [{ reason: 'InconclusiveAnalysisRun' }] };
    expect(await namesOf(paused, ...runs)).toEqual(['doubtful', 'failed']);
  });

  it('has the reason in its status if it has no run, and says where the runs are', async () => {
    const message = 'RolloutAborted: Step-based analysis phase error: Metric "a" assessed Failed due to failed (1)';
    const { reasons, notes } = await explain({ ...ABORTED, message });
    expect(reasons).toMatchObject([{ metrics: ['a'], evidence: 'failed (1)' }]);
    expect(notes).toEqual([
      'the input has no AnalysisRun of this release: kubectl get analysisruns -l rollouts-pod-template-hash=b -o yaml has them',
    ]);
    expect((await explain({ abort: true, message })).notes).toEqual(['the input has no AnalysisRun of this release']);
  });

  it('that somebody aborted says what the analysis had found', async () => {
    const byHand = { ...ABORTED, message: 'RolloutAborted: Rollout aborted update to revision 3' };
    const doubt = runOf({ phase: 'Inconclusive' });
    expect((await explain(byHand, doubt)).notes[0]).toMatch(
      /^the analysis had ended as Inconclusive before: latency: the query returned 2/,
    );
    expect((await explain(byHand, runOf({ phase: 'Successful' }))).notes).toEqual([]);
  });

  it('that was aborted says that its spec is refused since', async () => {
    const conditions = [{ type: 'InvalidSpec', status: 'True', message: 'no service' }];
    expect((await explain({ ...ABORTED, conditions }, runOf())).notes).toEqual([
      'Argo Rollouts refuses the spec that was applied since: no service',
    ]);
  });

  it('says that a run has lost measurements', async () => {
    expect((await explain(ABORTED, runOf({ result: { count: 3, error: 2 } }))).notes).toEqual([
      'run keeps the last 1 of up to 5 measurements of a metric: earlier ones are not on record',
    ]);
  });

  it('has what is added to its runs', async () => {
    const enrich: Enrich = async (result, { metadata }) => ({ ...result, notes: [`asked for ${metadata['name']}`] });
    const { notes } = await explainRollout(rolloutOf(ABORTED), [runOf(), runOf({ name: 'other' })], enrich);
    expect(notes).toEqual(['asked for run', 'asked for other']);
  });
});

describe('a promoted release', () => {
  const before = async (...runs: readonly RecordedObject[]) => (await explain(PROMOTED, ...runs)).notes[0];

  it('says what stopped the one before it', async () => {
    expect(await before(runOf({ revision: '2', hash: 'a' }))).toMatch(
      /^the release before, revision 2 \(a\), was rolled back: latency: the query returned 2 .*; kubectl get analysisrun run -n prod -o yaml shows its measurements$/,
    );
    expect(await before(runOf({ revision: '1', phase: 'Inconclusive' }))).toMatch(
      /^an earlier release, revision 1 \(b\), was paused/,
    );
    expect(await before(runOf({ revision: '1' }), runOf({ name: 'later', revision: '2' }))).toContain('revision 2');
  });

  it('says nothing of one that passed, or of none', async () => {
    expect(await before(runOf({ revision: '1' }), runOf({ revision: '2', phase: 'Successful' }))).toBeUndefined();
    expect(await before(runOf({ revision: '4' }))).toBeUndefined();
    expect(await before()).toBeUndefined();
  });
});

describe('runs without their Rollout', () => {
  const explained = (...runs: readonly [RecordedObject, ...RecordedObject[]]) => explainRuns(runs, asIs);

  it.each([
    ['Failed', 'rolled back', 'shop was rolled back'],
    ['Error', 'rolled back', 'shop was rolled back'],
    ['Inconclusive', 'paused', 'shop is paused'],
    ['Successful', 'passed', 'shop passed the analysis'],
    ['Running', 'in progress', 'shop is being analysed'],
  ])('that are %s tell that the release is %s', async (phase, outcome, summary) => {
    const { subject, ...explanation } = await explained(runOf({ phase }));
    expect(subject).toBe('AnalysisRun prod/run');
    expect(explanation.outcome).toBe(outcome);
    expect(explanation.summary.startsWith(summary)).toBe(true);
  });

  it('of no Rollout tell nothing about a release', async () => {
    const { outcome, summary, next } = await explained(runOf({ owner: { kind: 'Experiment', name: 'x' } }));
    expect([outcome, summary.startsWith('x has a run that is Failed'), next]).toEqual(['not known', true, []]);
    const alone = await explained(runOf({ owner: undefined, phase: 'Successful' }));
    expect([alone.outcome, alone.summary]).toEqual(['passed', 'run has a run that is Successful']);
  });

  it('are told together, the decided ones first', async () => {
    const { subject, runs, summary } = await explained(
      runOf({ name: 'passed', phase: 'Successful' }),
      runOf({ name: 'failed', value: 3 }),
    );
    expect([subject, runs.map(({ name }) => name)]).toEqual(['2 AnalysisRuns of shop', ['failed']]);
    expect(summary).toContain('the query returned 3');
  });

  it('that go on are told before those that passed', async () => {
    const running = runOf({ name: 'running', phase: 'Running', to: undefined, status: { message: 'it waits' } });
    const { outcome, summary } = await explained(runOf({ name: 'passed', phase: 'Successful' }), running);
    expect([outcome, summary]).toEqual(['in progress', 'shop is being analysed: it waits']);
  });

  it('that were terminated say how much they prove', async () => {
    const terminated = (result: Fields) => explained(runOf({ phase: 'Successful', spec: { terminate: true }, result }));
    expect((await terminated({})).summary).toContain('no limit was exceeded by then');
    expect((await terminated({ measurements: [] })).summary).toContain('so it proves nothing');
  });

  it('that no metric decided have their own message', async () => {
    const { summary } = await explained(runOf({ status: { message: 'refused', metricResults: [] } }));
    expect(summary).toBe('shop was rolled back: refused');
  });

  it('name the commands for their Rollout', async () => {
    const { next } = await explained(runOf());
    expect(next.at(-1)).toContain('kubectl argo rollouts undo shop -n prod');
  });
});
