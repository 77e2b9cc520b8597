import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../controllers/documents.js';
import type { Asked } from '../../prometheus.js';
import { parseRelease, type Release } from '../../release/release.js';
import { canaryShareOf, createTemplate, type Template } from './template.js';

type Fields = Readonly<Record<string, unknown>>;

const objectOf = (kind: string, name: string, spec: Fields): KubernetesObject =>
  ({ kind, metadata: { name, namespace: 'default' }, spec }) as KubernetesObject;
const metricOf = (name: string, rest: Fields = {}, query = `${name}_total[5m]`): Fields => ({
  name,
  interval: '60s',
  count: 3,
  successCondition: 'result[0] <= 1',
  failureCondition: 'result[0] > 1',
  provider: { prometheus: { address: 'http://p', query: `max_over_time(${query})` } },
  ...rest,
});
const GATE = objectOf('AnalysisTemplate', 'shop-gate', { metrics: [metricOf('a')] });
const GUARD = objectOf('ClusterAnalysisTemplate', 'shop-guard', { metrics: [metricOf('b')] });

/** Runs a template from the second 1000 on, in a history that has these values from some time on. */
async function run(
  template: Template,
  values: Readonly<Record<string, (at: number) => number>> = {},
  without: readonly string[] = [],
) {
  const asked: string[] = [];
  const client: Asked = {
    async query(promql, at) {
      const [, name = ''] = /\((\w+)_total/.exec(promql) ?? [];
      asked.push(`${name} ${at - 1000}`);
      return { type: 'vector', values: [{ labels: {}, value: values[name]?.(at - 1000) ?? 0 }] };
    },
    queryRange: () => Promise.reject(new Error('no ranges')),
  };
  const { verdict, startedAt, finishedAt, decidedBy } = await template.run(client, 1000, new Set(without));
  return { verdict, startedAt: startedAt - 1000, finishedAt: finishedAt - 1000, decidedBy, asked };
}

describe('a release by Argo Rollouts', () => {
  const release = parseRelease({ name: 'shop', weights: [10, 30, 50] });
  const templateOf = (...objects: readonly KubernetesObject[]) => createTemplate(release, 'argo', objects);

  it('needs its gate', () => {
    expect(() => templateOf(GUARD)).toThrow('there is no AnalysisTemplate shop-gate');
    expect(() => templateOf(objectOf('Rollout', 'shop-gate', {}))).toThrow('there is no AnalysisTemplate');
  });

  it('has a stage for each weight, and takes as long as all of them', () => {
    const { stages, seconds, controller } = templateOf(GATE, GUARD);
    expect(stages.map(({ weight, seconds: each }) => [weight, each])).toEqual([
      [10, 120],
      [30, 120],
      [50, 120],
    ]);
    expect([seconds, controller]).toEqual([360, 'argo']);
    const delayed = objectOf('AnalysisTemplate', 'shop-gate', {
      metrics: [metricOf('a'), metricOf('c', { initialDelay: '5m', count: 1 })],
    });
    expect(templateOf(delayed).seconds).toBe(900);
  });

  it('after a switch has one stage', () => {
    const { stages } = createTemplate(parseRelease({ name: 'shop', strategy: 'blue-green' }), 'argo', [GATE]);
    expect(stages).toEqual([{ weight: 100, share: 1, seconds: 120 }]);
  });

  it('knows the series that it reads, and how long they look back', () => {
    const nested = metricOf('c', {}, 'rate(x[10m] offset 5m)[30m:1m]');
    const template = templateOf(
      objectOf('AnalysisTemplate', 'shop-gate', { metrics: [metricOf('a'), nested, metricOf('d', {}, '(')] }),
      GUARD,
    );
    expect(template.metrics).toEqual([
      { name: 'a', series: ['a_total'] },
      { name: 'c', series: ['x'] },
      { name: 'd', series: [] },
      { name: 'b', series: ['b_total'] },
    ]);
    expect(template.series).toEqual(['a_total', 'x', 'b_total']);
    expect(template.lookbackSeconds).toBe(2700);
  });

  it('leaves out dry runs', () => {
    const dry = objectOf('AnalysisTemplate', 'shop-gate', {
      metrics: [metricOf('a'), metricOf('c')],
      dryRun: [{ metricName: 'c' }],
    });
    expect(templateOf(dry).metrics.map(({ name }) => name)).toEqual(['a']);
  });

  it('puts pods on their sides by the hash', () => {
    expect(templateOf(GATE).labelsOf('stable', 3)).toEqual({
      namespace: 'default',
      rollouts_pod_template_hash: 'stable',
    });
  });

  it('fills in only the arguments that a template declares', async () => {
    const args = [{ name: 'canary-hash' }, { name: 'namespace' }];
    const query = 'a_total{hash="{{ args.canary-hash }}",namespace="{{ args.namespace }}"}[5m]';
    const { asked } = await run(
      templateOf(objectOf('AnalysisTemplate', 'shop-gate', { args, metrics: [metricOf('a', {}, query)] })),
    );
    expect(asked[0]).toBe('a 0');
  });

  it('runs the gate once for each weight', async () => {
    expect(await run(templateOf(GATE))).toMatchObject({
      verdict: 'promote',
      finishedAt: 360,
      asked: ['a 0', 'a 60', 'a 120', 'a 120', 'a 180', 'a 240', 'a 240', 'a 300', 'a 360'],
    });
  });

  it('ends at the weight at which the gate fails', async () => {
    expect(await run(templateOf(GATE), { a: (at) => (at >= 180 ? 2 : 0) })).toMatchObject({
      verdict: 'rollback',
      startedAt: 0,
      finishedAt: 180,
      decidedBy: 'a',
    });
  });

  it('ends when the guard fails, if that is before the gate does', async () => {
    const guarded = (guardAt: number, gateAt: number) =>
      run(
        templateOf(
          GATE,
          objectOf('AnalysisTemplate', 'shop-guard', { metrics: [metricOf('b', { count: undefined })] }),
        ),
        {
          a: (at) => (at >= gateAt ? 2 : 0),
          b: (at) => (at >= guardAt ? 2 : 0),
        },
      );
    expect(await guarded(60, 1000)).toMatchObject({ verdict: 'rollback', finishedAt: 60, decidedBy: 'b' });
    expect(await guarded(60, 60)).toMatchObject({ verdict: 'rollback', finishedAt: 60, decidedBy: 'a' });
    expect(await guarded(1000, 60)).toMatchObject({ verdict: 'rollback', finishedAt: 60, decidedBy: 'a' });
    expect(await guarded(1000, 1000)).toMatchObject({ verdict: 'promote', finishedAt: 360 });
  });

  it('may leave out metrics', async () => {
    const both = objectOf('AnalysisTemplate', 'shop-gate', { metrics: [metricOf('a'), metricOf('c')] });
    const { verdict, asked } = await run(templateOf(both), { c: () => 2 }, ['c']);
    expect([verdict, asked.some((each) => each.startsWith('c'))]).toEqual(['promote', false]);
  });
});

describe('a release by Flagger', () => {
  const release = parseRelease({ name: 'shop' });
  const query = (name: string): Fields => ({
    name,
    query: `max_over_time(${name}_total[5m])`,
    thresholdRange: { max: 1 },
  });
  const CANARY = objectOf('Canary', 'shop', {
    targetRef: { kind: 'Deployment', name: 'shop' },
    analysis: { interval: '1m', threshold: 1, stepWeights: [20, 50], metrics: [query('a'), query('c')] },
  });
  const template = createTemplate(release, 'flagger', [GATE, CANARY]);

  it('needs its Canary', () => {
    expect(() => createTemplate(release, 'flagger', [GATE])).toThrow('there is no Canary shop');
  });

  it('has a stage for each weight, and a check after them', () => {
    expect(template.stages).toEqual([
      { weight: 20, share: 0.2, seconds: 60 },
      { weight: 50, share: 0.5, seconds: 60 },
    ]);
    expect([template.controller, template.seconds, template.lookbackSeconds]).toEqual(['flagger', 180, 300]);
    expect(template.series).toEqual(['a_total', 'c_total']);
  });

  it('puts pods on their sides by their names', () => {
    expect(template.labelsOf('canary', 0)).toEqual({
      namespace: 'default',
      pod: expect.stringMatching(/^shop-bcdf456789-.{5}$/),
    });
    expect(template.labelsOf('stable', 0)['pod']).toMatch(/^shop-primary-bcdf456789-.{5}$/);
    expect(template.labelsOf('stable', 1)['pod']).not.toBe(template.labelsOf('stable', 0)['pod']);
  });

  it('runs as Flagger does', async () => {
    expect(await run(template)).toMatchObject({ verdict: 'promote', asked: ['a 60', 'c 60', 'a 120', 'c 120'] });
    expect(await run(template, { c: () => 2 })).toMatchObject({ verdict: 'rollback', decidedBy: 'c' });
    expect(await run(template, { c: () => 2 }, ['c'])).toMatchObject({ verdict: 'promote' });
  });
});

it.each<[Partial<Release>, number, number]>([
  [{ strategy: 'canary', router: 'nginx', replicas: 4 }, 10, 0.1],
  [{ strategy: 'canary', router: 'basic', replicas: 4 }, 10, 0.25],
  [{ strategy: 'canary', router: 'basic', replicas: 4 }, 50, 0.5],
  [{ strategy: 'canary', router: 'basic', replicas: 4, autoscale: { min: 10 } as Release['autoscale'] }, 10, 0.1],
  [{ strategy: 'blue-green', router: 'basic', replicas: 3 }, 50, 0.5],
])('with %j, %d percent are a share of %d', (release, weight, share) => {
  expect(canaryShareOf(release as Release, weight)).toBe(share);
});
