import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { instrumentFor, type Meeting, meet, meetExchange } from './fixtures/meeting.js';

type Write = (response: ServerResponse) => unknown;

const foreignBytes = (length: number): Uint8Array => runInNewContext(`new Uint8Array(${length})`);
const announcing = (response: ServerResponse, length: number) => response.setHeader('content-length', length);

describe('a body with a Content-Length', () => {
  it.each<[written: string, write: Write]>([
    ['written in parts', (r) => announcing(r, 9) && r.write('some') && r.end('more')],
    ['written before the end', (r) => announcing(r, 9) && r.write(Buffer.from('some')) && r.end()],
    ['written with the end', (r) => announcing(r, 9) && r.end('some')],
    ['given as bytes', (r) => announcing(r, 9) && r.end(new Uint8Array(8))],
    ['given as text in another encoding', (r) => announcing(r, 9) && r.end('c29tZQ==', 'base64')],
    ['never written', (r) => announcing(r, 9) && r.end()],
    ['never written, with a callback', (r) => announcing(r, 9) && r.end(() => {})],
    ['announced by writeHead()', (r) => r.writeHead(200, { 'Content-Length': 9 }).end('some')],
    ['announced by writeHead() in a list', (r) => r.writeHead(200, ['Content-Length', '9']).end('some')],
  ])('is cut short if less is %s', async (_written, write) => {
    const { exchange, response } = await meetExchange(instrumentFor());
    write(response);
    expect(exchange.isCutShort).toBe(true);
    await once(response, 'close');
    expect([exchange.outcome, exchange.state]).toEqual(['broken', 'counted']);
  });

  it.each<[written: string, write: Write]>([
    ['all of it is written', (r) => announcing(r, 8) && r.write('some') && r.end('more')],
    ['it is written with the end', (r) => announcing(r, 4) && r.end('some')],
    ['it has more bytes than characters', (r) => announcing(r, 6) && r.end('w\u00fcrde')],
    ['it is in another encoding', (r) => announcing(r, 4) && r.end('c29tZQ==', 'base64')],
    ['more is written', (r) => announcing(r, 4) && r.write('some') && r.end('more')],
    ['it is empty', (r) => announcing(r, 0) && r.end()],
    [
      'its bytes come from another context',
      (r) => announcing(r, 8) && r.write(foreignBytes(4)) && r.end(foreignBytes(4)),
    ],
    ['it is chunked', (r) => announcing(r, 9) && r.setHeader('transfer-encoding', 'chunked') && r.end('some')],
    ['its end is repeated', (r) => announcing(r, 4) && r.end('some').end()],
    ['the status has no body', (r) => announcing(r, 4) && r.writeHead(304).end()],
  ])('is whole if %s', async (_written, write) => {
    const { exchange, response } = await meetExchange(instrumentFor());
    write(response);
    expect(exchange.isCutShort).toBe(false);
    await once(response, 'close');
    expect(exchange.outcome).toBe('answered');
  });

  it('is absent from a response to HEAD', async () => {
    const { exchange, response } = await meetExchange(instrumentFor(), 'HEAD / HTTP/1.1\r\nhost: x\r\n\r\n');
    Object.assign(exchange.request, { method: 'GET' });
    announcing(response, 9);
    response.end();
    expect(exchange.isCutShort).toBe(false);
  });

  it('may have any encoding where Node takes any', async () => {
    const { response } = await meetExchange(instrumentFor(), 'HEAD / HTTP/1.1\r\nhost: x\r\n\r\n');
    announcing(response, 9);
    expect(response.write('some', Object.create(null))).toBe(true);
  });

  it('is not judged if its head was made before its exchange began', async () => {
    const { messages } = await meet();
    const [request, response] = messages[0] as Meeting['messages'][number];
    response.writeHead(200, { 'content-length': 9 });
    response.write('some');
    const exchange = instrumentFor().begin(request, response);
    response.end('parts');
    expect(exchange.isCutShort).toBe(false);
  });

  it('counts for each service', async () => {
    const { messages } = await meet();
    const [request, response] = messages[0] as Meeting['messages'][number];
    const exchanges = [instrumentFor(), instrumentFor()].map((instrument) => instrument.begin(request, response));
    announcing(response, 9);
    response.write('some');
    response.end('more');
    expect(exchanges.map(({ isCutShort }) => isCutShort)).toEqual([true, true]);
  });

  it.each([
    { first: 'some', last: 'more', isCut: true },
    { first: 'some', last: 'parts', isCut: false },
    { first: undefined, last: undefined, isCut: true },
    { first: undefined, last: undefined, isCut: false, method: 'HEAD' },
  ])('over HTTP/2, of "$first" and "$last", is cut short: $isCut', async ({ first, last, isCut, method = 'GET' }) => {
    const instrument = instrumentFor();
    const server = createServer();
    const judged = new Promise<boolean>((resolve) => {
      server.on('request', (request, response) => {
        const exchange = instrument.begin(request, response);
        response.setHeader('content-length', 9);
        if (first !== undefined) response.write(first);
        if (last === undefined) response.end();
        else response.end(last);
        resolve(exchange.isCutShort);
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    onTestFinished(() => {
      session.destroy();
      server.close();
    });
    session
      .request({ ':method': method })
      .on('error', () => {})
      .resume();
    expect(await judged).toBe(isCut);
  });
});
