import { describe, expect, it } from 'vitest';
import { Exchange, InFlight } from './in-flight.js';
import { Route } from './route.js';

const quick = new Route('GET', '/quick', { latency: 0.1, patience: 0.4 }, '');
const slow = new Route('GET', '/slow', { latency: 1, patience: 4 }, '');

describe('exchanges in flight', () => {
  it.each([
    ['first', 0],
    ['middle', 1],
    ['last', 2],
  ])('come oldest first, and the %s may leave', (_which, index) => {
    const inFlight = new InFlight();
    const exchanges = [1, 2, 3].map((startedAt) => new Exchange(quick, startedAt));
    for (const exchange of exchanges) inFlight.add(exchange);
    expect([...inFlight]).toEqual(exchanges);
    const [leaving] = exchanges.splice(index, 1);
    if (leaving !== undefined) inFlight.remove(leaving);
    expect([...inFlight]).toEqual(exchanges);
    expect(inFlight.size).toBe(2);
    const newest = new Exchange(quick, 4);
    inFlight.add(newest);
    expect([...inFlight]).toEqual([...exchanges, newest]);
  });

  it('are an empty list after all have left, and can be added again', () => {
    const inFlight = new InFlight();
    const exchange = new Exchange(quick, 1);
    for (let round = 0; round < 2; round++) {
      inFlight.add(exchange);
      expect([...inFlight]).toEqual([exchange]);
      inFlight.remove(exchange);
      expect([...inFlight]).toEqual([]);
      expect(inFlight.size).toBe(0);
    }
  });

  it('can leave during an iteration', () => {
    const inFlight = new InFlight();
    const exchanges = [1, 2, 3].map((startedAt) => new Exchange(quick, startedAt));
    for (const exchange of exchanges) inFlight.add(exchange);
    const seen: Exchange[] = [];
    for (const exchange of inFlight) {
      seen.push(exchange);
      inFlight.remove(exchange);
    }
    expect(seen).toEqual(exchanges);
    expect(inFlight.size).toBe(0);
  });

  it('keep no reference to an exchange that has left', () => {
    const inFlight = new InFlight();
    const [first, second] = [new Exchange(quick, 1), new Exchange(quick, 2)];
    inFlight.add(first);
    inFlight.add(second);
    inFlight.remove(first);
    expect(first).toMatchObject({ previous: undefined, next: undefined });
    expect(second).toMatchObject({ previous: undefined, next: undefined });
  });

  it('are overdue past the patience of their own route, not at it', () => {
    const inFlight = new InFlight();
    inFlight.add(new Exchange(slow, 0));
    inFlight.add(new Exchange(quick, 0));
    inFlight.add(new Exchange(quick, 1000));
    const overdueAt = (milliseconds: number): number => inFlight.overdue(milliseconds, 0.4);
    expect(overdueAt(400)).toBe(0);
    expect(overdueAt(401)).toBe(1);
    expect(overdueAt(1400)).toBe(1);
    expect(overdueAt(1401)).toBe(2);
    expect(overdueAt(4000)).toBe(2);
    expect(overdueAt(4001)).toBe(3);
  });
});
