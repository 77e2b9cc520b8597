import { describe, expect, it } from 'vitest';
import { Cell } from './cell.js';

const bounds = [0.1, 0.5, 1];
const cell = (): Cell => new Cell(100);

describe('a cell', () => {
  it('has no durations until the first', () => {
    expect(cell().timings).toBeUndefined();
  });

  it('counts a duration in the lowest bucket that holds it, its bound included', () => {
    const { timings } = observed([0.1, 0.100001, 0.5, 0, 1, 1.000001, 1e9]);
    expect([...(timings ?? [])].slice(0, 4)).toEqual([2, 2, 1, 2]);
  });

  it('adds durations up', () => {
    const { timings } = observed([0.25, 0.5, 8]);
    expect(timings?.at(-1)).toBe(8.75);
  });

  it('goes back to zero in place, requests and durations apart', () => {
    const one = observed([0.2, 3]);
    const { timings, timedFrom: openedAt } = one;
    one.requests = 2;
    one.reset(200);
    expect(one).toMatchObject({ requests: 0, createdAt: 200, timedFrom: openedAt });
    expect(timings?.at(-1)).toBe(3.2);
    one.resetTimings(300);
    expect(one.timings).toBe(timings);
    expect([...(timings ?? [])]).toEqual([0, 0, 0, 0, 0]);
    expect(one).toMatchObject({ createdAt: 200, timedFrom: 300 });
  });

  function observed(durations: readonly number[]): Cell {
    const one = cell();
    for (const seconds of durations) one.observe(seconds, bounds);
    return one;
  }
});
