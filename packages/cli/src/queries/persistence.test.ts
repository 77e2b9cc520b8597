import { expect, it } from 'vitest';
import { leastEvents } from './persistence.js';

it('a proof needs fewer events only if fewer than 20 requests are judged', () => {
  expect([1, 10, 19, 20, 21, 1000].map((minRequests) => leastEvents(15, minRequests))).toEqual([
    0.75, 7.5, 14.25, 15, 15, 15,
  ]);
});
