import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { instrumentFor, meetExchange } from './fixtures/meeting.js';
import { isStreamed, opensTunnel } from './streamed.js';

describe('a response whose head is out', () => {
  it.each<[what: string, write: (response: ServerResponse) => unknown, streamed: boolean]>([
    ['has the type of event streams', (r) => r.setHeader('content-type', 'text/event-stream'), true],
    ['names a charset', (r) => r.setHeader('content-type', 'Text/Event-Stream; charset=utf-8'), true],
    ['has a type that begins alike', (r) => r.setHeader('content-type', 'text/event-streams'), false],
    ['has another type', (r) => r.setHeader('content-type', 'application/json'), false],
    ['has no type', () => {}, false],
    ['has the type only in its head', (r) => r.writeHead(200, { 'Content-Type': 'text/event-stream' }), true],
    ['has the type of a longer header', (r) => r.writeHead(200, { 'x-content-type': 'text/event-stream' }), false],
    [
      'has a known length',
      (r) => r.writeHead(200, { 'content-type': 'text/event-stream', 'content-length': 6 }),
      false,
    ],
  ])('is an event stream if it %s: %o', async (_what, write, streamed) => {
    const { exchange, response } = await meetExchange(instrumentFor());
    write(response);
    response.write('a part');
    expect(isStreamed(exchange, response)).toBe(streamed);
  });

  it('is an event stream over HTTP/1.0, which has no chunks', async () => {
    const { exchange, response } = await meetExchange(instrumentFor(), 'GET / HTTP/1.0\r\n\r\n');
    response.setHeader('content-type', 'text/event-stream');
    response.write('a part');
    expect(response.chunkedEncoding).toBe(false);
    expect(isStreamed(exchange, response)).toBe(true);
  });
});

describe('the connection of a request', () => {
  it.each<[method: string, status: number, isOpen: boolean]>([
    ['GET', 101, true],
    ['GET', 200, false],
    ['CONNECT', 101, true],
    ['CONNECT', 199, false],
    ['CONNECT', 200, true],
    ['CONNECT', 299, true],
    ['CONNECT', 300, false],
    ['CONNECT', 407, false],
  ])('after %s with %d lives on: %s', (method, status, isOpen) => {
    expect(opensTunnel({ method } as never, status)).toBe(isOpen);
  });
});
