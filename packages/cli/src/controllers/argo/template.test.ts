import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../documents.js';
import { type ArgoMetric, argumentsOf, metricsOf, type RawMetric, withNamedTemplates } from './template.js';

type Fields = Readonly<Record<string, unknown>>;

const templateOf = (spec: Fields, name = 'a', kind = 'AnalysisTemplate', namespace?: string): KubernetesObject =>
  ({ kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) }, spec }) as KubernetesObject;
const PROMETHEUS = { prometheus: { address: 'http://p', query: 'up' } };
const UP = { name: 'up', provider: PROMETHEUS };

/** Returns the one metric of a template, which has these fields. */
const metricOf = (metric: Omit<RawMetric, 'provider'> & Fields, spec: Fields = {}, given = {}): ArgoMetric =>
  metricsOf([templateOf({ metrics: [{ ...UP, ...metric }], ...spec })], given)[0] as ArgoMetric;

describe('a metric', () => {
  it('has the defaults of Argo Rollouts', () => {
    expect(metricOf({})).toEqual({
      name: 'up',
      initialDelay: 0,
      interval: undefined,
      count: 1,
      failureLimit: 0,
      inconclusiveLimit: 0,
      consecutiveErrorLimit: 4,
      consecutiveSuccessLimit: 0,
      successCondition: '',
      failureCondition: '',
      provider: {
        address: 'http://p',
        query: 'up',
        timeoutSeconds: 30,
        headers: {},
        range: undefined,
        fault: undefined,
      },
      isDryRun: false,
    });
  });

  it('has what is written', () => {
    const written = {
      initialDelay: '1m',
      interval: '1m30s',
      count: '5',
      failureLimit: 1,
      inconclusiveLimit: '2',
      consecutiveErrorLimit: 3,
      consecutiveSuccessLimit: 4,
      successCondition: 'a',
      failureCondition: 'b',
    };
    expect(metricOf(written)).toMatchObject({
      ...written,
      initialDelay: 60,
      interval: 90,
      count: 5,
      inconclusiveLimit: 2,
    });
  });

  it('is measured without an end if it has only an interval', () => {
    expect(metricOf({ interval: '1m' }).count).toBeUndefined();
    expect(metricOf({ interval: '1m', count: 0 }).count).toBeUndefined();
    expect(metricOf({ interval: '', count: 0 })).toMatchObject({ interval: undefined, count: 1 });
  });

  it('has its timeout, its headers and its range', () => {
    const prometheus = {
      query: 'up',
      timeout: 5,
      headers: [{ key: 'X-Scope', value: 'eu' }],
      rangeQuery: { start: 'a', end: 'b', step: '1m' },
    };
    expect(metricOf({ provider: { prometheus } }).provider).toEqual({
      address: '',
      query: 'up',
      timeoutSeconds: 5,
      headers: { 'X-Scope': 'eu' },
      range: { start: 'a', end: 'b', step: 60 },
      fault: undefined,
    });
  });

  it('knows why it can only end as an Error, unless another address may be asked', () => {
    expect(metricOf({ provider: { prometheus: { query: 'up', timeout: 0 } } }).provider.fault).toContain(
      'a timeout of 0',
    );
    expect(metricOf({ provider: { prometheus: { query: 'up', address: 'p' } } }).provider.fault).toBeUndefined();
  });

  it('is a dry run by its name or by a pattern', () => {
    const isDryRun = (metricName: string) => metricOf({}, { dryRun: [{ metricName }] }).isDryRun;
    expect([isDryRun('up'), isDryRun('u.*')]).toEqual([true, true]);
  });

  it.each<[Fields, string]>([
    [{ name: undefined }, 'a metric has no name'],
    [{ interval: 'soon' }, 'metric up: interval: "soon" is not a duration such as 90s or 1h30m'],
    [{ initialDelay: 'soon' }, 'metric up: initialDelay: "soon"'],
    [{ count: 'many' }, 'metric up: count must be an integer'],
    [{ failureLimit: 1.5 }, 'metric up: failureLimit must be an integer'],
    [{ count: 2 }, 'metric up: an interval is required if count is above 1'],
    [{ failureLimit: -2 }, 'metric up: '],
    [{ provider: {} }, 'metric up: exactly one provider is required, got none'],
    [{ provider: { ...PROMETHEUS, web: {} } }, 'metric up: exactly one provider is required, got'],
    [{ provider: { web: {} } }, 'metric up: the provider is web: coalmine can query only prometheus'],
    [{ provider: { prometheus: {} } }, 'metric up: its query is empty'],
    [{ provider: { prometheus: { query: 'up', rangeQuery: {} } } }, 'metric up: rangeQuery.start is required'],
    [{ provider: { prometheus: { query: 'up', rangeQuery: { start: 'a' } } } }, 'rangeQuery.end is required'],
    [
      { provider: { prometheus: { query: 'up', rangeQuery: { start: 'a', end: 'b' } } } },
      'rangeQuery.step is required',
    ],
  ])('is not accepted: %j', (metric, message) => {
    expect(() => metricOf(metric)).toThrow(message);
  });
});

