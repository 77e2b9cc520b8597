import { describe, expect, it } from 'vitest';
import { createSinceLast } from './since-last.js';

const GET = { method: 'GET' };
const from = 100;

describe('what has come since the last reading', () => {
  it('is everything at the first reading, and the difference at later ones', () => {
    const sinceLast = createSinceLast();
    const first = { from, numbers: [1, 0, 0.25] };
    expect(sinceLast('a', GET, first, 110)).toBe(first);
    expect(sinceLast('a', GET, { from, numbers: [1, 2, 1.25] }, 120)).toEqual({ from: 110, numbers: [0, 2, 1] });
    expect(sinceLast('a', GET, { from, numbers: [1, 2, 1.25] }, 130)).toEqual({ from: 120, numbers: [0, 0, 0] });
  });

  it('is everything after a reset, even if the numbers have grown', () => {
    const sinceLast = createSinceLast();
    sinceLast('a', GET, { from, numbers: [5] }, 110);
    expect(sinceLast('a', GET, { from: 115, numbers: [9] }, 120)).toEqual({ from: 115, numbers: [9] });
    expect(sinceLast('a', GET, { from: 115, numbers: [10] }, 130)).toEqual({ from: 120, numbers: [1] });
  });

  it('is of the numbers as they were, although the caller changes them in place', () => {
    const sinceLast = createSinceLast();
    const numbers = new Float64Array([1, 2]);
    sinceLast('a', GET, { from, numbers }, 110);
    numbers.set([4, 4]);
    expect(sinceLast('a', GET, { from, numbers }, 120)).toEqual({ from: 110, numbers: [3, 2] });
  });

  it('is kept apart by instrument, by attributes and by reader', () => {
    const [sinceLast, other] = [createSinceLast(), createSinceLast()];
    sinceLast('a', GET, { from, numbers: [1] }, 110);
    const whole = { from, numbers: [3] };
    expect(sinceLast('b', GET, whole, 120)).toBe(whole);
    expect(sinceLast('a', { ...GET }, whole, 120)).toBe(whole);
    expect(other('a', GET, whole, 120)).toBe(whole);
    expect(sinceLast('a', GET, whole, 120)).toEqual({ from: 110, numbers: [2] });
  });
});
