import { expect, it } from 'vitest';
import { thresholdsOf } from './thresholds.js';

it.each<[string, string, readonly string[]]>([
  ['result[0] <= 1', '', ['below 1']],
  ['result < 0.5', '', ['below 0.5']],
  ['result[0] >= 99', '', ['above 99']],
  ['1 > result[0]', '', ['below 1']],
  ['1 < result[0]', '', ['above 1']],
  ['', 'result[0] > 1', ['below 1']],
  ['', 'result[0] < 1', ['above 1']],
  // Both conditions name the same bound.
  ['len(result) == 1 && result[0] <= 1', 'len(result) == 1 and result[0] > 1', ['below 1']],
  ['len(result) == 1 and result[0] <= 1', '', ['below 1']],
  ['result[0] <= 1 && true', '', ['below 1']],
  ['result[0] >= 1 && result[0] <= 1', '', ['above 1', 'below 1']],
  ['result[0] <= 1', 'result[0] > 2', ['below 1', 'below 2']],
  // These are no plain comparisons of the result with a number.
  ['result[0] == 1', '', []],
  ['result[0] < 1 || result[0] > 2', '', []],
  ['len(result) > 0', '', []],
  ['other[0] < 1', '', []],
  ['1 < other[0]', '', []],
  ['result[0] < "1"', '', []],
  ['result[0] < result[1]', '', []],
  ['true', '', []],
  ['result[0] <', '', []],
  ['', '', []],
])('a chart of success "%s" and failure "%s" shows the bounds %j', (successCondition, failureCondition, bounds) => {
  const found = thresholdsOf({ successCondition, failureCondition });
  expect(found.map(({ good, bound }) => `${good} ${bound}`)).toEqual(bounds);
});
