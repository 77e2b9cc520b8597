import http, { type IncomingMessage } from 'node:http';
import http2 from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { inject } from './fixtures/injected.js';
import type { Request } from './request.js';
import { takeMarker } from './take-marker.js';

const shown = (request: Request): string[] => [
  ...request.rawHeaders,
  ...Object.keys(request.headers),
  ...Object.keys((request as Partial<IncomingMessage>).headersDistinct ?? {}),
];

/** Sends the bytes to a server, and answers what `look` made of the request. */
async function served<T>(bytes: string, look: (request: IncomingMessage) => T): Promise<T> {
  const server = http.createServer();
  const looked = new Promise<T>((resolve, reject) => {
    server.on('request', (request, response) => {
      try {
        resolve(look(request));
      } catch (error) {
        reject(error);
      }
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.end(bytes);
  return looked.finally(() => server.close());
}

const head = (...lines: string[]): string =>
  ['GET / HTTP/1.1', 'Host: a', ...lines, 'Accept: */*', 'Connection: close', '', ''].join('\r\n');

describe('takeMarker() takes the marker off', () => {
  it('a request of node:http, in whatever case it is written', async () => {
    const [value, names, left] = await served(head('X-Coalmine-EXCLUDE: v1;x', 'x-other: 1'), (request) => {
      return [takeMarker(request), shown(request), request.headers] as const;
    });
    expect(value).toBe('v1;x');
    expect(names.filter((name) => /exclude|v1/i.test(name))).toEqual([]);
    expect(left).toEqual({ host: 'a', 'x-other': '1', accept: '*/*', connection: 'close' });
  });

  it('a request whose headers somebody has looked at before', async () => {
    const names = await served(head('x-coalmine-exclude: v1;x'), (request) => {
      const before = shown(request);
      takeMarker(request);
      return { before, after: shown(request) };
    });
    expect(names.before).toContain('x-coalmine-exclude');
    expect(names.after).toEqual(names.before.filter((name) => name !== 'x-coalmine-exclude' && name !== 'v1;x'));
  });

  it('a request that has the marker twice, and returns an empty text', async () => {
    const [value, names] = await served(head('x-coalmine-exclude: v1;x', 'X-Coalmine-Exclude: v1;y'), (request) => {
      return [takeMarker(request), shown(request)] as const;
    });
    expect(value).toBe('');
    expect(names.filter((name) => /exclude|v1/i.test(name))).toEqual([]);
  });

  it('a request of node:http2', async () => {
    const server = http2.createServer();
    const looked = new Promise<{ value: string | undefined; names: string[] }>((resolve) => {
      server.on('request', (request, response) => {
        resolve({ value: takeMarker(request), names: shown(request) });
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    client.request({ ':path': '/', 'x-coalmine-exclude': 'v1;x', 'x-other': '1' }).resume();
    const { value, names } = await looked;
    client.close();
    server.close();
    expect(value).toBe('v1;x');
    expect(names).toContain('x-other');
    expect(names.filter((name) => /exclude|v1/.test(name))).toEqual([]);
  });

  it('an injected request', () => {
    const request = inject({ 'x-coalmine-exclude': 'v1;x' });
    expect(takeMarker(request)).toBe('v1;x');
    expect(shown(request).filter((name) => /exclude|v1/.test(name))).toEqual([]);
  });

  it('a request of a platform that has no raw headers', () => {
    const request = { ...inject({ 'x-coalmine-exclude': 'v1;x' }), rawHeaders: undefined } as never as Request;
    expect(takeMarker(request)).toBe('v1;x');
    expect(request.headers).not.toHaveProperty('x-coalmine-exclude');
    expect(takeMarker(request)).toBeUndefined();
  });
});

it('takeMarker() does not change a request without a marker', async () => {
  const [value, names] = await served(head('sec-ch-ua-platform: "Linux"', 'x-coalmine-exclud3: no'), (request) => {
    return [takeMarker(request), request.rawHeaders] as const;
  });
  expect(value).toBeUndefined();
  expect(names).toContain('x-coalmine-exclud3');
});
