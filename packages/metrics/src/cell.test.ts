import { describe, expect, it } from 'vitest';
import { Cell, createNumbers } from './cell.js';

const bounds = [0.1, 0.5, 1];
const cell = (): Cell => new Cell(createNumbers(bounds), 100);

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
    const { timedFrom: openedAt } = one;
    one.requests = 2;
    one.reset(200);
    expect(one).toMatchObject({ requests: 0, createdAt: 200, timedFrom: openedAt });
    expect(one.timings?.at(-1)).toBe(3.2);
    one.resetTimings(300);
    expect([...(one.timings ?? [])]).toEqual([0, 0, 0, 0, 0]);
    expect(one).toMatchObject({ createdAt: 200, timedFrom: 300 });
  });

  it('shares no numbers with the cells around it', () => {
    const numbers = createNumbers(bounds);
    // More cells than one block has.
    const cells = Array.from({ length: 200 }, (_, i) => new Cell(numbers, 100 + i));
    for (const [i, one] of cells.entries()) {
      one.requests = i;
      for (const seconds of [0.05, i]) one.observe(seconds, bounds);
    }
    for (const [i, one] of cells.entries()) {
      expect(one).toMatchObject({ requests: i, createdAt: 100 + i });
      expect([...(one.timings ?? [])]).toEqual([i === 0 ? 2 : 1, 0, i === 1 ? 1 : 0, i > 1 ? 1 : 0, 0.05 + i]);
    }
    cells[100]?.resetTimings(1);
    expect([99, 100, 101].map((i) => cells[i]?.timings?.at(-1))).toEqual([99.05, 0, 101.05]);
  });

  it('shows no histogram that is reset before its first duration', () => {
    const one = cell();
    one.resetTimings(300);
    expect(one.timings).toBeUndefined();
  });

  function observed(durations: readonly number[]): Cell {
    const one = cell();
    for (const seconds of durations) one.observe(seconds, bounds);
    return one;
  }
});
