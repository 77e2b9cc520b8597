import { expect, it } from 'vitest';
import { routeOptions, routeOptionsOf } from './route-options.js';

const pass = (_context: unknown, next: () => Promise<unknown>): Promise<unknown> => next();

it('options are on their middleware, and on functions that have replaced it', () => {
  const options = { objective: { latency: 1 } };
  const middleware = routeOptions(options);
  expect(routeOptionsOf(middleware)).toBe(options);
  expect(routeOptionsOf(routeOptions(false))).toBe(false);
  expect(routeOptionsOf(pass)).toBeUndefined();
  // New Relic keeps the function that it replaces; another tool may replace its function again.
  const once = Object.assign(pass.bind(undefined), { [Symbol('original')]: middleware });
  const twice = Object.assign(pass.bind(undefined), { [Symbol('original')]: once });
  expect([once, twice].map(routeOptionsOf)).toEqual([options, options]);
  for (const original of [undefined, 'a text', {}]) {
    expect(routeOptionsOf(Object.assign(pass.bind(undefined), { [Symbol('original')]: original }))).toBeUndefined();
  }
});

it('options pass a request on, and are refused if no service could keep them', async () => {
  expect(await routeOptions({})({} as never, async () => 'the next')).toBe('the next');
  expect(() => routeOptions({ objective: { latency: 2, patience: 1 } })).toThrow(/^objective\.patience must be/);
});
