import { describe, expect, it } from 'vitest';
import { typeErrorIn } from './check-types.js';
import { isPromqlError, parsePromql } from './parser.js';

function errorIn(query: string): string | undefined {
  const tree = parsePromql(query);
  if (isPromqlError(tree)) throw new Error(tree.error);
  return typeErrorIn(tree, ({ from, to }) => query.slice(from, to).includes('unknown'))?.error;
}

describe('the types in a query', () => {
  it.each([
    ['rate(x)', 'rate() takes a range vector, got an instant vector'],
    ['rate(sum(x)[5m:])', undefined],
    ['sum(x[5m])', 'sum takes an instant vector, got a range vector'],
    ['sum(5)', 'sum takes an instant vector, got a scalar'],
    ['sum(x, 2)', 'sum takes one argument, got 2'],
    ['topk(x)', 'topk takes 2 arguments, got 1'],
    ['topk("1", x)', 'topk takes a scalar, got a string'],
    ['count_values("version", x)', undefined],
    [
      'histogram_quantile(sum by (le) (rate(x_bucket[5m])), 0.95)',
      'histogram_quantile() takes a scalar, got an instant vector',
    ],
    ['histogram_quantile(0.95, rate(x_bucket[5m]), 1)', 'histogram_quantile() takes 2 arguments, got 3'],
    ['x[5m] > 1', 'an operator takes scalars and instant vectors, got a range vector'],
    ['scalar(x) or vector(0)', 'or takes two instant vectors, got a scalar'],
    ['x and 1', 'and takes two instant vectors, got a scalar'],
    ['1 > 2', 'a comparison of two scalars needs bool: > bool'],
    ['1 > bool 2', undefined],
    ['x + bool y', 'bool belongs to a comparison, not to +'],
    ['rate(x[0s])', 'a window must be longer than 0'],
    ['max_over_time(rate(x[5m])[0s:1m])', 'a window must be longer than 0'],
    ['rate(x[-5m])', 'a window must be longer than 0'],
    ['rate(x[5m] offset -5m)', undefined],
    ['max_over_time(rate(x[5m])[5m:0s])', 'a step must be longer than 0'],
    ['x{a=~"b)(c"}', '"b)(c" is not a regular expression'],
    ['{a=~".*"}', 'a selector needs the name of a metric, or a matcher that an empty text does not match'],
    ['{a=~".+"}', undefined],
    ['x{a=~"5..("}', '"5..(" is not a regular expression'],
    ['x{a=~"{{args.hash}}("}', '"{{args.hash}}(" is not a regular expression'],
    ['x{a=~"(?i)5..|[[:digit:]]"}', undefined],
    ['x{a=~"5(?!03).."}', 'Prometheus does not know (?! in a regular expression, "5(?!03).."'],
    [String.raw`x{a=~"(a)\\1"}`, String.raw`Prometheus does not know \1 in a regular expression, "(a)\\1"`],
    [String.raw`x{a=~"a\\\\1|\\d(?:b)"}`, undefined],
    ['x and on (a) group_left y', 'group_left does not belong to and'],
    ['x / on (a) group_left (a) y', 'the label a is in on() and in group_left()'],
    ['x / on (a) group_left (b) y', undefined],
    ['label_replace(x, "a", "b", "c")', 'label_replace() takes 5 arguments, got 4'],
    ['round(x)', undefined],
    ['round(x, 0.1)', undefined],
    ['hour()', undefined],
    ['label_join(x, "a", ",", "b", "c")', undefined],
    ['info(x, {a=~".*"})', undefined],
    ['rate(unknown)', undefined],
    ['sum(rate(x[5m])) / scalar(sum(y)) > 0 and on () time() > vector(1)', undefined],
  ])('%s', (query, error) => {
    expect(errorIn(query)).toBe(error);
  });
});
