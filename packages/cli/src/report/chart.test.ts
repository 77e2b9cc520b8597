import { describe, expect, it } from 'vitest';
import type { MetricResult } from '../analyze/result.js';
import type { Controller } from '../controllers/controller.js';
import { drawnValue, sparkline } from './chart.js';

const NO_NUMBER = Number.NaN;
const { POSITIVE_INFINITY: INF } = Number;

/** Draws measurements of one value each, or none. */
function drawn(
  values: readonly (number | undefined)[],
  { bounds = [], width = 80, unicode = true }: { bounds?: readonly number[]; width?: number; unicode?: boolean } = {},
): string {
  const metric = {
    measurements: values.map((value, at) => ({ at, phase: 'Failed', values: value === undefined ? [] : [value] })),
    thresholds: bounds.map((bound) => ({ good: 'below', bound })),
  } as unknown as MetricResult;
  return sparkline(metric, 'argo', { width, unicode });
}

describe('a line of values', () => {
  it('reaches from 0 to the highest value', () => {
    expect(drawn([0, 1, 2, 3, 4, 5, 6, 7])).toBe('▁▂▃▄▅▆▇█');
    expect(drawn([6, 7])).toBe('▇█');
    expect(drawn([-7, 0])).toBe('▁█');
  });

  it('leaves room for the bounds', () => {
    expect(drawn([1, 0], { bounds: [7] })).toBe('▂▁');
  });

  it('marks an empty result, and one that is not a number', () => {
    expect(drawn([undefined, 1, NO_NUMBER])).toBe('·█·');
    expect(drawn([undefined, 1], { unicode: false })).toBe(' @');
  });

  it('shows an infinite value at its end, and the others by themselves', () => {
    expect(drawn([INF, 7, 1, -INF])).toBe('██▂▁');
  });

  it('is flat if all values are 0', () => {
    expect(drawn([0, 0])).toBe('▁▁');
    expect(drawn([])).toBe('');
  });

  it('has the last values if there are more than columns', () => {
    expect(drawn([7, 7, 0, 7], { width: 2 })).toBe('▁█');
  });

  it('has letters of ASCII for other terminals', () => {
    expect(drawn([0, 1, 2, 3, 4, 5, 6, 7], { unicode: false })).toBe('_.-=+*#@');
  });
});

it.each<[Controller, number]>([
  ['argo', 1],
  ['flagger', 3],
])('the value that %s looks at is drawn', (controller, value) => {
  expect(drawnValue({ at: 0, phase: 'Failed', values: [1, 2, 3] }, controller)).toBe(value);
});