describe('the arguments of a metric', () => {
  const query = 'up{a="{{ args.a }}"}';
  const metrics = [{ name: 'up', provider: { prometheus: { query } } }];
  const queryWith = (args: unknown, given: Readonly<Record<string, string>> = {}): string | undefined =>
    metricsOf([templateOf({ metrics, args })], given)[0]?.provider.query;

  it('are filled in, also if they need quotes', () => {
    expect(queryWith([{ name: 'a', value: '1' }])).toBe('up{a="1"}');
    expect(queryWith([{ name: 'a', value: '1' }], { a: 'x"\\y' })).toBe('up{a="x"\\y"}');
  });

  it.each<[unknown, string]>([
    [[], 'up: args.a was not resolved: the template does not declare it'],
    [[{ name: 'a' }], 'up: args.a was not resolved: it has no default and was not given'],
    [
      [{ name: 'a', valueFrom: { secretKeyRef: { name: 'token' } } }],
      'its value is in the Secret token, which is not read here: give it with --arg a=…',
    ],
  ])('are missing: %j', (args, message) => {
    expect(() => queryWith(args)).toThrow(message);
  });

  it('are the only placeholders', () => {
    const other = { name: 'up', provider: { prometheus: { query: '{{ inputs.a }}' } } };
    expect(() => metricsOf([templateOf({ metrics: [other] })], {})).toThrow(
      'up: {{ inputs.a }} was not resolved: it is not a placeholder of Argo Rollouts',
    );
  });
});

describe('the arguments of templates', () => {
  const declaring = (...args: readonly Fields[]): KubernetesObject => templateOf({ args });

  it('are given, or have a default in one of them', () => {
    const templates = [
      declaring({ name: 'a', value: '1' }, { name: 'b', value: '2' }),
      declaring({ name: 'a' }, { name: 'c' }),
    ];
    expect(Object.fromEntries(argumentsOf(templates, { b: '3' }))).toEqual({ a: '1', b: '3', c: undefined });
  });

  it.each<[readonly KubernetesObject[], Readonly<Record<string, string>>, string]>([
    [
      [declaring({ name: 'a', value: '1' }), declaring({ name: 'a', value: '2' })],
      {},
      'the argument a has two different defaults',
    ],
    [[declaring({ name: 'a' }, { name: 'b' })], { c: '1' }, 'the argument c is not one of a, b'],
    [[templateOf({})], { c: '1' }, 'the argument c is not one of none'],
  ])('are refused: %#', (templates, given, message) => {
    expect(() => argumentsOf(templates, given)).toThrow(message);
  });
});

