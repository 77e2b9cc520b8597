import { once } from 'node:events';
import { createServer, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { instrumentFor, type Meeting, meet, meetExchange, portOf } from './fixtures/meeting.js';
import { watchResponses } from './response-class.js';

describe('a watched response', () => {
  it.each<[made: string, write: (response: ServerResponse) => unknown, status: number]>([
    ['by writeHead() with a number', (response) => response.writeHead(204), 204],
    ['by writeHead() with a message', (response) => response.writeHead(503, 'Busy', { 'x-own': '1' }), 503],
    ['by writeHead() with a text', (response) => response.writeHead('404' as never), 404],
    ['by writeHead() with a fraction', (response) => response.writeHead(202.9), 202],
    ['by write()', (response) => response.write('a part'), 200],
    ['by flushHeaders()', (response) => response.flushHeaders(), 200],
  ])('reports the status of a head that is made %s', async (_made, write, status) => {
    const { exchange, response } = await meetExchange(instrumentFor());
    expect(exchange.hasHead).toBe(false);
    write(response);
    expect(exchange.status).toBe(status);
  });

  it('reports the status of the head, and not a status that the app sets afterwards', async () => {
    const { exchange, response } = await meetExchange(instrumentFor());
    response.writeHead(201);
    response.statusCode = 500;
    response.end();
    expect(exchange.status).toBe(201);
  });

  it('reports its head and its end to each service that counts it', async () => {
    const { messages } = await meet();
    const [request, response] = messages[0] as Meeting['messages'][number];
    const exchanges = [instrumentFor(), instrumentFor()].map((instrument) => instrument.begin(request, response));
    response.writeHead(206);
    expect(exchanges.map(({ status, state }) => [status, state])).toEqual([
      [206, 'open'],
      [206, 'open'],
    ]);
    response.end();
    expect(exchanges.map(({ state }) => state)).not.toContain('open');
  });

  it('passes arguments, results and errors on', async () => {
    const { response, client } = await meetExchange(instrumentFor());
    expect(() => response.writeHead(99)).toThrow(expect.objectContaining({ code: 'ERR_HTTP_INVALID_STATUS_CODE' }));
    expect(response.writeHead(200, 'Fine', { 'x-own': 'a' })).toBe(response);
    const finished = new Promise<void>((resolve) => {
      expect(response.end('w\u00fcrde', 'latin1', resolve)).toBe(response);
    });
    const [data] = (await once(client, 'data')) as [Buffer];
    await finished;
    const text = data.toString('latin1');
    expect(text).toMatch(/^HTTP\/1\.1 200 Fine\r\nx-own: a\r\n/);
    expect(text).toContain('w\u00fcrde');
  });

  it('is left alone if nobody counts it', async () => {
    instrumentFor();
    const { messages, client } = await meet();
    messages[0]?.[1].writeHead(202).end('kept');
    expect(String(await once(client, 'data'))).toMatch(/^HTTP\/1\.1 202 Accepted[\s\S]*kept/);
  });
});

describe('a class of responses', () => {
  it('is watched once, and keeps the names of its methods', () => {
    watchResponses();
    const { writeHead, write, end } = ServerResponse.prototype;
    watchResponses();
    expect(ServerResponse.prototype.writeHead).toBe(writeHead);
    expect(ServerResponse.prototype.write).toBe(write);
    expect(ServerResponse.prototype.end).toBe(end);
    expect([writeHead.name, write.name, end.name]).toEqual(['writeHead', 'write', 'end']);
  });

  it('is watched in its own right if it extends a watched class', async () => {
    class Own extends ServerResponse {
      override end(...args: readonly unknown[]): this {
        return super.end(...(args as []));
      }
    }
    watchResponses();
    const { end } = Own.prototype;
    watchResponses(Own.prototype as never);
    expect(Own.prototype.end).not.toBe(end);
    const instrument = instrumentFor();
    const server = createServer({ ServerResponse: Own as typeof ServerResponse }, (request, response) => {
      const exchange = instrument.begin(request, response);
      response.writeHead(207);
      response.end(exchange.status.toString());
    });
    const answer = await fetch(`http://127.0.0.1:${await portOf(server)}/`);
    expect([answer.status, await answer.text()]).toEqual([207, '207']);
  });
});
