import { describe, expect, it } from 'vitest';
import { instrumentFor, linesOf, meetExchange } from './fixtures/meeting.js';

describe('a route pattern', () => {
  it('has a series for each method that is declared, at zero, and declares none by itself', async () => {
    const instrument = instrumentFor();
    const pattern = instrument.pattern('/items/:id');
    expect(await linesOf(instrument, '/items/:id')).toEqual([]);
    pattern.declare(['GET', 'DELETE', 'GET']);
    const timed = await linesOf(instrument, 'route="/items/:id"');
    const methods = new Set(timed.map((line) => /method="(\w+)"/.exec(line)?.[1]));
    expect([...methods]).toEqual(['GET', 'DELETE']);
    expect(timed.filter((line) => !line.endsWith(' 0'))).toEqual([]);
  });

  it('assigns requests of one method to one route, with the objective of the pattern', async () => {
    const instrument = instrumentFor();
    const pattern = instrument.pattern('/slow', { objective: { latency: 3 } });
    const { exchange } = await meetExchange(instrument, 'PURGE / HTTP/1.1\r\nhost: x\r\n\r\n');
    pattern.assign(exchange);
    const { route } = exchange;
    expect(route).toMatchObject({ method: '_OTHER', pattern: '/slow', objective: { latency: 3, patience: 12 } });
    const other = await meetExchange(instrument, 'PURGE / HTTP/1.1\r\nhost: x\r\n\r\n');
    pattern.assign(other.exchange);
    expect(other.exchange.route).toBe(route);
    expect(other.exchange.exclusion).toBeUndefined();
  });

  it('that is excluded names nothing and has no series, unless its errors count', async () => {
    for (const countErrors of [false, true]) {
      const instrument = instrumentFor({ traffic: { countErrors } });
      const pattern = instrument.pattern('/internal', { exclude: true });
      expect(pattern.isExcluded).toBe(true);
      pattern.declare(['GET']);
      const { exchange } = await meetExchange(instrument);
      const before = exchange.route;
      pattern.assign(exchange);
      expect(exchange.exclusion).toEqual({ reason: 'route', authority: '/internal' });
      expect(exchange.route.pattern).toBe(countErrors ? '/internal' : before.pattern);
      expect((await linesOf(instrument, 'route="/internal"')).length > 0).toBe(countErrors);
    }
  });

  it('hides a request without naming it, and shows only a request that it hides itself', async () => {
    const instrument = instrumentFor();
    const pattern = instrument.pattern('/internal', { exclude: true });
    const other = instrument.pattern('/private', { exclude: true });
    const open = instrument.pattern('/open');
    const { exchange } = await meetExchange(instrument);
    const { route } = exchange;
    open.hide(exchange);
    expect(exchange.exclusion).toBeUndefined();
    pattern.hide(exchange);
    other.show(exchange);
    open.show(exchange);
    expect(exchange.exclusion?.authority).toBe('/internal');
    pattern.show(exchange);
    expect(exchange.exclusion).toBeUndefined();
    expect(exchange.route).toBe(route);
  });

  it('keeps a request excluded that is not a user’s for another reason', async () => {
    const instrument = instrumentFor();
    const pattern = instrument.pattern('/internal', { exclude: true });
    const { exchange, response } = await meetExchange(instrument);
    instrument.exclude(response);
    pattern.hide(exchange);
    pattern.show(exchange);
    expect(exchange.exclusion).toEqual({ reason: 'route', authority: '(unmatched)' });
  });
});
