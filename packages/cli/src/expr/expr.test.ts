import { describe, expect, it } from 'vitest';
import { NotKnownHereError } from '../not-known-here.js';
import { createCondition, createEvaluation } from './argo.js';
import { compile } from './compile.js';
import { printValue } from './value.js';

const VECTORS = [[], [Number.NaN], [Number.POSITIVE_INFINITY], [0.99], [0.99, 0.1]];

/** What a condition makes of a vector: T, F, or ERR. */
function verdictOf(condition: string, result: readonly number[]): string {
  try {
    return createCondition(condition)(result) ? 'T' : 'F';
  } catch {
    return 'ERR';
  }
}

const messageOf = (source: string, result: number | readonly number[] = []): string => {
  try {
    createCondition(source)(result);
    return 'no error';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('a condition on a vector', () => {
  // As measured with expr-lang 1.17.8, the version of Argo Rollouts: nothing, NaN, Inf, one number, two.
  it.each([
    ['result[0] >= 0.95', 'ERR F T T T'],
    ['result[0] >= /* of 1 */ 0.95 // a comment', 'ERR F T T T'],
    ['result[0] < 0.95', 'ERR F F F F'],
    ['len(result) == 0 || result[0] >= 0.95', 'T F T T T'],
    ['result[0] >= 0.90 || len(result) == 0', 'ERR F T T T'],
    ['len(result) > 0 && result[0] >= 0.95', 'F F T T T'],
    ['isNaN(result)', 'ERR ERR ERR ERR ERR'],
    ['isNaN(result[0]) || result[0] >= 0.95', 'ERR T T T T'],
    ['default(result, 0) >= 0.95', 'ERR ERR ERR ERR ERR'],
    ['isNil(result)', 'F F F F F'],
    ['all(result, # >= 0.95)', 'T F T T F'],
    ['all(result, {# >= 0.95})', 'T F T T F'],
    ['mean(result) >= .95', 'F F T T F'],
    ['sum(result) >= .95', 'F F T T T'],
    ['max(result) >= .95', 'ERR F T T T'],
    ['min(result) >= .95', 'ERR F T T F'],
    ['first(result) >= .95', 'ERR F T T T'],
    ['last(result) >= .95', 'ERR F T T F'],
    ['get(result, 0) >= .95', 'ERR F T T T'],
    ['result && result[0] >= 0.90', 'ERR ERR ERR ERR ERR'],
    ['result?.[0] >= 0.95', 'ERR F T T T'],
    ['(result[0] ?? 1) >= 0.95', 'ERR F T T T'],
    ['len(result) == 1 && !isNaN(result[0]) && result[0] >= 0.95', 'F F T T F'],
    ['len(result) == 1 && result[0] <= 1', 'F F F T F'],
    ['false', 'F F F F F'],
    ['true || result', 'ERR ERR ERR ERR ERR'],
    ['result', 'ERR ERR ERR ERR ERR'],
    ['result >= 0.95', 'ERR ERR ERR ERR ERR'],
    ['isInf(result[0])', 'ERR F T F F'],
    ['any(result, # > 1)', 'F F T F F'],
    ['none(result, # > 1)', 'T T F T T'],
    ['one(result, # > 0.5)', 'F F T T T'],
    ['count(result, # > 0.05) == 2', 'F F F F T'],
    ['len(filter(result, not isNaN(#))) > 0', 'F F T T T'],
    ['result | filter(# > 0.5) | len() == 1', 'F F T T T'],
    ['result[-1] < 0.5', 'ERR F F F T'],
    ['len(result[1:]) == 1', 'F F F F T'],
    ['0.1 in result', 'F F F F T'],
    ['0.1 not in result', 'T T T T F'],
    ['len(result) > 0 ? result[0] > 0.5 : true', 'T F T T T'],
    ['median(result) > 0.5 and len(result) < 3', 'F F T T T'],
  ])('%s', (condition, expected) => {
    expect(VECTORS.map((vector) => verdictOf(condition, vector)).join(' ')).toBe(expected);
  });
});

describe('an expression', () => {
  it.each([
    ['1 + 2 * 3', '7'],
    ['(1 + 2) * 3', '9'],
    ['2 ** 3 ** 2', '512'],
    ['-2 ** 2', '-4'],
    ['7 % 4', '3'],
    ['1 / 2', '0.5'],
    ['1_000 + 0x10 + 1e3 + .5', '2016.5'],
    ['9223372036854775807 + 1', '-9223372036854775808'],
    ['"a" + \'b\'', 'ab'],
    ['1 < 2 == true', 'true'],
    ['0 < 1 < 2', 'true'],
    ['not (1 > 2) and !false', 'true'],
    ['false or true && false', 'false'],
    ['nil ?? 4', '4'],
    ['asInt("7") + asFloat("0.5")', '7.5'],
    ['asFloat(3) + asInt(2.9)', '5'],
    ['int(2.9) + round(2.5) + ceil(0.1) + floor(0.9) + abs(-1)', '7'],
    ['max(1, 2, [3, 4])', '4'],
    ['map([1, 2], # * 2)', '[2 4]'],
    ['map([5, 6], #index)', '[0 1]'],
    ['sum(map([1, 2], # * 2))', '6'],
    ['sum(1..4, # * #)', '30'],
    ['reduce(1..4, #acc * #, 1)', '24'],
    ['find([1, 2, 3], # > 1) + findIndex([1, 2, 3], # > 2)', '4'],
    ['let a = 2; let b = a * a; a + b', '6'],
    ['if 1 > 2 { "yes" } else { "no" }', 'no'],
    ['type(1) + type(1.5) + type([]) + type({})', 'intfloatarraymap'],
    ['{a: {b: 1}}.a.b', '1'],
    ['{a: nil}.a?.b.c', '<nil>'],
    ['"Canary" matches "(?i)^canary$" && "ab" matches "\\\\A[[:alpha:]]+\\\\z" && "a" matches "(?P<name>a)"', 'true'],
    ['"canary-7" matches "^canary-[0-9]+$" && "abc" contains "b" && "abc" not endsWith "b"', 'true'],
    ['[1, 2, 3] | filter(# > 1) | len()', '2'],
    ['sort([3, 1, 2], "desc")[0:2]', '[3 2]'],
    ['1e6 | string()', '1e+06'],
    ['duration("1h30m") == duration("90m")', 'true'],
    ['now() - (now() - duration("5m")) >= duration("4m59s")', 'true'],
    ['date("2026-01-20") < now() && date("2026-01-20T01:00:00+01:00") == date("2026-01-20")', 'true'],
    ['date("2026-01-20 06:00:00") - date("20/01/2026", "02/01/2006") == duration("6h")', 'true'],
    ['len(groupBy([1, 2, 3], # > 1)[true])', '2'],
    ['groupBy(["a", "b", "a"], #).a', '[a a]'],
    ['groupBy([1], #)[2] ?? [7]', '[7]'],
    ['sortBy([3, 1, 2], -#)', '[3 2 1]'],
    ['toJSON({b: [1, 0.5, nil], a: "<"})', '{\n  "a": "\\u003c",\n  "b": [\n    1,\n    0.5,\n    null\n  ]\n}'],
    [`fromJSON('{"limit": 0.05}').limit`, '0.05'],
    ['fromBase64(toBase64("0.05"))', '0.05'],
    ['len($env.result) + len(get($env, "result")) + len($env["result"])', '0'],
    ['$env.asFloat("0.5") + ($env?.nothing ?? 1)', '1.5'],
    // Argo's function never looks at what it is given: the result is not nil.
    ['default(nil, 3)', '[]'],
    ['isNil(nil)', 'false'],
    ['result[7] > 1 and false', 'false'],
    ['// of yesterday\n2', '2'],
  ])('%s', (source, value) => {
    expect(printValue(createEvaluation(source)([]))).toBe(value);
  });

  it.each([
    ['result[0] > 1', [], 'index out of range: 0 (array length is 0)'],
    ['result[0] > 1', 2, 'type float64 does not support indexing: the result is a scalar: use it without an index'],
    ['result > 1', [2], 'invalid operation: > (mismatched types []float64 and int)'],
    ['isNaN(result)', [2], 'isNaN takes float64, got []float64'],
    ['result[0] > "1"', [2], 'invalid operation: > (mismatched types float64 and string)'],
    ['results[0] > 1', [2], 'unknown name results'],
    ['ratio(result) > 1', [2], 'unknown name ratio'],
    ['result[0] >', [2], 'unexpected end'],
    ['result[0] > 1)', [2], 'unexpected ")"'],
    ['(result[0] > 1', [2], 'expected ), got the end'],
    ['result[0] = 1', [2], 'unexpected "="'],
    ['result[0] > 1 @', [2], 'unrecognised character "@"'],
    ['result.value > 1', [2], 'array elements can only be selected using an integer (got string)'],
    ['max(result) > 1', [], 'invalid operation: nil > int'],
    ['# > 1', [2], 'unexpected "#"'],
    ['isNaN(len(result))', [2], 'the function takes float64, got int'],
    ['default(result[0], 0) <= 0.05', [0.01], 'invalid operation: array <= float'],
    ['let result = 1; result > 0', [2], 'cannot redeclare result'],
    ['"a" matches "(?=a)"', [2], 'Go has no (?='],
    ['duration("5 min") == duration("1s")', [], '"5 min" is not a duration such as 90s or 1h30m'],
    ['asInt("x") > 1', [], '"x" is not an integer'],
    ['date("2026-02-30") < now()', [], 'invalid date 2026-02-30'],
    ['fromJSON("{") == 1', [], '"{" is not JSON'],
    ['fromBase64("a") == ""', [], '"a" is not Base64'],
    ['toJSON(result) == ""', [Number.NaN], 'JSON has no NaN'],
    ['groupBy(result, [#]) == nil', [1], 'no group has array as a key'],
    ['groupBy(result, #) == {}', [1], 'mismatched types map[interface {}][]interface {} and map[string]interface {}'],
    ['$env.results[0] > 1', [2], 'unknown name results'],
    ['1 ? true : false', [], 'expected bool, but got int'],
  ])('%s of %j is refused: %s', (source, result, message) => {
    expect(messageOf(source, result as never)).toContain(message);
  });

  it('has the place of its fault in the error', () => {
    expect(() => compile('1 + nothing', {})).toThrow(expect.objectContaining({ at: 4 }));
  });

  it.each([
    'date("20 Jan 26 12:30 UTC") < now()',
    'keys({a: 1}) == ["a"]',
    'result[0] < 0.5 && now().Year() > 2020',
    '1 + findLast(result, true) > 0',
    '"a" matches "\\\\p{Greek}"',
    '"a" matches "(?i:A)"',
    '"a" matches "a$+"',
  ])('%s is valid, but coalmine does not know it', (source) => {
    expect(() => createCondition(source)([0.1])).toThrow(NotKnownHereError);
  });
});
