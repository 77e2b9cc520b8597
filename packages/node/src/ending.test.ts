import { describe, expect, it } from 'vitest';
import { HttpEnding } from './ending.js';
import { instrumentFor, meetExchange } from './fixtures/meeting.js';

const BOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
const MONITOR = 'Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)';

describe('the end of an exchange', () => {
  it('is overdue past the patience of its route, and not at the patience', async () => {
    const { exchange } = await meetExchange(instrumentFor({ objective: { latency: 0.5, patience: 2 } }));
    expect(new HttpEnding(exchange, 200, 2, true).isOverdue).toBe(false);
    expect(new HttpEnding(exchange, 200, 2.001, true).isOverdue).toBe(true);
  });

  it('has the route of the exchange if the exchange counts on it', async () => {
    const instrument = instrumentFor();
    const { exchange, response } = await meetExchange(instrument);
    const [routed, unrouted] = [true, false].map((isRouted) => new HttpEnding(exchange, 200, 1, isRouted));
    instrument.route(response, '/named-later');
    expect(routed?.route?.pattern).toBe('/named-later');
    expect(unrouted?.route).toBeUndefined();
  });

  it.each<[agent: string, authority: string | undefined, synthetic: string | undefined]>([
    ['Mozilla/5.0', undefined, undefined],
    [BOT, undefined, 'bot'],
    [MONITOR, undefined, 'test'],
    ['Mozilla/5.0', 'k6', 'test'],
    [BOT, 'k6', 'test'],
  ])('of a request by %j with the signature %j is %s', async (agent, authority, synthetic) => {
    const { exchange } = await meetExchange(
      instrumentFor(),
      `GET / HTTP/1.1\r\nhost: x\r\nuser-agent: ${agent}\r\n\r\n`,
    );
    if (authority !== undefined) exchange.owner.exclude(exchange, { reason: 'signed', authority });
    expect(new HttpEnding(exchange, 200, 1, true).synthetic).toBe(synthetic);
  });

  it('of a request that is excluded without a signature says what its agent is', async () => {
    const { exchange } = await meetExchange(instrumentFor());
    exchange.owner.exclude(exchange, { reason: 'trusted', authority: '192.0.2.1' });
    const ending = new HttpEnding(exchange, 200, 1, false);
    expect(ending.synthetic).toBeUndefined();
    expect(ending.exclusion).toEqual({ reason: 'trusted', authority: '192.0.2.1' });
  });
});
