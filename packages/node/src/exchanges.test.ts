import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, OutgoingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createMetrics } from '@coalmine/metrics';
import type { Exclusion } from '@coalmine/traffic';
import { createWarmup } from '@coalmine/warmup';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { createExchanges } from './exchanges.js';
import type { Exchanges, HttpExchange } from './http-exchange.js';
import { createLedger } from './ledger.js';
import type { Ending } from './telemetry.js';

/** What is entered for an exchange: its outcome, the status that counts, and the duration in seconds. */
type Entry = readonly [outcome: string, status: number, seconds: number | undefined];

/** A request that has reached its app, on a clock that stands still until the test moves it. */
interface Meeting {
  readonly client: Socket;
  readonly response: ServerResponse;
  readonly exchanges: Exchanges;
  readonly exchange: HttpExchange;
  /** Looks at all exchanges, as each scrape does. */
  scrape(): Promise<unknown>;
  /** Moves the clock to a number of milliseconds after the arrival. */
  at(milliseconds: number): void;
  /** Writes the head and a part of the body, and resolves when the client has it. */
  respondInPart(): Promise<void>;
  /** Resolves when the exchange has been entered. */
  readonly entry: Promise<Entry>;
  /** Whether the exchange had been counted, each time that its route could still be set. */
  readonly lastCalls: readonly boolean[];
  /** The ends that a trace was told of. */
  readonly endings: readonly Ending[];
  /** The lifetimes of streams, in seconds. */
  readonly lifetimes: readonly number[];
}

const ends: (() => unknown)[] = [];
afterEach(() => {
  for (const end of ends.splice(0).reverse()) end();
});

type Before = (client: Socket, response: ServerResponse) => Promise<unknown>;

/**
 * Starts an exchange, after something else has had the request if `before` is given. The promise of the service is the
 * default: half a second, and a patience of two.
 */
async function meet(exclusion?: Exclusion, before?: Before): Promise<Meeting> {
  let now = 10_000;
  const metrics = createMetrics({ registry: new Registry(), now: () => now });
  const ledger = createLedger(metrics, { countErrors: false }, createWarmup({ now: metrics.now, minSeconds: 0 }));
  const entries = new EventEmitter();
  const entry = once(entries, 'entry') as Promise<never> as Promise<Entry>;
  const lastCalls: boolean[] = [];
  const lifetimes: number[] = [];
  const endings: Ending[] = [];
  const exchanges = createExchanges({
    metrics,
    traffic: { classify: () => exclusion },
    ledger: {
      ...ledger,
      enter(exchange, status, seconds) {
        ledger.enter(exchange, status, seconds);
        entries.emit('entry', exchange.outcome, status, seconds);
      },
      enterLifetime: (seconds) => void lifetimes.push(seconds),
    },
    begins() {},
    beforeClose: ({ isCounted }) => void lastCalls.push(isCounted),
  });
  exchanges.tell({
    begin: () => ({ traceId: 'a', spanId: 'b' }) as never,
    end: (_, ending) => void endings.push(ending),
    stop() {},
  });
  const server = createServer();
  const reached = once(server, 'request') as Promise<[IncomingMessage, ServerResponse]>;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
  ends.push(
    () => exchanges.close(),
    () => server.close(),
    () => client.destroy(),
  );
  client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  const [request, response] = await reached;
  await before?.(client, response);
  return {
    client,
    response,
    exchanges,
    exchange: exchanges.begin(request, response),
    scrape: () => metrics.registry.metrics(),
    at(milliseconds) {
      now = 10_000 + milliseconds;
    },
    async respondInPart() {
      response.write('a part');
      await once(client, 'data');
    },
    entry,
    lastCalls,
    endings,
    lifetimes,
  };
}

describe('a client that leaves before the head of the response', () => {
  it.each<[number, Entry]>([
    [500, ['left', 499, undefined]],
    [501, ['left', 499, 0.501]],
    [2000, ['left', 499, 2]],
    [2001, ['left', 504, 2.001]],
  ])('after %d ms is entered as %j', async (milliseconds, entry) => {
    const meeting = await meet();
    meeting.at(milliseconds);
    meeting.client.destroy();
    expect(await meeting.entry).toEqual(entry);
  });

  it('does not count as the client of an event stream that the app had only prepared', async () => {
    const { client, response, entry } = await meet();
    response.setHeader('content-type', 'text/event-stream');
    client.destroy();
    expect(await entry).toEqual(['left', 499, undefined]);
  });

  it('does not count as failed if the app calls fail() afterwards', async () => {
    const { client, response, exchanges, exchange, entry } = await meet();
    client.destroy();
    await once(response, 'close');
    exchanges.fail(exchange, { status: 503, reason: undefined });
    expect(await entry).toEqual(['left', 499, undefined]);
  });

  it('and before the exchange has started is noticed by a look', async () => {
    const { scrape, entry } = await meet(undefined, async (client, response) => {
      const closed = once(response, 'close');
      client.destroy();
      await closed;
    });
    await scrape();
    expect(await entry).toEqual(['left', 499, undefined]);
  });
});

