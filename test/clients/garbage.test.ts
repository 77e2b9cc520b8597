import { createMetrics } from '@coalmine/metrics';
import * as prometheus from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AWKWARD_VALUES } from '../support/awkward.js';
import { Exposition } from '../support/exposition.js';
import { isPrometheusMissing, promtoolCheckMetrics } from '../support/prometheus.js';
import { rendered } from '../support/rendered.js';
import { coalmineWarnings } from '../support/warnings.js';
import { CLIENTS } from './clients.js';

/** Results of a metric that contain a value that is hard to print. Only the last few of them are metrics at all. */
const WAYS: readonly (readonly [title: string, get: (value: unknown) => unknown])[] = [
  ['is all that it gives', (value) => value],
  ['is what it rejects with', (value) => Promise.reject(value)],
  [
    'is what it throws',
    (value) => {
      throw value;
    },
  ],
  ['is its values', (values) => ({ ...METRIC, values })],
  ['is a row', (row) => ({ ...METRIC, values: [GOOD_ROW, row] })],
  ['is the value of a row', (value) => ({ ...METRIC, values: [{ ...GOOD_ROW, value }] })],
  ['is the labels of a row', (labels) => ({ ...METRIC, values: [{ ...GOOD_ROW, labels }] })],
  ['is a label', (label) => ({ ...METRIC, values: [{ ...GOOD_ROW, labels: { label } }] })],
  ['is a bound', (le) => ({ ...METRIC, type: 'histogram', values: [{ ...GOOD_ROW, labels: { le } }] })],
  ['is the name of a row', (metricName) => ({ ...METRIC, values: [{ ...GOOD_ROW, metricName }] })],
  ['is an exemplar', (exemplar) => ({ ...METRIC, values: [{ ...GOOD_ROW, exemplar }] })],
  [
    'is in an exemplar',
    (label) => ({ ...METRIC, values: [{ ...GOOD_ROW, exemplar: { labelSet: { label }, value: 1, timestamp: 1 } }] }),
  ],
  ['is its name', (name) => ({ ...METRIC, name })],
  ['is its help', (help) => ({ ...METRIC, help })],
  ['is its type', (type) => ({ ...METRIC, type })],
  ['is its aggregator', (aggregator) => ({ ...METRIC, aggregator })],
];
const GOOD_ROW = { value: 1, labels: { good: 'yes' } };
const METRIC = { name: 'garbage', help: 'Garbage', type: 'gauge', values: [GOOD_ROW] };

const NAMED: readonly (readonly [title: string, get: () => unknown, lost: boolean])[] = [
  ['gives undefined', () => undefined, true],
  ['gives null', () => null, true],
  ['gives a list', () => [METRIC], true],
  ['has values that are no list', () => ({ ...METRIC, values: new Set([GOOD_ROW]) }), true],
  ['has a row that is null', () => ({ ...METRIC, values: [GOOD_ROW, null] }), true],
  ['has a value in text', () => ({ ...METRIC, values: [{ ...GOOD_ROW, value: '1' }] }), true],
  ['has a name of two lines', () => ({ ...METRIC, name: 'garbage 1\ngarbage' }), true],
  ['has a name with a dash', () => ({ ...METRIC, name: 'gar-bage' }), true],
  ['has a row with a name of two lines', () => ({ ...METRIC, values: [{ ...GOOD_ROW, metricName: 'a 1\nb' }] }), true],
  ['has a label with a name of two lines', () => ({ ...METRIC, values: [{ value: 1, labels: { 'a\nb': 1 } }] }), true],
  ['has a label without a name', () => ({ ...METRIC, values: [{ value: 1, labels: { '': 1 } }] }), true],
  ['has a label with a dash', () => ({ ...METRIC, values: [{ value: 1, labels: { 'a-b': 1 } }] }), true],
  ['has a bound that is no number', () => ({ ...METRIC, type: 'histogram', values: [bound('wide')] }), true],
  [
    'has an invalid quantile',
    () => ({ ...METRIC, type: 'summary', values: [{ value: 1, labels: { quantile: '' } }] }),
    true,
  ],
  ['takes the name of one of ours', () => ({ ...METRIC, name: 'http_requests_total' }), true],
  ['takes the name of one of the user', () => ({ ...METRIC, name: 'orders_total' }), true],
  [
    'has a row with the name of one of ours',
    () => ({ ...METRIC, values: [{ ...GOOD_ROW, metricName: 'http_errors_total' }] }),
    true,
  ],
  ['has no help', () => ({ ...METRIC, help: undefined }), false],
  ['has help of two lines', () => ({ ...METRIC, help: 'One\n# TYPE two' }), false],
  ['has no type', () => ({ ...METRIC, type: undefined }), false],
  ['has a type of its own', () => ({ ...METRIC, type: 'speed\n' }), false],
  ['has no labels', () => ({ ...METRIC, values: [{ value: 1 }] }), false],
  ['has labels that are null', () => ({ ...METRIC, values: [{ value: 1, labels: null }] }), false],
  [
    'has a label with every character',
    () => ({ ...METRIC, values: [{ value: 1, labels: { a: '"\\\n\r\0{},=' } }] }),
    false,
  ],
  [
    'has labels named like members of every object',
    () => ({ ...METRIC, values: [{ value: 1, labels: { constructor: 'a', toString: 'b', ['__proto__']: 'c' } }] }),
    false,
  ],
];

