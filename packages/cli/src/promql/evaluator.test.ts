import { describe, expect, it } from 'vitest';
import { type Element, NotKnown, type Value } from './elements.js';
import { createEvaluator } from './evaluator.js';
import { letsThrough } from './matcher.js';
import { isPromqlError, parsePromql } from './parser.js';
import type { Promql, Selector } from './promql.js';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** The value of each series, which does not change. */
const SERIES: readonly (Element & { readonly metric: string })[] = [
  { metric: 'up', labels: { pod: 'a' }, value: 1 },
  { metric: 'up', labels: { pod: 'b' }, value: 0 },
  { metric: 'x', labels: { pod: 'a', code: '200' }, value: 6 },
  { metric: 'x', labels: { pod: 'a', code: '500' }, value: 2 },
  { metric: 'x', labels: { pod: 'b', code: '200' }, value: -3 },
  { metric: 'odd', labels: { n: '1' }, value: 1 },
  { metric: 'odd', labels: { n: 'nan' }, value: nan },
  { metric: 'odd', labels: { n: '2' }, value: 2 },
];

function select({ metric, matchers }: Selector): readonly Element[] {
  return SERIES.filter(
    (each) => each.metric === metric && matchers.every((m) => letsThrough(m, each.labels[m.label] ?? '') === true),
  ).map(({ labels, value }) => ({ labels, value }));
}

const evaluate = createEvaluator({
  latest: select,
  within: (selector, start, end) =>
    select(selector).map(({ labels, value }) => ({
      labels,
      start,
      end,
      samples: [
        { at: start + 1, value },
        { at: end, value: value + 1 },
      ],
    })),
});

function ask(query: string): Value {
  const tree = parsePromql(query);
  if (isPromqlError(tree)) throw new Error(tree.error);
  return evaluate(tree as Promql, 300);
}

/** Returns each element as `label=value,... number`, in order. */
function told(query: string): number | readonly string[] {
  const value = ask(query);
  if (typeof value === 'number') return value;
  return value.map(({ labels, value }) => {
    const pairs = Object.entries(labels).map(([name, text]) => `${name}=${text}`);
    return [...pairs, value].join(' ');
  });
}

describe('a query of numbers', () => {
  it.each<[query: string, value: number]>([
    ['1 + 2 * 3 ^ 2', 19],
    ['-2 ^ 2', -4],
    ['1 + -2 ^ 2 * 2', -7],
    ['2 ^ -1 ^ 2', 0.5],
    ['(-2) ^ 2', 4],
    ['-2 * 2', -4],
    ['-2 + 3', 1],
    ['- 2 ^ 2', -4],
    ['2 ^ 3 ^ 2', 512],
    ['3 * - 2', -6],
    ['3 * + 2', 6],
    ['-0x1F', -31],
    ['-Inf', -inf],
    ['+inf', inf],
    ['-1h', -3600],
    ['1_000', 1000],
    ['7 % -4', 3],
    ['1 / 0', inf],
    ['0 / 0', nan],
    ['1 ^ (0 / 0)', 1],
    ['(-1) ^ (1 / 0)', 1],
    ['1 atan2 0', Math.PI / 2],
    ['2 > bool 1', 1],
    ['(0 / 0) == bool (0 / 0)', 0],
    ['time() + pi()', 300 + Math.PI],
    ['scalar(up{pod="a"})', 1],
    ['scalar(up)', nan],
    ['scalar(gone)', nan],
  ])('%s is %d', (query, value) => {
    expect(ask(query)).toBe(value);
  });
});