describe('a client that leaves in the middle of the body', () => {
  it.each<[number, Entry]>([
    [2000, ['left mid-body', 200, undefined]],
    [2001, ['left mid-body', 200, 2.001]],
  ])('after %d ms is entered as %j', async (milliseconds, entry) => {
    const meeting = await meet();
    await meeting.respondInPart();
    meeting.at(milliseconds);
    meeting.client.destroy();
    expect(await meeting.entry).toEqual(entry);
  });

  it('counts as failed if the app called fail() before', async () => {
    const { client, respondInPart, exchanges, exchange, entry } = await meet();
    await respondInPart();
    exchanges.fail(exchange, { status: 503, reason: 'the source failed' });
    client.destroy();
    expect(await entry).toEqual(['left mid-body', 503, undefined]);
  });
});

describe('a response that the app breaks off', () => {
  it.each([false, true])('is a failure with its duration; with a head: %s', async (hasHead) => {
    const { response, respondInPart, at, entry } = await meet();
    if (hasHead) await respondInPart();
    at(100);
    response.destroy();
    expect(await entry).toEqual(['broken', 500, 0.1]);
  });
});

describe('a response that the app ends', () => {
  it('has the duration until its end, however long the client reads', async () => {
    const { response, at, entry } = await meet();
    at(100);
    response.end('whole');
    at(1000);
    expect(await entry).toEqual(['answered', 200, 0.1]);
  });

  it('through a method that is not watched has the duration until it closes', async () => {
    const { response, at, entry } = await meet();
    at(100);
    OutgoingMessage.prototype.end.call(response, 'whole', 'utf8');
    expect(await entry).toEqual(['answered', 200, 0.1]);
  });

  it('may fail until it is counted, with the first status that the app gives', async () => {
    const { response, exchanges, exchange, endings, entry } = await meet();
    response.end('whole');
    exchanges.fail(exchange, { status: 503, reason: 'late' });
    exchanges.fail(exchange, { status: 500, reason: 'later' });
    expect(await entry).toEqual(['answered', 503, 0]);
    expect(endings).toMatchObject([{ status: 200, failure: { status: 503, reason: 'late' } }]);
  });

  it('keeps a status that is a failure already', async () => {
    const { response, exchanges, exchange, entry } = await meet();
    exchanges.fail(exchange, { status: 503, reason: undefined });
    response.statusCode = 500;
    response.end();
    expect(await entry).toEqual(['answered', 500, 0]);
  });

  it('does not count after the client has left', async () => {
    const { client, response, at, entry } = await meet();
    at(2001);
    client.destroy();
    await once(response, 'close');
    response.end('for nobody');
    expect(await entry).toEqual(['left', 504, 2.001]);
  });

  it.each<[what: string, milliseconds: number, entry: Entry]>([
    ['leaves within the patience', 2000, ['answered', 200, 2]],
    ['leaves past the patience', 2001, ['left', 504, 2.001]],
    ['stays past the patience', 2001, ['answered', 200, 2.001]],
  ])(
    'at the end of a hold of the event loop counts by whether its client %s (%d ms)',
    async (what, milliseconds, entry) => {
      const meeting = await meet();
      if (what.startsWith('leaves')) meeting.client.destroy();
      meeting.at(milliseconds);
      meeting.response.end('whole');
      expect(await meeting.entry).toEqual(entry);
    },
  );

  it('of an excluded request is entered like any other', async () => {
    const { response, entry } = await meet({ reason: 'health', authority: 'path' });
    response.end('pass');
    expect(await entry).toEqual(['answered', 200, 0]);
  });
});

describe('an event stream', () => {
  it('has a lifetime, which ends with its connection, and no duration', async () => {
    const { client, response, respondInPart, at, entry, lifetimes } = await meet();
    response.setHeader('content-type', 'text/event-stream');
    await respondInPart();
    const closed = once(response, 'close');
    at(3000);
    client.destroy();
    expect(await entry).toEqual(['streamed', 200, undefined]);
    await closed;
    expect(lifetimes).toEqual([3]);
  });
});

describe('the end of an exchange', () => {
  it.each<[string, (meeting: Meeting) => unknown]>([
    ['answered', ({ response }) => response.end()],
    ['left', ({ client }) => client.destroy()],
    [
      'streamed',
      ({ response }) => {
        response.setHeader('content-type', 'text/event-stream');
        response.write('data: 1\n\n');
        response.end();
      },
    ],
  ])('that was %s is told to its trace once, and its route can be set until then', async (outcome, act) => {
    const meeting = await meet();
    const closed = once(meeting.response, 'close');
    meeting.at(100);
    act(meeting);
    await meeting.scrape();
    expect((await meeting.entry)[0]).toBe(outcome);
    await closed;
    expect(meeting.lastCalls).toEqual([false]);
    expect(meeting.endings).toMatchObject([{ outcome, seconds: 0.1 }]);
    expect(meeting.lifetimes).toHaveLength(outcome === 'streamed' ? 1 : 0);
  });
});
