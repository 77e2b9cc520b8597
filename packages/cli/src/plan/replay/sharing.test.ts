import { describe, expect, it } from 'vitest';
import { parsePromql } from '../../promql/parser.js';
import type { Binary, Promql } from '../../promql/promql.js';
import { createSharing } from './sharing.js';

const sidesOf = (tree: Promql | undefined): readonly Promql[] => {
  const { left, right } = tree as Binary;
  return [left, right];
};

describe('queries that are parsed together', () => {
  it('share their equal parts, wherever these stand', () => {
    const { parse } = createSharing();
    const [left, right] = sidesOf(parse('sum(rate(x[5m])) /  sum( rate(x[5m]) )'));
    expect(left).toBe(right);
    const [first, second] = sidesOf(parse('1 - sum(rate(x[5m]))'));
    expect(second).toBe(left);
    expect(first).not.toBe(left);
    expect(parse('sum(rate(x[5m]))')).toBe(left);
  });

  it.each([
    ['x', 'y'],
    ['x{a="b"}', 'x{a!="b"}'],
    ['rate(x[5m])', 'rate(x[6m])'],
    ['rate(x[5m])', 'rate(x[5m] offset 1m)'],
    ['rate(x[5m])', 'increase(x[5m])'],
    ['sum(x)', 'sum by (a) (x)'],
    ['max_over_time(x[5m:1m])', 'max_over_time(x[5m:2m])'],
    ['(x - y)', '(y - x)'],
    ['(x > y)', '(x > bool y)'],
    ['(x / on (a) y)', '(x / on (b) y)'],
    ['-x', 'x'],
    ['1', '2'],
  ])('do not share different parts: %s and %s', (one, other) => {
    const [left, right] = sidesOf(createSharing().parse(`${one} or ${other}`));
    expect(left).not.toBe(right);
  });

  it('have the same meaning as alone', () => {
    const strip = (tree: unknown): unknown =>
      JSON.parse(JSON.stringify(tree, (name, value) => (name === 'from' || name === 'to' ? undefined : value)));
    const query = 'clamp_max(-sum(rate(x[5m])) / sum(rate(y[5m])), 1) > quantile_over_time(0.9, x[1h:5m])';
    const { parse } = createSharing();
    parse('sum(rate(y[5m])) + sum(rate(x[5m]))');
    expect(strip(parse(query))).toEqual(strip(parsePromql(query)));
  });

  it('have no tree if they are not PromQL', () => {
    const { parse } = createSharing();
    expect(parse('sum(')).toBeUndefined();
    expect(parse('sum(')).toBeUndefined();
  });
});
