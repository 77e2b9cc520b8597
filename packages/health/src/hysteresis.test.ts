import { describe, expect, it } from 'vitest';
import { createHysteresis, parseThreshold } from './hysteresis.js';

const verdicts = (results: string, failing: [number, number], passing: [number, number]): string => {
  const hysteresis = createHysteresis({ runs: failing[0], of: failing[1] }, { runs: passing[0], of: passing[1] });
  return [...results].map((result) => (hysteresis.add(result === '+') ? '+' : '-')).join('');
};

describe('a verdict', () => {
  it.each([
    ['begins with the first result', '+', '+', [3, 3], [1, 1]],
    ['begins with the first result, even if that is bad', '-', '-', [3, 3], [1, 1]],
    ['fails at three failures in a row', '+---', '+++-', [3, 3], [1, 1]],
    ['does not fail at three failures that are not in a row', '+--+--', '++++++', [3, 3], [1, 1]],
    ['passes at the first pass', '+---+', '+++-+', [3, 3], [1, 1]],
    ['passes at two passes in a row', '-+-++', '----+', [1, 1], [2, 2]],
    ['fails at three failures of five results', '++-+-+-', '++++++-', [3, 5], [1, 1]],
    ['looks at no more results than it needs', '++-+-', '+++++', [2, 2], [3, 3]],
    ['forgets the failures that led to the last one', '+--+-+-', '++-+++-', [2, 3], [1, 1]],
  ] as const)('%s', (_, results, expected, failing, passing) => {
    expect(verdicts(results, [...failing], [...passing])).toBe(expected);
  });
});

describe('a threshold', () => {
  it('counts results in a row, unless it looks at more results than it needs', () => {
    expect(parseThreshold('failing', undefined, 3)).toEqual({ runs: 3, of: 3 });
    expect(parseThreshold('failing', { runs: 2 }, 3)).toEqual({ runs: 2, of: 2 });
    expect(parseThreshold('failing', { runs: 2, of: 5 }, 3)).toEqual({ runs: 2, of: 5 });
    expect(parseThreshold('failing', { runs: 3, of: 100 }, 3)).toEqual({ runs: 3, of: 100 });
  });

  it.each([
    [{ runs: 0 }, 'failing.runs must be an integer of at least 1, got 0'],
    [{ runs: 3, of: 2 }, 'failing.of must be an integer of at least 3, got 2'],
    [{ runs: 3, of: 101 }, 'failing.of must be at most 100, got 101'],
  ])('%j is refused', (threshold, message) => {
    expect(() => parseThreshold('failing', threshold, 3)).toThrow(message);
  });
});
