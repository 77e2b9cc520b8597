import { analyzeFlagger, createPastClock, type KubernetesObject, manifestsFor, objectsIn } from '@coalmine/cli';
import { afterEach, describe, expect, it } from 'vitest';
import { type Reply, type ScriptedPrometheus, startScriptedPrometheus } from '../support/scripted-prometheus.js';

let prometheus: ScriptedPrometheus | undefined;
afterEach(async () => {
  await prometheus?.close();
  prometheus = undefined;
});

interface Metric {
  readonly name: string;
  readonly [field: string]: unknown;
}

function canary(metrics: readonly Metric[], analysis: object = {}, spec: object = {}): KubernetesObject {
  return {
    kind: 'Canary',
    metadata: { name: 'shop', namespace: 'eu' },
    spec: {
      provider: 'nginx',
      targetRef: { name: 'shop' },
      ingressRef: { name: 'front' },
      ...spec,
      analysis: { interval: '1m', threshold: 2, stepWeights: [10, 50], ...analysis, metrics },
    },
  };
}

function metricTemplate(name: string, query = name, provider: object = { type: 'prometheus' }): KubernetesObject {
  return { kind: 'MetricTemplate', metadata: { name }, spec: { provider, query } };
}

const ERRORS: Metric = { name: 'errors', templateRef: { name: 'errors' }, thresholdRange: { max: 1 } };

/** Runs an analysis over the past, from second 0 on, against a Prometheus that sends the next of the replies each time. */
async function run(
  object: KubernetesObject,
  replies: readonly Reply[],
  templates: readonly KubernetesObject[] = [metricTemplate('errors')],
  cutAt?: number,
): ReturnType<typeof analyzeFlagger> {
  prometheus = await startScriptedPrometheus((_, times) => replies[Math.min(times, replies.length - 1)] ?? []);
  const cut = cutAt === undefined ? {} : { cutAt };
  return analyzeFlagger({
    canary: object,
    templates,
    prometheus: prometheus.address,
    clock: createPastClock(0),
    ...cut,
  });
}

describe('a check of Flagger', () => {
  it.each<[string, Metric, Reply, string, string | undefined]>([
    ['a number within the range', ERRORS, [0.5], 'Successful', undefined],
    ['the bound itself', ERRORS, [1], 'Successful', undefined],
    ['a number above', ERRORS, [1.5], 'Failed', '1.5 > 1'],
    ['a number below', { ...ERRORS, thresholdRange: { min: 99 } }, [98], 'Failed', '98 < 99'],
    ['nothing', ERRORS, [], 'Error', 'no values found'],
    ['NaN', ERRORS, ['NaN'], 'Error', 'no values found'],
    ['infinity', ERRORS, ['+Inf'], 'Failed', 'Infinity > 1'],
    [
      'infinity, where there is only a least',
      { ...ERRORS, thresholdRange: { min: 1 } },
      ['+Inf'],
      'Successful',
      undefined,
    ],
    ['several elements, of which the last counts', ERRORS, [9, 0], 'Successful', undefined],
    ['several elements, the last of them NaN', ERRORS, [0, 'NaN'], 'Error', 'no values found'],
    [
      'a scalar',
      ERRORS,
      { data: { resultType: 'scalar', result: [0, '0'] } },
      'Error',
      'a scalar cannot be decoded: the query must return a vector',
    ],
    ['an error', ERRORS, { error: 'parse error', status: 400 }, 'Error', 'execution: parse error'],
    [
      'a native histogram',
      ERRORS,
      { data: { resultType: 'vector', result: [{ metric: {}, histogram: [0, {}] }] } },
      'Error',
      'a native histogram makes Flagger panic',
    ],
    ['no range, so that 0 is the most', { ...ERRORS, thresholdRange: undefined }, [0.1], 'Failed', '0.1 > 0'],
    ['the old threshold', { ...ERRORS, thresholdRange: undefined, threshold: 5 }, [4], 'Successful', undefined],
  ])('of %s is $3', async (_, metric, reply, phase, message) => {
    const { metrics } = await run(canary([metric], { threshold: 1 }), [reply]);
    expect(metrics[0]?.measurements[0]).toMatchObject({ phase, ...(message === undefined ? {} : { message }) });
  });

  it('sends the query of the template, with its values filled in', async () => {
    const query = `sum({{ name }}-{{namespace}}-{{ target }}-{{ service }}-{{ ingress }}-{{ route }}[{{- interval -}}])
      - {{ variables.low }}`;
    const metric = { ...ERRORS, interval: '2m', templateVariables: { low: '3' } };
    await run(canary([metric]), [[0]], [metricTemplate('errors', query)]);
    expect(prometheus?.asked[0]?.query).toBe('sum(shop-eu-shop-shop-front-shop[2m]) - 3');
  });

  it('may be built in, with the bound of a duration in whole milliseconds', async () => {
    const metrics = [
      { name: 'request-success-rate', thresholdRange: { min: 99 } },
      { name: 'request-duration', thresholdRange: { max: 0.5 } },
    ];
    const result = await run(canary(metrics, { iterations: 2 }, { provider: 'kubernetes' }), [[99.5], [250]]);
    const [rate = '', duration = ''] = prometheus?.asked.map(({ query }) => query) ?? [];
    expect(rate).toMatch(
      /^sum\(rate\(http_request_duration_seconds_count\{kubernetes_namespace="eu".*status!~"5\.\*"\}\[1m\]\)\)/,
    );
    expect(duration).toMatch(/^histogram_quantile\(0\.99, .*\) \* 1000$/);
    // 0.5 ms counts as 0 ms, so every response is too slow.
    expect(result.metrics[1]).toMatchObject({ phase: 'Failed', thresholds: [{ good: 'below', bound: 0 }] });
  });

  it('runs first if it is built in, and once more if it has a template', async () => {
    const own = { name: 'request-success-rate', thresholdRange: { min: 99 } };
    const metrics = [ERRORS, { ...own, templateRef: { name: 'errors' } }];
    const result = await run(canary(metrics), [[100]]);
    expect(result.metrics.map(({ name, query }) => `${name}: ${query.slice(0, 8)}`)).toEqual([
      'request-success-rate: sum(rate',
      'errors: errors',
      'request-success-rate: errors',
    ]);
  });

  it('reports a provider without built-in checks', async () => {
    const metric = { name: 'request-success-rate', thresholdRange: { min: 99 } };
    const result = await run(canary([metric], { threshold: 1 }, { provider: 'smi:v1alpha3' }), [[]]);
    expect(result.metrics[0]?.message).toBe(
      'no values found; Flagger has no checks for the provider smi:v1alpha3, and queries the series of Istio',
    );
  });
});

