import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../documents.js';
import { boundsOf, type CanaryAnalysis, canaryAnalysisOf } from './canary.js';

type Fields = Readonly<Record<string, unknown>>;

const objectOf = (kind: string, metadata: KubernetesObject['metadata'], spec: Fields): KubernetesObject =>
  ({ kind, metadata, spec }) as KubernetesObject;
const template = (spec: Fields, namespace?: string): KubernetesObject =>
  objectOf('MetricTemplate', { name: 'errors', ...(namespace === undefined ? {} : { namespace }) }, spec);
const PROMETHEUS = { type: 'prometheus', address: 'http://prometheus' };

/** Returns the analysis of a Canary with these fields in its analysis, and in its spec. */
const analysisOf = (analysis: Fields, spec: Fields = {}, templates: readonly KubernetesObject[] = []): CanaryAnalysis =>
  canaryAnalysisOf(
    objectOf(
      'Canary',
      { name: 'shop', namespace: 'prod' },
      { targetRef: { kind: 'Deployment', name: 'shop-web' }, analysis: { stepWeight: 50, ...analysis }, ...spec },
    ),
    templates,
  );

describe('the analysis of a Canary', () => {
  it('has the defaults of Flagger', () => {
    expect(analysisOf({})).toEqual({
      name: 'shop',
      target: 'shop-web',
      interval: 60,
      isSkipped: false,
      threshold: 1,
      weights: [50, 100],
      metrics: [],
    });
  });

  it.each<[string, Fields, Fields]>([
    ['an interval', { interval: '1m30s' }, { interval: 90 }],
    ['an interval that is too short', { interval: '1s' }, { interval: 10 }],
    ['a threshold', { threshold: 5 }, { threshold: 5 }],
    ['a threshold of 0', { threshold: 0 }, { threshold: 1 }],
  ])('has %s', (_, analysis, expected) => {
    expect(analysisOf(analysis)).toMatchObject(expected);
  });

  it('may be skipped, or stand at its old place', () => {
    expect(analysisOf({}, { skipAnalysis: true }).isSkipped).toBe(true);
    expect(analysisOf({}, { analysis: undefined, canaryAnalysis: { stepWeights: [7] } }).weights).toEqual([7]);
  });

  it.each<[Fields, Fields, string]>([
    [{}, { analysis: undefined }, 'Canary shop has no spec.analysis'],
    [{}, { targetRef: {} }, 'Canary shop has no spec.targetRef.name'],
    [{ interval: 'soon' }, {}, 'spec.analysis.interval must be a duration such as 90s, got "soon"'],
    [{ stepWeight: 0 }, {}, 'spec.analysis requires one of stepWeight, stepWeights and iterations'],
    [{ stepWeight: 0, stepWeights: [] }, {}, 'spec.analysis requires one of stepWeight, stepWeights and iterations'],
  ])('cannot be run: %j %j', (analysis, spec, message) => {
    expect(() => analysisOf(analysis, spec)).toThrow(message);
  });
});

describe('the weights of a Canary', () => {
  it.each<[Fields, string | undefined, readonly number[]]>([
    [{ stepWeight: 20, maxWeight: 50 }, undefined, [20, 40, 50]],
    [{ stepWeight: 25, maxWeight: 0 }, undefined, [25, 50, 75, 100]],
    [{ stepWeight: 60, maxWeight: 200 }, undefined, [60, 100]],
    [{ stepWeight: 0, stepWeights: [1, 10, 30] }, undefined, [1, 10, 30]],
    [{ stepWeight: 10, stepWeights: [1, 30] }, undefined, [10, 20, 30]],
    [{ iterations: 2 }, undefined, [0, 0, 100]],
    [{ iterations: 2, match: [{}] }, undefined, [100, 100]],
    [{ iterations: 2 }, 'kubernetes', [0, 0, 0]],
    [{ iterations: 2, match: [{}] }, 'kubernetes', [0, 0, 0]],
    [{ iterations: 0 }, 'kubernetes', new Array(11).fill(0)],
  ])('%j of the provider %s', (analysis, provider, weights) => {
    expect(analysisOf(analysis, { provider }).weights).toEqual(weights);
  });
});