function bound(le: unknown): object {
  return { value: 1, labels: { le } };
}

let registry: prometheus.Registry;

/** Returns a registry with a correct metric of the user, the wrong metric, and Coalmine's metrics. */
function register(client: typeof prometheus, get: () => unknown): void {
  registry = new client.Registry();
  const orders = new client.Counter({ name: 'orders_total', help: 'Orders', registers: [registry] });
  orders.inc(3);
  registry.registerMetric({ name: 'garbage', type: 'gauge', get, reset: () => {} } as never);
  const metrics = createMetrics({ registry });
  metrics.record(metrics.route('GET', '/items/:id'), 200, 0.1);
  new client.Gauge({ name: 'depth', help: 'Depth', registers: [registry] }).set(7);
}

const SAMPLE =
  /^[a-zA-Z_:][\w:]*(\{[a-zA-Z_]\w*="([^"\\\n]|\\["\\n])*"(,[a-zA-Z_]\w*="([^"\\\n]|\\["\\n])*")*\})? (-?\d\S*|NaN|[+-]Inf)( # \{[^\n]*\} \S+ \S+)?$/;
const COMMENT =
  /^# (HELP [a-zA-Z_:][\w:]* [^\n]+|TYPE [a-zA-Z_:][\w:]* (counter|gauge|histogram|summary|untyped|unknown)|EOF)$/;

/** Returns the exposition of {@link registry}. All of its lines must be readable, and only the wrong metric may be missing. */
async function expectTheRest(): Promise<string> {
  let text = '';
  for (const format of ['openmetrics', 'text'] as const) {
    text = await rendered(registry, format);
    expect(text.endsWith('\n')).toBe(true);
    const lines = text.slice(0, -1).split('\n');
    // The longest value would overflow the stack of a regular expression.
    const read = lines.filter((line) => line.length < 10_000);
    expect(read.filter((line) => !(line.startsWith('#') ? COMMENT : SAMPLE).test(line))).toEqual([]);
    const types = lines.filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ')[2]);
    expect(new Set(types).size).toBe(types.length);
    const exposition = new Exposition(text);
    expect(exposition.requests()).toEqual({ 'GET /items/:id 200': 1 });
    expect(exposition.value('orders_total')).toBe(3);
    expect(exposition.value('depth')).toBe(7);
  }
  return text;
}

describe.each(CLIENTS)('in a registry of $client, a metric of the user', ({ prometheus }) => {
  it.each(NAMED)('loses no other metric if it %s', async (_title, get, isLost) => {
    const warnings = coalmineWarnings();
    register(prometheus, get);
    const text = await expectTheRest();
    expect(text.includes('garbage')).toBe(!isLost);
    expect(await warnings.taken()).toMatchObject(
      isLost ? [{ code: 'COALMINE_COLLECT_FAILED', message: expect.stringContaining('garbage') }] : [],
    );
  });

  it('may be nothing at all, or have no name', async () => {
    const warnings = coalmineWarnings();
    register(prometheus, () => undefined);
    const all = registry.getMetricsAsArray();
    const unnamed = Object.defineProperty({ get: () => METRIC }, 'name', {
      get() {
        throw new Error('no name');
      },
    });
    for (const metric of [null, undefined, 7, 'metric', {}, { get: 'get' }, unnamed]) {
      registry.getMetricsAsArray = () => [...all, metric] as never;
      await expectTheRest();
    }
    for (const warning of await warnings.taken()) expect(warning).toMatchObject({ code: 'COALMINE_COLLECT_FAILED' });
  });
});

describe('in a registry of any client, a metric of the user', () => {
  it.skipIf(isPrometheusMissing).each(NAMED)('leaves a page that promtool can read if it %s', async (_title, get) => {
    register(prometheus, get);
    const { said } = promtoolCheckMetrics(await rendered(registry, 'text'));
    expect(said).not.toContain('error while linting');
  });

  it.each(WAYS)('loses no other when something hard to show %s', async (_title, get) => {
    for (const [, make] of AWKWARD_VALUES) {
      register(prometheus, () => get(make()));
      await expectTheRest();
    }
  });
});

describe('a metric that does not respond in time', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => vi.useRealTimers());

  it('is not asked again before it has responded, whatever the response, and then is shown again', async () => {
    const asked: { resolve(value: unknown): void; reject(error: unknown): void }[] = [];
    register(prometheus, () => new Promise((resolve, reject) => asked.push({ resolve, reject })));
    const untilAsked = async (times: number): Promise<void> => {
      while (asked.length < times) await new Promise((resolve) => setImmediate(resolve));
    };

    const first = rendered(registry, 'text');
    await untilAsked(1);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await first).not.toContain('garbage');
    for (let i = 0; i < 3; i++) await expectTheRest();
    expect(asked).toHaveLength(1);

    // Nobody waits for this promise any more, and its failure must not be an unhandled rejection.
    asked[0]?.reject(new Error('too late'));
    await vi.advanceTimersByTimeAsync(0);
    const second = rendered(registry, 'text');
    await untilAsked(2);
    asked[1]?.resolve(METRIC);
    expect(await second).toContain('garbage{good="yes"} 1\n');
  });
});