describe('an analysis of Flagger', () => {
  const good: Reply = [0];
  const bad: Reply = [2];

  it('sets the first weight at the first tick, judges from the second on, and promotes after the last', async () => {
    const result = await run(canary([ERRORS]), [good]);
    expect(result).toMatchObject({ verdict: 'promote', message: 'all checks passed up to 50 %', finishedAt: 120 });
    expect(result.steps).toEqual([
      { at: 0, weight: 10, failedChecks: 0 },
      { at: 60, weight: 50, failedChecks: 0 },
    ]);
    expect(prometheus?.asked.map(({ time }) => time)).toEqual([60, 120]);
  });

  it('holds the weight at a failed check, and goes on after it', async () => {
    const result = await run(canary([ERRORS]), [bad, good]);
    expect(result.verdict).toBe('promote');
    expect(result.steps?.map(({ weight, failedChecks }) => [weight, failedChecks])).toEqual([
      [10, 0],
      [10, 1],
      [50, 1],
    ]);
  });

  it('rolls back at the tick after the threshold, good checks in between or not', async () => {
    const result = await run(canary([ERRORS], { stepWeights: [10, 20, 30, 40] }), [bad, good, bad, good]);
    expect(result).toMatchObject({
      verdict: 'rollback',
      finishedAt: 240,
      message: '2 failed checks reached the threshold of 2: errors: 2 > 1',
    });
    expect(prometheus?.asked).toHaveLength(3);
  });

  it('sends no more queries in a check that has failed', async () => {
    const slow = { ...ERRORS, name: 'slow', templateRef: { name: 'slow' } };
    const templates = [metricTemplate('errors'), metricTemplate('slow')];
    const result = await run(canary([ERRORS, slow], { threshold: 1 }), [bad], templates);
    expect(result.metrics.map(({ measurements }) => measurements.length)).toEqual([1, 0]);
  });

  it('takes steps of one size, or iterations with one more check after them, or matching requests', async () => {
    const weights = async (analysis: object, spec?: object): Promise<unknown> => {
      const result = await run(canary([ERRORS], { stepWeights: undefined, ...analysis }, spec), [good]);
      await prometheus?.close();
      return result.steps?.map(({ weight }) => weight);
    };
    expect(await weights({ stepWeight: 20, maxWeight: 50 })).toEqual([20, 40, 50]);
    expect(await weights({ stepWeights: [10, 20], stepWeight: 15 })).toEqual([15, 20]);
    expect(await weights({ iterations: 3 })).toEqual([0, 0, 0, 100]);
    expect(await weights({ iterations: 3 }, { provider: 'kubernetes' })).toEqual([0, 0, 0, 0]);
    expect(await weights({}, { provider: 'kubernetes' })).toHaveLength(11);
    expect(await weights({ iterations: 2, match: [{ headers: {} }] })).toEqual([100, 100]);
    prometheus = undefined;
  });

  it('promotes without a check if the analysis is skipped', async () => {
    const result = await run(canary([ERRORS], {}, { skipAnalysis: true }), [bad]);
    expect(result).toMatchObject({ verdict: 'promote', message: 'spec.skipAnalysis promotes without a check' });
    expect(prometheus?.asked).toEqual([]);
  });

  it('ticks every ten seconds at most', async () => {
    const { finishedAt } = await run(canary([ERRORS], { interval: '1s' }), [good]);
    expect(finishedAt).toBe(20);
  });

  it('is undecided at the end of the known data', async () => {
    const result = await run(canary([ERRORS]), [bad, good], undefined, 90);
    expect(result).toMatchObject({ verdict: 'pause', message: 'nothing is decided yet: 10 %, 1 failed checks of 2' });
  });

  it('runs the generated manifests', async () => {
    const [file] = manifestsFor('flagger', { name: 'shop', router: 'nginx' });
    const objects = objectsIn(file?.text ?? '', 'flagger.yaml');
    const generated = objects.find(({ kind }) => kind === 'Canary');
    if (generated === undefined) throw new Error('no Canary');
    // Twenty requests, no failure, no restart, and all requests arrive.
    const traffic = /^\( sum\(increase\(.*?\) unless increase\(.*?\)\) or 0 \* sum\(/;
    prometheus = await startScriptedPrometheus((query) =>
      traffic.test(query) ? [20] : query.includes('>= bool 0.005 *') ? [1] : [0],
    );
    const options = {
      canary: generated,
      templates: objects,
      prometheus: prometheus.address,
      clock: createPastClock(0),
    };
    const result = await analyzeFlagger(options);
    expect(result).toMatchObject({ verdict: 'promote', finishedAt: 750 });
    expect(result.metrics.map(({ phase }) => phase)).toEqual(result.metrics.map(() => 'Successful'));
  });
});

describe('a Canary', () => {
  it.each<[string, KubernetesObject, readonly KubernetesObject[], string]>([
    [
      'whose template is missing',
      canary([ERRORS]),
      [],
      'Canary shop: there is no MetricTemplate errors of the namespace eu in the files',
    ],
    [
      'whose template is in another namespace',
      canary([ERRORS]),
      [{ ...metricTemplate('errors'), metadata: { name: 'errors', namespace: 'us' } }],
      'Canary shop: there is no MetricTemplate errors of the namespace eu in the files',
    ],
    [
      'of another provider',
      canary([ERRORS]),
      [metricTemplate('errors', 'x', { type: 'datadog' })],
      'metric errors: the provider is datadog: coalmine can query only prometheus',
    ],
    [
      'with an unknown check',
      canary([{ name: 'error-rate' }]),
      [],
      'metric error-rate: it has no templateRef, and is not one of request-success-rate, request-duration',
    ],
    [
      'without steps',
      canary([ERRORS], { stepWeights: undefined }),
      [metricTemplate('errors')],
      'spec.analysis requires one of stepWeight, stepWeights and iterations',
    ],
    [
      'without an analysis',
      { kind: 'Canary', metadata: { name: 'shop' }, spec: {} },
      [],
      'Canary shop has no spec.analysis',
    ],
  ])('%s is refused', async (_, object, templates, message) => {
    const options = { canary: object, templates, prometheus: 'http://127.0.0.1:1', clock: createPastClock(0) };
    await expect(analyzeFlagger(options)).rejects.toThrow(message);
  });

  it.each<[string, string, string]>([
    ['a function that does not exist', '{{ pod }}', 'there is no function pod'],
    ['a variable that is not given', '{{ variables.x }}', 'there is no templateVariables.x'],
    ['a placeholder that is not closed', 'up{pod="{{ target }"}', ''],
  ])('whose query has %s fails its checks, as Flagger renders the query at each', async (_, query, message) => {
    const options = { canary: canary([ERRORS]), templates: [metricTemplate('errors', query)] };
    const result = await analyzeFlagger({ ...options, prometheus: 'http://127.0.0.1:1', clock: createPastClock(0) });
    expect(result).toMatchObject({ verdict: 'rollback', decidedBy: 'errors' });
    expect(result.message).toContain(`errors: Flagger cannot render the query: ${message}`);
  });
});