describe('a query of vectors', () => {
  it.each<[query: string, elements: readonly string[]]>([
    ['vector(1)', ['1']],
    ['gone', []],
    ['-up', ['pod=a -1', 'pod=b 0']],
    // A comparison keeps the value of the vector, on either side.
    ['x > 1', ['pod=a code=200 6', 'pod=a code=500 2']],
    ['1 < x', ['pod=a code=200 6', 'pod=a code=500 2']],
    ['x > bool 1', ['pod=a code=200 1', 'pod=a code=500 1', 'pod=b code=200 0']],
    // Pairs by all labels, by some, and with several on one side.
    ['x{code="200"} / on (pod) up', ['pod=a 6', 'pod=b -Infinity']],
    ['x{code="200"} / ignoring (code) up', ['pod=a 6', 'pod=b -Infinity']],
    ['x / up', []],
    ['x * on (pod) group_left up', ['code=200 pod=a 6', 'code=500 pod=a 2', 'code=200 pod=b 0']],
    ['up - on (pod) group_right x', ['code=200 pod=a -5', 'code=500 pod=a -1', 'code=200 pod=b 3']],
    ['up{pod="a"} * on () group_left (code) x{code="500"}', ['code=500 pod=a 2']],
    ['up + on (pod) group_left (gone) up', ['pod=a 2', 'pod=b 0']],
    // Sets.
    ['up and on (pod) x{code="500"}', ['pod=a 1']],
    ['up unless on (pod) x{code="500"}', ['pod=b 0']],
    ['up{pod="a"} or up', ['pod=a 1', 'pod=b 0']],
    ['up{pod="a"} or on () up', ['pod=a 1']],
    // Aggregates.
    ['sum(x)', ['5']],
    ['sum by (pod) (x)', ['pod=a 8', 'pod=b -3']],
    ['sum without (pod) (x)', ['code=200 3', 'code=500 2']],
    ['sum by (gone) (x)', ['5']],
    ['avg by (code) (x)', ['code=200 1.5', 'code=500 2']],
    ['count(gone)', []],
    ['group by (code) (x)', ['code=200 1', 'code=500 1']],
    ['max(odd)', ['2']],
    ['min(odd)', ['1']],
    ['stdvar(x{pod="a"})', ['4']],
    ['quantile(0.5, x)', ['2']],
    ['topk(2, x)', ['pod=a code=200 6', 'pod=a code=500 2']],
    ['bottomk by (code) (1, x)', ['pod=b code=200 -3', 'pod=a code=500 2']],
    ['topk(1.9, x)', ['pod=a code=200 6']],
    ['topk(-1, x)', []],
    // NaN comes last in every order.
    ['sort(odd)', ['n=1 1', 'n=2 2', 'n=nan NaN']],
    ['sort_desc(odd)', ['n=2 2', 'n=1 1', 'n=nan NaN']],
    ['topk(3, odd)', ['n=2 2', 'n=1 1', 'n=nan NaN']],
    ['bottomk(3, odd)', ['n=1 1', 'n=2 2', 'n=nan NaN']],
    // Functions of each value.
    ['clamp(x, -1, 3)', ['pod=a code=200 3', 'pod=a code=500 2', 'pod=b code=200 -1']],
    ['clamp(x, 3, -1)', []],
    ['clamp_min(odd, 1.5)', ['n=1 1.5', 'n=nan NaN', 'n=2 2']],
    ['clamp_min(odd, 1 / 0)', ['n=1 Infinity', 'n=nan Infinity', 'n=2 Infinity']],
    ['clamp_max(odd, -1 / 0)', ['n=1 -Infinity', 'n=nan -Infinity', 'n=2 -Infinity']],
    ['round(vector(2.5))', ['3']],
    ['round(vector(-2.5))', ['-2']],
    ['round(vector(7.3), 0.5)', ['7.5']],
    ['sgn(x)', ['pod=a code=200 1', 'pod=a code=500 1', 'pod=b code=200 -1']],
    // What is absent.
    ['absent(up)', []],
    ['absent(gone{pod="a",code=~"5..",zone="x",zone!="y"})', ['pod=a 1']],
    ['absent(sum(gone))', ['1']],
    ['absent_over_time(gone{pod="a"}[5m])', ['pod=a 1']],
    ['absent_over_time(up[5m])', []],
    // Windows.
    ['last_over_time(up[1m])', ['pod=a 2', 'pod=b 1']],
    ['quantile_over_time(0.5, up[1m])', ['pod=a 1.5', 'pod=b 0.5']],
    ['count_over_time(up[5m:1m])', ['pod=a 5', 'pod=b 5']],
    ['sum_over_time(vector(1)[1m:10s])', ['6']],
    ['max_over_time((time() * up)[2m:1m] offset 1m)', ['pod=a 240', 'pod=b 0']],
    ['sum_over_time(up[3m:])', ['pod=a 3', 'pod=b 0']],
  ])('%s', (query, elements) => {
    expect(told(query)).toEqual(elements);
  });

  it.each([
    // Prometheus refuses these.
    'x * on (pod) up * on (pod) x',
    'up * on (pod) x',
    'x * on (pod) up',
    'x * on (code) group_left x',
    'sum_over_time(label_replace(up, "pod", "", "", "")[5m:1m])',
    // It is not known here.
    'up @ 100',
    'sum(up @ 100)',
    'stddev(odd)',
    'count_values("v", up)',
    'sum_over_time(up[3000m:1m])',
    'sum_over_time(sum_over_time(up[50m:1m])[50m:1m])',
    'predict_linear(up[5m], 60)',
  ])('has no known result: %s', (query) => {
    expect(() => ask(query)).toThrow(NotKnown);
  });

  it('is evaluated anew after a query that took too many steps', () => {
    expect(() => ask('sum_over_time(up[3000m:1m])')).toThrow(NotKnown);
    expect(told('sum_over_time(vector(1)[1000m:1m])')).toEqual(['1000']);
    expect(told('sum_over_time(vector(2)[1500m:1m])')).toEqual(['3000']);
  });
});
