import { describe, expect, it } from 'vitest';
import { selectorText } from './matcher.js';
import { selectorsOf } from './selectors.js';

describe('the selectors of a query', () => {
  it.each<[string, readonly (readonly [text: string, lookback: number, isIncrease: boolean])[]]>([
    ['up', [['up{}', 0, false]]],
    ['sum(rate(x_total{a="b",c=~"5.."}[2m]))', [['x_total{a="b",c=~"5.."}', 120, true]]],
    ["sum(last_over_time(x{a!='b',c!~`5\\d`}[1h30m]))", [['x{a!="b",c!~"5\\\\d"}', 5400, false]]],
    ['rate(x[1m] offset 5m)', [['x{}', 360, true]]],
    ['rate(x[1m] offset -5m)', [['x{}', 60, true]]],
    ['x @ 1600000000', [['x{}', 0, false]]],
    [
      'max_over_time((1 - sum(increase(x[2m])))[30m:30s]) / y',
      [
        ['x{}', 1920, true],
        ['y{}', 0, false],
      ],
    ],
    ['{__name__="x",a="\\"b\\\\"}', [['x{a="\\"b\\\\"}', 0, false]]],
    ['{"x.y",a="b"}', [['x.y{a="b"}', 0, false]]],
    ['x{"service.name"="shop"}', [['x{"service.name"="shop"}', 0, false]]],
    [
      'x / y and z > 1 unless on () up or 0 * w',
      [
        ['x{}', 0, false],
        ['y{}', 0, false],
      ],
    ],
    ['vector(1)', []],
  ])('%s', (query, wanted) => {
    const found = selectorsOf(query)?.map((each) => [selectorText(each), each.lookbackSeconds, each.isIncrease]);
    expect(found).toEqual(wanted);
  });

  it.each(['sum(x{', 'x{a="b" or c="d"}', 'not promql at all'])('are undefined in %j, which is not PromQL', (query) => {
    expect(selectorsOf(query)).toBeUndefined();
  });
});