describe('a metric of a Canary', () => {
  const queriesOf = (...args: Parameters<typeof analysisOf>): readonly string[] =>
    analysisOf(...args).metrics.map(({ query }) => query);

  it('with a template has its address and its query, on one line', () => {
    const metric = { name: 'errors', interval: '2m', templateRef: { name: 'errors' }, thresholdRange: { max: 1 } };
    expect(
      analysisOf({ metrics: [metric] }, {}, [
        template({ provider: PROMETHEUS, query: ' a{ns="{{ namespace }}"}\n[{{ interval }}] ' }),
      ]).metrics,
    ).toEqual([
      {
        name: 'errors',
        address: 'http://prometheus',
        query: 'a{ns="prod"} [2m]',
        isDuration: false,
        min: undefined,
        max: 1,
      },
    ]);
  });

  it('with a template has no interval by default, and one without has a minute', () => {
    const query = 'a[{{ interval }}]';
    expect(
      queriesOf({ metrics: [{ name: 'errors', templateRef: { name: 'errors' } }] }, {}, [template({ query })]),
    ).toEqual(['a[]']);
    expect(queriesOf({ metrics: [{ name: 'errors', query }] })).toEqual(['a[1m]']);
  });

  it('can name the target, its service, its ingress and its route', () => {
    const metrics = [
      { name: 'a', query: '{{ name }} {{ target }} {{ service }} {{ ingress }} {{ route }} {{ variables.x }}' },
    ];
    const withVariables = metrics.map((metric) => ({ ...metric, templateVariables: { x: '3' } }));
    expect(queriesOf({ metrics: withVariables })).toEqual(['shop shop-web shop-web shop-web shop-web 3']);
    expect(
      queriesOf(
        { metrics: withVariables },
        { service: { name: 's' }, ingressRef: { name: 'i' }, routeRef: { name: 'r' } },
      ),
    ).toEqual(['shop shop-web s i r 3']);
  });

  it('with a template is queried after those without', () => {
    const metrics = [
      { name: 'errors', templateRef: { name: 'errors' } },
      { name: 'request-success-rate', query: 'own', thresholdRange: { min: 99 } },
      { name: 'request-duration', templateRef: { name: 'errors' }, threshold: 500.9 },
    ];
    const { metrics: queried } = analysisOf({ metrics }, { metricsServer: 'http://own' }, [
      template({ query: 'from the template' }),
    ]);
    expect(queried.map(({ name, query, address }) => [name, query.split('(')[0], address])).toEqual([
      ['request-success-rate', 'sum', 'http://own'],
      ['request-success-rate', 'own', 'http://own'],
      ['request-duration', 'histogram_quantile', 'http://own'],
      ['errors', 'from the template', undefined],
      ['request-duration', 'from the template', undefined],
    ]);
    expect(queried.map(({ isDuration, min, max }) => [isDuration, min, max])).toEqual([
      [false, 99, undefined],
      [false, 99, undefined],
      [true, undefined, 500],
      [false, undefined, 0],
      [false, undefined, 500.9],
    ]);
  });

  it('without a template and a query must be one that Flagger has', () => {
    expect(() => analysisOf({ metrics: [{ name: 'errors' }] })).toThrow('metric errors: it has no templateRef');
  });

  it('of a target that is a Service has the checks of no provider', () => {
    const metrics = [{ name: 'request-duration' }];
    expect(
      analysisOf({ metrics }, { provider: 'kubernetes', targetRef: { kind: 'Service', name: 'shop' } }).metrics[0],
    ).toMatchObject({ note: expect.stringContaining('the provider kubernetes:service') });
    expect(analysisOf({ metrics }, { provider: 'kubernetes' }).metrics[0]).not.toHaveProperty('note');
  });

  it('has names as Skipper writes them', () => {
    expect(queriesOf({ metrics: [{ name: 'request-duration' }] }, { provider: 'skipper' })[0]).toContain(
      'kube(ew)?_prod__shop_web_canary__.*__shop_web_canary',
    );
  });

  it.each<[string, readonly KubernetesObject[], Fields, string]>([
    ['is nowhere', [], {}, 'Canary shop: there is no MetricTemplate errors of the namespace prod in the files'],
    [
      'is in another namespace',
      [template({ query: 'a' }, 'other')],
      {},
      'Canary shop: there is no MetricTemplate errors of the namespace prod in the files',
    ],
    [
      'is not in the namespace that it names',
      [template({ query: 'a' }, 'prod')],
      { namespace: 'other' },
      'there is no MetricTemplate errors of the namespace other',
    ],
    ['is of another kind', [objectOf('AnalysisTemplate', { name: 'errors' }, {})], {}, 'there is no MetricTemplate'],
    [
      'has another provider',
      [template({ provider: { type: 'datadog' }, query: 'a' })],
      {},
      'metric errors: the provider is datadog: coalmine can query only prometheus',
    ],
    ['has no query', [template({ provider: PROMETHEUS })], {}, 'metric errors: its template has no query'],
    ['is not known here', [template({ query: '{{ index target 1 }}' })], {}, 'metric errors: not known here: a byte'],
  ])('cannot be queried whose template %s', (_, templates, reference, message) => {
    const metrics = [{ name: 'errors', templateRef: { name: 'errors', ...reference } }];
    expect(() => analysisOf({ metrics }, {}, templates)).toThrow(message);
  });

  it('keeps a query that Flagger cannot render, with the reason', () => {
    expect(analysisOf({ metrics: [{ name: 'errors', query: ' {{ pod }} ' }] }).metrics[0]).toMatchObject({
      query: ' {{ pod }} ',
      fault: 'Flagger cannot render the query: there is no function pod',
    });
  });
});

it.each<[Parameters<typeof boundsOf>[0], string | undefined, readonly [number | undefined, number | undefined]]>([
  [{}, undefined, [undefined, 0]],
  [{ threshold: 1.5 }, undefined, [undefined, 1.5]],
  [{ threshold: 99.5 }, 'request-success-rate', [99.5, undefined]],
  [{ threshold: 0.5 }, 'request-duration', [undefined, 0]],
  [{ threshold: 5, thresholdRange: {} }, undefined, [undefined, undefined]],
  [{ thresholdRange: { min: 1.5, max: 2.5 } }, 'request-success-rate', [1.5, 2.5]],
  [{ thresholdRange: { min: 1.5, max: 2.5 } }, 'request-duration', [1, 2]],
])('the bounds of %j in the check %s', (metric, builtin, [min, max]) => {
  expect(boundsOf(metric, builtin)).toEqual({ min, max });
});
