import { analyzeArgo, createPastClock, createWallClock, type KubernetesObject } from '@coalmine/cli';
import { afterEach, describe, expect, it } from 'vitest';
import { type Reply, type ScriptedPrometheus, startScriptedPrometheus } from '../support/scripted-prometheus.js';
import { freePort } from '../support/server-process.js';

let prometheus: ScriptedPrometheus | undefined;
afterEach(async () => {
  await prometheus?.close();
  prometheus = undefined;
});

const GUARDED = {
  successCondition: 'len(result) == 1 && result[0] <= 1',
  failureCondition: 'len(result) == 1 && result[0] > 1',
};

interface Metric {
  readonly name?: string;
  readonly query?: string;
  readonly [field: string]: unknown;
}

function template(metrics: readonly Metric[], spec: object = {}): KubernetesObject {
  return {
    kind: 'AnalysisTemplate',
    metadata: { name: 'gate' },
    spec: {
      ...spec,
      metrics: metrics.map(({ name = 'errors', query = name, ...metric }) => ({
        name,
        ...metric,
        provider: { prometheus: { address: 'http://nowhere.invalid', query } },
      })),
    },
  };
}

/** Runs an analysis over the past, from second 1000 on, against a Prometheus that sends the next of the replies each time. */
async function run(
  metrics: readonly Metric[],
  replies: Readonly<Record<string, readonly Reply[]>>,
  options: { readonly spec?: object; readonly args?: Record<string, string>; readonly endAt?: number } = {},
): Promise<Awaited<ReturnType<typeof analyzeArgo>>> {
  prometheus = await startScriptedPrometheus((query, times) => {
    const script = replies[query] ?? [];
    return script[Math.min(times, script.length - 1)] ?? [];
  });
  return analyzeArgo({
    templates: [template(metrics, options.spec)],
    args: options.args ?? {},
    prometheus: prometheus.address,
    clock: createPastClock(1000),
    ...(options.endAt === undefined ? {} : { endAt: options.endAt }),
  });
}

const vector = (...values: readonly (number | string)[]): Reply => values;

describe('one measurement of Argo Rollouts', () => {
  it.each<[string, Metric, Reply, string]>([
    ['nothing, with result[0] in the condition', { successCondition: 'result[0] < 1' }, vector(), 'Error'],
    ['nothing, guarded', GUARDED, vector(), 'Inconclusive'],
    ['NaN, with success alone', { successCondition: 'result[0] < 1' }, vector('NaN'), 'Failed'],
    ['NaN, with failure alone', { failureCondition: 'result[0] > 1' }, vector('NaN'), 'Successful'],
    ['NaN, with both', GUARDED, vector('NaN'), 'Inconclusive'],
    ['infinity', GUARDED, vector('+Inf'), 'Failed'],
    [
      'two elements, of which only the first is looked at',
      { successCondition: 'result[0] < 1' },
      vector(0, 9),
      'Successful',
    ],
    ['two elements, guarded', GUARDED, vector(0, 9), 'Inconclusive'],
    ['no condition at all', {}, vector(9), 'Successful'],
    ['a failure and a success at once', { successCondition: 'true', failureCondition: 'true' }, vector(1), 'Failed'],
    [
      'a scalar, without an index',
      { successCondition: 'result < 1' },
      { data: { resultType: 'scalar', result: [0, '0.5'] } },
      'Successful',
    ],
    [
      'a scalar, with an index',
      { successCondition: 'result[0] < 1' },
      { data: { resultType: 'scalar', result: [0, '0.5'] } },
      'Error',
    ],
    ['a string', { successCondition: 'true' }, { data: { resultType: 'string', result: [0, 'x'] } }, 'Error'],
    ['an error of Prometheus', GUARDED, { error: 'parse error' }, 'Error'],
    [
      'a native histogram, which is read as 0',
      { successCondition: 'result[0] == 0' },
      { data: { resultType: 'vector', result: [{ metric: {}, histogram: [0, { count: '3' }] }] } },
      'Successful',
    ],
  ])('of %s is $3', async (_, metric, reply, phase) => {
    const { metrics } = await run([{ ...metric, consecutiveErrorLimit: 0 }], { errors: [reply] });
    expect(metrics[0]?.measurements.map((measurement) => measurement.phase)).toEqual([phase]);
  });

  it('says why it is an Error', async () => {
    const { message } = await run([{ successCondition: 'result[0] < 1' }], { errors: [vector()] });
    expect(message).toContain('could not evaluate successCondition "result[0] < 1": index out of range: 0');
  });
});

