import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { openRaw, until } from '../support/client.js';
import type { Exposition } from '../support/exposition.js';
import { FRAMEWORKS, type PlainRoute, type Service } from './frameworks.js';

type Handle = (request: IncomingMessage, response: ServerResponse) => unknown;

const HANDLERS: Readonly<Record<string, Handle>> = {
  '/item': (_request, response) => response.end('item'),
  '/last': (_request, response) => {
    response.setHeader('connection', 'close');
    response.end('last');
  },
  '/last-later': (_request, response) => {
    setTimeout(() => {
      response.setHeader('connection', 'close');
      response.end('last');
    }, 30);
  },
  '/later': (_request, response) => void setTimeout(() => response.end('later'), 100),
  '/hang-up': ({ socket }) => socket.end(),
  '/hang-up-later': ({ socket }) => void setTimeout(() => socket.end(), 20),
  '/hang-up-in-body': ({ socket }, response) => {
    response.write('some of it');
    setTimeout(() => socket.end(), 20);
  },
  '/respond-to-nobody': ({ socket }, response) => {
    socket.end();
    response.end('nobody reads this');
  },
  '/by-hand': ({ socket }) => socket.end('HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n'),
  '/fail-by-hand': ({ socket }) => socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n'),
  '/detach': ({ socket }, response) => {
    response.detachSocket(socket);
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  },
  '/detach-and-destroy': ({ socket }, response) => {
    response.detachSocket(socket);
    socket.destroy();
  },
};

const ROUTES: readonly PlainRoute[] = Object.entries(HANDLERS).map(([pattern, handle]) => ({
  method: 'GET',
  pattern,
  handle,
}));

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

let service: Service | undefined;

afterEach(() => service?.close());

describe.each(FRAMEWORKS)('a connection that $name ends', ({ start }) => {
  /** Returns the counts when a client has sent these requests in one write, and has closed after the server. */
  async function counted(...paths: readonly string[]): Promise<Exposition> {
    service = await start(ROUTES);
    const { port, instrument } = service;
    const { socket } = await openRaw(port, paths.map(get).join(''));
    await until(() => socket.closed, 'the end of the connection');
    await until(() => [...instrument.metrics.inFlight()].length === 0, 'the end of every request');
    return service.scrape();
  }

  it.each(['/hang-up', '/hang-up-later', '/hang-up-in-body', '/respond-to-nobody', '/detach-and-destroy'])(
    'instead of a response failed its client (%s)',
    async (path) => {
      const exposition = await counted(path);
      expect(exposition.requests()).toEqual({ [`GET ${path} 500`]: 1 });
      expect(exposition.sum('http_requests_failed_total')).toBe(1);
    },
  );

  it('instead of a response failed its client, also after other responses', async () => {
    const exposition = await counted('/item', '/item', '/hang-up');
    expect(exposition.requests()).toEqual({ 'GET /item 200': 2, 'GET /hang-up 500': 1 });
  });

  it('with a response that the app writes itself counts with its status', async () => {
    expect((await counted('/by-hand')).requests()).toEqual({ 'GET /by-hand 202': 1 });
    await service?.close();
    expect((await counted('/fail-by-hand')).requests()).toEqual({ 'GET /fail-by-hand 503': 1 });
    await service?.close();
    expect((await counted('/detach')).requests()).toEqual({ 'GET /detach 200': 1 });
  });

  it.each(['/last', '/last-later'])(
    'after a response that announced the end has failed no later request (%s)',
    async (path) => {
      const exposition = await counted(path, '/later', '/later');
      expect(exposition.sum('http_requests_failed_total')).toBe(0);
      expect(exposition.requests()).toMatchObject({ [`GET ${path} 200`]: 1 });
      expect(exposition.requests()['GET /later 200']).toBeUndefined();
    },
  );
});
