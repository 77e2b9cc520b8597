import { describe, expect, it } from 'vitest';
import { createJudge, reachOf } from './measure.js';

type Answer = Parameters<ReturnType<typeof createJudge>>[0];
const vector = (...values: readonly number[]): Answer =>
  ({ type: 'vector', values: values.map((value) => ({ labels: {}, value })) }) as Answer;
const judged = (successCondition: string, failureCondition: string, answer: Answer = vector(1)): string => {
  const { phase, values, message } = createJudge({ successCondition, failureCondition })(answer);
  return `${phase} [${values}]${message === undefined ? '' : ` ${message}`}`;
};

describe('Argo Rollouts judges a measurement', () => {
  it.each<[string, string, string]>([
    ['', '', 'Successful [1]'],
    ['result[0] == 1', '', 'Successful [1]'],
    ['result[0] == 2', '', 'Failed [1] successCondition result[0] == 2 does not hold'],
    ['', 'result[0] == 1', 'Failed [1] failureCondition result[0] == 1 holds'],
    ['', 'result[0] == 2', 'Successful [1]'],
    ['result[0] == 1', 'result[0] == 2', 'Successful [1]'],
    ['result[0] == 2', 'result[0] == 1', 'Failed [1] failureCondition result[0] == 1 holds'],
    ['true', 'true', 'Failed [1] failureCondition true holds'],
    ['false', 'false', 'Inconclusive [1] neither condition holds'],
  ])('with success "%s" and failure "%s": %s', (success, failure, verdict) => {
    expect(judged(success, failure)).toBe(verdict);
  });

  it('by a number, a list or the numbers of a matrix', () => {
    expect(judged('result == 3', '', { type: 'scalar', value: 3 } as Answer)).toBe('Successful [3]');
    expect(judged('len(result) == 2', '', vector(4, 5))).toBe('Successful [4,5]');
    expect(judged('result[2] == 8', '', { type: 'matrix', values: [6, 7, 8] } as Answer)).toBe('Successful [6,7,8]');
    const histogram = { type: 'vector', values: [{ labels: {} }] } as unknown as Answer;
    expect(judged('result[0] == 0', '', histogram)).toBe('Successful [0]');
  });

  it('with an error, if coalmine does not know what the controller would do', () => {
    expect(() => judged('len(keys({})) == 0', '')).toThrow(
      'not known here: the function keys of expr-lang, in successCondition "len(keys({})) == 0"',
    );
  });

  it('with an error, if the controller cannot evaluate a condition', () => {
    expect(() => judged('true', '', { type: 'string' } as Answer)).toThrow('Prometheus metric type not supported');
    expect(() => judged('result[0] > 1', '', vector())).toThrow(
      'could not evaluate successCondition "result[0] > 1": index out of range: 0',
    );
    expect(() => judged('', 'result[0] > 1', vector())).toThrow(
      'could not evaluate failureCondition "result[0] > 1": index out of range: 0',
    );
  });
});

it('a measurement over a range reaches back to the start of the range', () => {
  const reach = (range: object | undefined): number => reachOf({ provider: { range } } as never, 1000);
  expect([reach(undefined), reach({ start: 'now() - duration("5m")', end: 'now()' })]).toEqual([0, 300]);
});