describe('a run of Argo Rollouts', () => {
  const good = vector(0);
  const bad = vector(2);
  const none = vector();

  it.each<[string, Metric, readonly Reply[], string, number]>([
    ['one measurement where neither count nor interval is given', {}, [good], 'Successful', 1],
    ['as many measurements as count', { count: 3, interval: '1m' }, [good], 'Successful', 3],
    ['a first failure, where none is allowed', { count: 3, interval: '1m' }, [good, bad], 'Failed', 2],
    [
      'failures up to the limit',
      { count: 4, interval: '1m', failureLimit: 2 },
      [bad, good, bad, good],
      'Successful',
      4,
    ],
    [
      'failures over the limit, though not in a row',
      { count: 5, interval: '1m', failureLimit: 1 },
      [bad, good, bad],
      'Failed',
      3,
    ],
    ['a first doubt, where none is allowed', { count: 3, interval: '1m' }, [good, none], 'Inconclusive', 2],
    [
      'doubts that count as measurements',
      { count: 3, interval: '1m', inconclusiveLimit: 2 },
      [none, none, good],
      'Successful',
      3,
    ],
    ['five errors in a row, without an interval', {}, [{ error: 'x' }], 'Error', 5],
    [
      'errors that end in time, and are no measurements',
      { count: 2, interval: '1m' },
      [{ error: 'x' }, { error: 'x' }, good],
      'Successful',
      4,
    ],
    ['errors with a limit of their own', { consecutiveErrorLimit: 1 }, [{ error: 'x' }], 'Error', 2],
    [
      'an error that another phase forgives',
      { count: 3, interval: '1m', consecutiveErrorLimit: 1 },
      [{ error: 'x' }, good, { error: 'x' }, good],
      'Successful',
      5,
    ],
    [
      'successes in a row, before count',
      { count: 9, interval: '1m', consecutiveSuccessLimit: 2, failureLimit: 5 },
      [bad, good, bad, good, good],
      'Successful',
      5,
    ],
    [
      'no successes in a row, before count',
      { count: 3, interval: '1m', consecutiveSuccessLimit: 2, failureLimit: 1 },
      [good, bad, good],
      'Inconclusive',
      3,
    ],
    [
      'no successes in a row, with failures that do not count',
      { count: 3, interval: '1m', consecutiveSuccessLimit: 2, failureLimit: -1 },
      [good, bad, good],
      'Failed',
      3,
    ],
    ['a count that is text', { count: '2', interval: '1m' }, [good], 'Successful', 2],
  ])('of %s ends as $3', async (_, metric, replies, phase, measurements) => {
    const result = await run([{ ...GUARDED, ...metric }], { errors: replies });
    expect([result.phase, result.metrics[0]?.measurements.length]).toEqual([phase, measurements]);
    expect(result.verdict).toBe({ Successful: 'promote', Inconclusive: 'pause' }[phase] ?? 'rollback');
  });

  it('measures after the delay, then at each interval, and after an error ten seconds later', async () => {
    const metric = { ...GUARDED, initialDelay: '1m30s', interval: '5m', count: 3 };
    const { metrics, finishedAt } = await run([metric], { errors: [good, { error: 'x' }, good, good] });
    expect(metrics[0]?.measurements.map(({ at }) => at)).toEqual([1090, 1390, 1400, 1700]);
    expect(finishedAt).toBe(1700);
    expect(prometheus?.asked.map(({ time }) => time)).toEqual([1090, 1390, 1400, 1700]);
  });

  it('ends with the first metric that is bad, and is as bad as the worst', async () => {
    const metrics = [
      { ...GUARDED, name: 'errors', interval: '1m' },
      { ...GUARDED, name: 'slow', interval: '1m', initialDelay: '2m' },
      { ...GUARDED, name: 'doubt', interval: '1m', initialDelay: '2m' },
    ];
    const result = await run(metrics, { errors: [good], slow: [bad], doubt: [none] });
    expect(result).toMatchObject({ phase: 'Failed', finishedAt: 1120 });
    expect(result.metrics.map(({ phase }) => phase)).toEqual(['Successful', 'Failed', 'Inconclusive']);
    expect(result.message).toBe(
      'metric "slow" assessed Failed due to failed (1) > failureLimit (0): failureCondition len(result) == 1 && result[0] > 1 holds',
    );
  });

  it('succeeds if the last step ends it, with evidence and without', async () => {
    const metrics = [
      { ...GUARDED, name: 'errors', interval: '1m', failureLimit: 3 },
      { ...GUARDED, name: 'late', initialDelay: '1h' },
    ];
    const result = await run(metrics, { errors: [bad] }, { endAt: 1130 });
    expect(result).toMatchObject({
      phase: 'Successful',
      verdict: 'promote',
      finishedAt: 1130,
      message: 'the run was ended before a metric was over a limit',
    });
    expect(result.metrics.map(({ measurements }) => measurements.length)).toEqual([3, 0]);
  });

  it('is undecided if it reaches the end of the known data', async () => {
    prometheus = await startScriptedPrometheus(() => good);
    const result = await analyzeArgo({
      templates: [template([{ ...GUARDED, count: 3, interval: '1m' }])],
      args: {},
      prometheus: prometheus.address,
      clock: createPastClock(1000),
      cutAt: 1100,
    });
    expect(result).toMatchObject({ phase: 'Running', verdict: 'pause', finishedAt: 1100 });
    expect(result.metrics[0]?.measurements).toHaveLength(2);
  });

  it('does not count dry runs', async () => {
    const metrics = [
      { ...GUARDED, name: 'errors' },
      { ...GUARDED, name: 'trial-a' },
    ];
    const spec = { dryRun: [{ metricName: 'trial.*' }] };
    const result = await run(metrics, { errors: [good], 'trial-a': [bad] }, { spec });
    expect(result.phase).toBe('Successful');
    expect(result.metrics.map(({ phase, dryRun }) => [phase, dryRun])).toEqual([
      ['Successful', false],
      ['Failed', true],
    ]);
  });

  it('fills its arguments in, wherever they stand', async () => {
    const spec = { args: [{ name: 'hash' }, { name: 'limit', value: '1' }, { name: 'times', value: '2' }] };
    const metric = {
      query: 'errors{hash="{{args.hash}}"}',
      count: '{{ args.times }}',
      interval: '1m',
      failureCondition: 'result[0] > {{args.limit}}',
    };
    const { metrics } = await run([metric], { 'errors{hash="a\\b"}': [good] }, { spec, args: { hash: 'a\\b' } });
    expect(metrics[0]).toMatchObject({
      query: 'errors{hash="a\\b"}',
      phase: 'Successful',
      thresholds: [{ good: 'below', bound: 1 }],
    });
    expect(metrics[0]?.measurements).toHaveLength(2);
  });

  it('queries a range, whose borders follow the time of the measurement', async () => {
    prometheus = await startScriptedPrometheus(() => ({
      data: {
        resultType: 'matrix',
        result: [
          {
            metric: {},
            values: [
              [0, '1'],
              [1, '2'],
            ],
          },
          { metric: {}, values: [[0, '3']] },
        ],
      },
    }));
    const templates = [template([{ successCondition: 'all(result, # < 4) && len(result) == 3' }])];
    const [metric] = (templates[0]?.spec.metrics ?? []) as { provider: { prometheus: object } }[];
    Object.assign(metric?.provider.prometheus ?? {}, {
      rangeQuery: { start: 'now() - duration("5m")', end: 'now()', step: '1m' },
    });
    const result = await analyzeArgo({
      templates,
      args: {},
      prometheus: prometheus.address,
      clock: createPastClock(1000),
    });
    expect(result.metrics[0]?.measurements[0]).toMatchObject({ phase: 'Successful', values: [1, 2, 3] });
    expect(prometheus.asked[0]?.time).toBe(1000);
  });

  it.each([
    [{ timeout: -30 }, 'the timeout is negative: every measurement is an Error'],
    [{ timeout: 0 }, 'a timeout of 0 is over before the query is sent: every measurement is an Error'],
    [
      { authentication: { oauth2: { tokenUrl: 'https://login.example.com/token', clientId: 'me' } } },
      'oauth2 lacks clientSecret: every measurement is an Error',
    ],
  ])('ends as Error if the provider cannot be set up: %j', async (settings, message) => {
    prometheus = await startScriptedPrometheus(() => good);
    const templates = [template([GUARDED])];
    const [metric] = (templates[0]?.spec.metrics ?? []) as { provider: { prometheus: object } }[];
    Object.assign(metric?.provider.prometheus ?? {}, settings);
    const clock = createPastClock(1000);
    const result = await analyzeArgo({ templates, args: {}, prometheus: prometheus.address, clock });
    expect(result.verdict).toBe('rollback');
    expect(result.metrics[0]?.measurements.map(({ phase, message }) => [phase, message])).toEqual(
      Array.from({ length: 5 }, () => ['Error', message]),
    );
  });

  it('can run live, and ends when it is aborted', async () => {
    prometheus = await startScriptedPrometheus(() => good);
    const abort = new AbortController();
    const seen: number[] = [];
    const result = await analyzeArgo({
      templates: [template([{ ...GUARDED, interval: '50ms' }])],
      args: {},
      prometheus: prometheus.address,
      clock: createWallClock(),
      signal: abort.signal,
      onMeasurement: (_, { at }) => {
        seen.push(at);
        if (seen.length === 3) abort.abort();
      },
    });
    expect(result).toMatchObject({
      phase: 'Running',
      verdict: 'pause',
      message: 'nothing is decided yet: metric "errors" was still being measured',
    });
    expect(seen).toHaveLength(3);
    expect((seen[2] ?? 0) - (seen[0] ?? 0)).toBeGreaterThanOrEqual(0.1);
  });
});