describe('templates that run as one', () => {
  const [a, b] = ['a', 'b'].map((name) => templateOf({ metrics: [{ ...UP, name }] }, `of-${name}`)) as [
    KubernetesObject,
    KubernetesObject,
  ];

  it('have the metrics of all, with the rules of all', () => {
    const rules = templateOf({ dryRun: [{ metricName: 'b' }] });
    expect(metricsOf([a, b, rules], {}).map(({ name, isDryRun }) => [name, isDryRun])).toEqual([
      ['a', false],
      ['b', true],
    ]);
  });

  it.each<[readonly KubernetesObject[], string]>([
    [[templateOf({})], 'the template has no metrics'],
    [[templateOf({ metrics: [UP, UP] })], 'two metrics have the same name up'],
    [[a, templateOf({ metrics: [{ ...UP, name: 'a' }] }, 'c')], 'the same name a: run one of of-a, c'],
    [[templateOf({ metrics: [UP], dryRun: [{ metricName: 'down' }] })], 'dryRun: down matches no metric'],
    [
      [templateOf({ metrics: [UP], measurementRetention: [{ metricName: 'down' }] })],
      'measurementRetention: down matches no metric',
    ],
    [
      [templateOf({ metrics: [UP], dryRun: [{ metricName: 'up' }, { metricName: 'up' }] })],
      'dryRun: two rules are named up',
    ],
    [
      [templateOf({ metrics: [UP], templates: [{ templateName: 'c' }] })],
      'a names the AnalysisTemplate c, which is not in the files',
    ],
  ])('are refused: %#', (templates, message) => {
    expect(() => metricsOf(templates, {})).toThrow(message);
  });

  it('of one file with two of a name have no choice', () => {
    expect(() => metricsOf([templateOf({ metrics: [UP, UP] })], {})).not.toThrow('run one of');
  });
});

describe('a template that names others', () => {
  const named = (templates: readonly Fields[], namespace?: string): KubernetesObject =>
    templateOf({ templates }, 'first', 'AnalysisTemplate', namespace);
  const namesWith = (template: KubernetesObject, ...all: readonly KubernetesObject[]): readonly string[] =>
    withNamedTemplates([template], [template, ...all]).map(({ kind, metadata }) => `${kind} ${metadata.name}`);

  it('comes with them, and with those that they name', () => {
    const second = templateOf({ templates: [{ templateName: 'third' }] }, 'second');
    const third = templateOf({}, 'third');
    expect(namesWith(named([{ templateName: 'second' }]), third, second, templateOf({}, 'other'))).toEqual([
      'AnalysisTemplate first',
      'AnalysisTemplate second',
      'AnalysisTemplate third',
    ]);
  });

  it('finds those of the cluster only by their scope', () => {
    const cluster = templateOf({}, 'second', 'ClusterAnalysisTemplate');
    expect(namesWith(named([{ templateName: 'second', clusterScope: true }]), cluster)).toEqual([
      'AnalysisTemplate first',
      'ClusterAnalysisTemplate second',
    ]);
    expect(() => namesWith(named([{ templateName: 'second' }]), cluster)).toThrow(
      'first names the AnalysisTemplate second, which is not in the files',
    );
    expect(() => namesWith(named([{ templateName: 'second', clusterScope: true }]))).toThrow(
      'first names the ClusterAnalysisTemplate second, which is not in the files',
    );
  });

  it('of the cluster finds those of the namespace in which it runs', () => {
    const first = templateOf({ templates: [{ templateName: 'second' }] }, 'first', 'ClusterAnalysisTemplate', 'prod');
    expect(namesWith(first, templateOf({}, 'second', 'AnalysisTemplate', 'test'))).toHaveLength(2);
  });

  it('does not find those of another namespace', () => {
    const other = templateOf({}, 'second', 'AnalysisTemplate', 'test');
    expect(() => namesWith(named([{ templateName: 'second' }], 'prod'), other)).toThrow('not in the files');
    expect(namesWith(named([{ templateName: 'second' }], 'test'), other)).toHaveLength(2);
  });
});
