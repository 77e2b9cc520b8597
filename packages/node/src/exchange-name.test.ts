import { describe, expect, it } from 'vitest';
import { ExchangeName } from './exchange-name.js';
import { instrumentFor, meetExchange } from './fixtures/meeting.js';

/** A request to an app with two open routes and an excluded one, which an adapter names. */
async function meetNamed() {
  const instrument = instrumentFor();
  const { exchange, response } = await meetExchange(instrument);
  return {
    instrument,
    exchange,
    response,
    name: new ExchangeName(exchange),
    open: instrument.pattern('/open'),
    other: instrument.pattern('/other'),
    excluded: instrument.pattern('/internal', { exclude: true }),
  };
}

describe('the name of an exchange', () => {
  it('is the route of the last pattern, and no route after no pattern', async () => {
    const { exchange, name, open, other } = await meetNamed();
    const unmatched = exchange.route;
    name.assign(undefined);
    expect(exchange.route).toBe(unmatched);
    name.assign(open);
    expect(exchange.route.pattern).toBe('/open');
    name.assign(other);
    expect(exchange.route.pattern).toBe('/other');
    name.assign(undefined);
    expect(exchange.route).toBe(unmatched);
  });

  it('loses the exclusion of a route that passes the request on', async () => {
    const { exchange, name, open, excluded } = await meetNamed();
    name.assign(open);
    name.assign(excluded);
    expect(exchange.exclusion?.authority).toBe('/internal');
    expect(exchange.route.pattern).toBe('(unmatched)');
    name.assign(open);
    expect(exchange.exclusion).toBeUndefined();
    expect(exchange.route.pattern).toBe('/open');
  });

  it('is kept if the app gives it, while excluded routes still hide and show the request', async () => {
    const { instrument, exchange, response, name, open, other, excluded } = await meetNamed();
    name.assign(open);
    instrument.route(response, '/given');
    name.assign(other);
    expect(exchange.route.pattern).toBe('/given');
    name.assign(excluded);
    expect(exchange.route.pattern).toBe('/given');
    expect(exchange.exclusion?.authority).toBe('/internal');
    name.assign(undefined);
    expect(exchange.route.pattern).toBe('/given');
    expect(exchange.exclusion).toBeUndefined();
  });

  it('that the app gives before any route is kept as well', async () => {
    const { instrument, exchange, response, name, open } = await meetNamed();
    instrument.route(response, '/given');
    name.assign(open);
    expect(exchange.route.pattern).toBe('/given');
  });

  it('is not assigned again by the pattern that has given it', async () => {
    const { instrument, exchange, response, name, excluded } = await meetNamed();
    name.assign(excluded);
    instrument.exclude(response);
    const { exclusion } = exchange;
    name.assign(excluded);
    expect(exchange.exclusion).toBe(exclusion);
  });
});
