import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { fail } from './fail.js';
import { instrumentFor, type Meeting, meet, meetExchange } from './fixtures/meeting.js';
import { collectWarnings } from './fixtures/warnings.js';

describe('a request that its app fails', () => {
  it.each<[options: unknown, status: number, reason: string | undefined]>([
    [undefined, 500, undefined],
    [{}, 500, undefined],
    [{ status: 599, reason: 'out of stock' }, 599, 'out of stock'],
    [{ status: 500, reason: '' }, 500, ''],
    [{ status: 503, reason: new Error('no text') }, 503, undefined],
  ])('with %j counts with the status %d', async (options, status, reason) => {
    const { exchange, response } = await meetExchange(instrumentFor());
    fail(response, options as never);
    expect(exchange.failure).toEqual({ status, reason });
  });

  it('is found by its request, and by the reply of a framework', async () => {
    const instrument = instrumentFor();
    for (const found of ['request', 'response'] as const) {
      for (const isWrapped of [false, true]) {
        const { exchange } = await meetExchange(instrument);
        const message = exchange[found];
        if (message === undefined) throw new Error('no message');
        fail(isWrapped ? { raw: message } : message, { status: 502 });
        expect(exchange.failure?.status).toBe(502);
      }
    }
  });

  it('fails for each service that counts it, with what was said first', async () => {
    const { messages } = await meet();
    const [request, response] = messages[0] as Meeting['messages'][number];
    const exchanges = [instrumentFor(), instrumentFor()].map((instrument) => instrument.begin(request, response));
    fail(request, { status: 503, reason: 'first' });
    fail(request, { status: 500, reason: 'second' });
    expect(exchanges.map(({ failure }) => failure)).toEqual([
      { status: 503, reason: 'first' },
      { status: 503, reason: 'first' },
    ]);
  });

  it('does not fail after it has closed, or if nobody counts it', async () => {
    const { exchange, response, client } = await meetExchange(instrumentFor());
    client.resume();
    response.end();
    await once(response, 'close');
    fail(response);
    expect(exchange.failure).toBeUndefined();
    const { messages } = await meet();
    for (const message of [...messages.flat(), null, undefined, 'a text', {}, { raw: undefined }, { raw: 5 }]) {
      expect(() => fail(message as never)).not.toThrow();
    }
  });

  it('fails with 500 and one warning if the status is none of a failure', async () => {
    const warnings = collectWarnings();
    const instrument = instrumentFor();
    for (const status of [499, 600, 500.5, Number.NaN, '503', null]) {
      const { exchange, response } = await meetExchange(instrument);
      fail(response, { status: status as number, reason: 'why' });
      expect(exchange.failure).toEqual({ status: 500, reason: 'why' });
    }
    expect(warnings).toEqual([
      'COALMINE_FAIL_STATUS fail() takes a status from 500 to 599, got 499: the request counts as 500',
    ]);
  });
});