describe('a template', () => {
  it.each<[string, readonly Metric[], object, Record<string, string>, string]>([
    [
      'an argument without a value',
      [{ query: '{{args.hash}}' }],
      { args: [{ name: 'hash' }] },
      {},
      'errors: args.hash was not resolved: it has no default and was not given',
    ],
    [
      'an argument from a Secret',
      [{ query: '{{args.token}}' }],
      { args: [{ name: 'token', valueFrom: { secretKeyRef: { name: 'keys', key: 'token' } } }] },
      {},
      'errors: args.token was not resolved: its value is in the Secret keys, which is not read here: give it with --arg token=…',
    ],
    [
      'an argument that is not declared',
      [{ query: '{{args.hash}}' }],
      {},
      {},
      'errors: args.hash was not resolved: the template does not declare it',
    ],
    [
      'other templates',
      [{}],
      { templates: [{ templateName: 'base' }] },
      {},
      'gate names the AnalysisTemplate base, which is not in the files',
    ],
    ['an argument too many', [{}], { args: [{ name: 'hash' }] }, { hsah: 'x' }, 'the argument hsah is not one of hash'],
    ['no metrics', [], {}, {}, 'the template has no metrics'],
    ['two metrics of one name', [{}, {}], {}, {}, 'two metrics have the same name errors'],
    [
      'a count without an interval',
      [{ count: 2 }],
      {},
      {},
      'metric errors: an interval is required if count is above 1',
    ],
    [
      'a limit that cannot be reached',
      [{ count: 2, interval: '1m', failureLimit: 3 }],
      {},
      {},
      'metric errors: count must be at least failureLimit',
    ],
    [
      'an invalid duration',
      [{ interval: '5 minutes' }],
      {},
      {},
      'metric errors: interval: "5 minutes" is not a duration',
    ],
    ['a dry run of nothing', [{}], { dryRun: [{ metricName: 'x' }] }, {}, 'dryRun: x matches no metric'],
    [
      'another provider',
      [{ provider: { web: {} } }],
      {},
      {},
      'metric errors: the provider is web: coalmine can query only prometheus',
    ],
  ])('with %s is refused', async (_, metrics, spec, args, message) => {
    const templates = [template(metrics, spec)];
    const overridden = templates.map((each) => ({
      ...each,
      spec: {
        ...each.spec,
        metrics: (each.spec.metrics as Metric[]).map((metric, i) => ({
          ...metric,
          ...(metrics[i]?.provider === undefined ? {} : { provider: metrics[i]?.provider }),
        })),
      },
    }));
    await expect(analyzeArgo({ templates: overridden, args, clock: createPastClock(0) })).rejects.toThrow(message);
  });

  it('reports a Prometheus that cannot be reached, or is not a Prometheus', async () => {
    const ask = async (address: string): Promise<string> => {
      const options = { templates: [template([{ consecutiveErrorLimit: 0 }])], args: {}, clock: createPastClock(0) };
      return (await analyzeArgo({ ...options, prometheus: address })).message;
    };
    expect(await ask(`http://127.0.0.1:${await freePort()}`)).toMatch(
      /127\.0\.0\.1:\d+ cannot be reached: .*ECONNREFUSED/,
    );
    prometheus = await startScriptedPrometheus(() => ({ data: undefined }));
    expect(await ask(prometheus.address)).toContain('is not a Prometheus: it responded with 200 OK');
  });

  it('sends its queries with credentials and below a path', async () => {
    prometheus = await startScriptedPrometheus(() => []);
    const address = prometheus.address.replace('http://', 'http://me:s%40cret@');
    const options = {
      templates: [template([GUARDED])],
      args: {},
      clock: createPastClock(0),
      headers: { 'x-scope-orgid': 'eu' },
    };
    await analyzeArgo({ ...options, prometheus: `${address}/path/` });
    expect(prometheus.asked[0]?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from('me:s@cret').toString('base64')}`,
      'x-scope-orgid': 'eu',
    });
  });
});
