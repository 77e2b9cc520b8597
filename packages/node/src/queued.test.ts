import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { instrumentFor, linesOf, type Meeting, meet } from './fixtures/meeting.js';
import { isQueued } from './queued.js';

const PIPELINED = 'GET /1 HTTP/1.1\r\nhost: x\r\n\r\nGET /2 HTTP/1.1\r\nhost: x\r\n\r\n';

describe('a pipelined request', () => {
  it('is queued until its turn on the connection has ended', async () => {
    const instrument = instrumentFor();
    const { client, messages } = await meet(PIPELINED, 2);
    const [first, second] = messages.map(([request, response]) => instrument.begin(request, response));
    if (first === undefined || second === undefined) throw new Error('no exchange');
    expect([isQueued(first), isQueued(second)]).toEqual([false, true]);
    client.resume();
    messages[0]?.[1].end('the first');
    const closed = once(messages[1]?.[1] as Meeting['messages'][number][1], 'close');
    messages[1]?.[1].end('the second');
    await closed;
    expect([isQueued(first), isQueued(second)]).toEqual([false, false]);
  });

  it('ends with its connection, for each service that counts it', async () => {
    const instruments = [instrumentFor(), instrumentFor()];
    const { client, messages } = await meet(PIPELINED, 2);
    for (const instrument of instruments)
      for (const [request, response] of messages) instrument.begin(request, response);
    const closed = once(messages[0]?.[0].socket as never, 'close');
    client.destroy();
    await closed;
    for (const instrument of instruments) {
      const inFlight = await linesOf(instrument, 'http_requests_in_flight');
      expect(inFlight.map((line) => line.split(' ')[1])).toEqual(['0']);
      const ended = await linesOf(instrument, 'http_requests_total{');
      expect(ended.filter((line) => !line.endsWith(' 0'))).toEqual([
        'http_requests_total{method="GET",route="(unmatched)",status_code="499"} 2',
      ]);
    }
  });
});
