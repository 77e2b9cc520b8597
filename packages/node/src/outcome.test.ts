import { type EventEmitter, once } from 'node:events';
import { createServer, type Server } from 'node:http';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connectHttp2,
  createServer as createHttp2Server,
  type Http2Server,
  type Http2ServerResponse,
} from 'node:http2';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isHttp2, type Request, type Response } from './http.js';
import {
  type Break,
  breakOf,
  breakOfHandshake,
  isLeftAfterEnd,
  isUnreachable,
  isWhole,
  noteClientError,
  noteTunnel,
} from './outcome.js';
import { watchSocketEnds } from './socket-end.js';
import { watchStreamCloses } from './stream-close.js';

const CLIENT: Break = { by: 'client' };
const SERVER: Break = { by: 'server' };
const refused = (status: number): Break => ({ by: 'node', status });

const GET = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n';
const POST = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nsome';
const BUSY = 'HTTP/1.1 503 Busy\r\nconnection: close\r\n\r\n';
const CHUNKED = 'POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n';

/** Limits, in milliseconds, that every request has passed. */
const LATE = { headersTimeout: 1, requestTimeout: 1 };

const ends: (() => unknown)[] = [];
afterEach(() => {
  for (const end of ends.splice(0).reverse()) end();
});

/** Resolves at the end of a connection or a stream, with or without an error. */
function closeOf(closing: EventEmitter): Promise<void> {
  return new Promise((resolve) => closing.once('close', () => resolve()));
}

async function portOf(server: Server | Http2Server): Promise<number> {
  ends.push(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

async function openClient(port: number, text: string): Promise<Socket> {
  const client = connect({ port, host: '127.0.0.1' });
  client.on('error', () => {});
  ends.push(() => client.destroy());
  await once(client, 'connect');
  client.write(text);
  return client;
}

interface Meeting {
  readonly server: Server;
  readonly client: Socket;
  readonly request: Request;
  readonly response: Response;
}

/** A request over HTTP/1.1 that has reached its app. */
async function meet(text: string, hasListener = false): Promise<Meeting> {
  const server = createServer({ connectionsCheckingInterval: 20 });
  if (hasListener) {
    server.on('clientError', (error, socket) => {
      noteClientError(error, socket);
      socket.destroy();
    });
  }
  const port = await portOf(server);
  const reached = once(server, 'request');
  const client = await openClient(port, text);
  const [request, response] = (await reached) as [Request, Response];
  request.on('error', () => {});
  response.on('error', () => {});
  return { server, client, request, response };
}

/** Returns what carries a response, as an exchange knows it. */
function transportOf(request: Request, response: Response): Parameters<typeof isUnreachable>[0] {
  return { socket: request.socket, stream: isHttp2(response) ? response.stream : undefined };
}

async function breakAfter({ request, response }: Meeting, act: () => unknown): Promise<Break> {
  request.resume();
  const transport = transportOf(request, response);
  const closed = closeOf(response);
  act();
  await closed;
  expect(isUnreachable(transport)).toBe(true);
  return breakOf(request, response, transport.socket);
}

/** Errors as the kernel and the parser report them, about the connection of somebody else. */
const ofUpstream = (): Error => Object.assign(new Error('reset'), { code: 'ECONNRESET', syscall: 'read' });
const ofConnect = (): Error => Object.assign(new Error('refused'), { code: 'ECONNREFUSED', syscall: 'connect' });
const ofParser = (): Error => Object.assign(new Error('no HTTP'), { code: 'HPE_INVALID_CONSTANT' });

describe('the connection of a request without a response was closed', () => {
  it.each<[string, string, (meeting: Meeting) => unknown, Break]>([
    ['by a client that ends it', GET, ({ client }) => client.end(), CLIENT],
    ['by a client that resets it', GET, ({ client }) => client.resetAndDestroy(), CLIENT],
    ['by a client that ends it in its body', POST, ({ client }) => client.end(), CLIENT],
    ['by a client that ends it in a chunk', `${CHUNKED}5\r\nab`, ({ client }) => client.end(), CLIENT],
    ['by an app that destroys its response', GET, ({ response }) => response.destroy(), SERVER],
    [
      'by an app that destroys its response with an error',
      GET,
      ({ response }) => response.destroy(new Error('mine')),
      SERVER,
    ],
    [
      'by an app whose upstream reset another connection',
      GET,
      ({ response }) => response.destroy(ofUpstream()),
      SERVER,
    ],
    [
      'by an app whose upstream reset another connection, through the request',
      GET,
      ({ request }) => request.destroy(ofUpstream()),
      SERVER,
    ],
    ['by an app whose upstream sent no HTTP', GET, ({ response }) => response.destroy(ofParser()), SERVER],
    [
      'by an app that could not connect to its upstream',
      GET,
      ({ request }) => request.socket.destroy(ofConnect()),
      SERVER,
    ],
    [
      'by an app that destroys the connection with an error of its own',
      GET,
      ({ request }) => request.socket.destroy(new Error('mine')),
      SERVER,
    ],
    [
      'by an error of TLS',
      GET,
      ({ request }) => request.socket.destroy(Object.assign(new Error('bad record'), { code: 'ERR_SSL_BAD_RECORD' })),
      CLIENT,
    ],
    ['by Node, because the body is late', POST, ({ server }) => Object.assign(server, LATE), refused(408)],
    ['by Node, because a chunk is malformed', CHUNKED, ({ client }) => client.write('nothing\r\n'), refused(400)],
    [
      'by Node, because the extensions of a chunk are too long',
      CHUNKED,
      ({ client }) => client.write(`1;${'x'.repeat(20_000)}`),
      refused(413),
    ],
    [
      'by Node, because the next request has too many headers',
      GET,
      ({ client }) => client.write(`GET / HTTP/1.1\r\nx: ${'x'.repeat(20_000)}`),
      refused(431),
    ],
    [
      'by a client that asked for a tunnel first',
      GET,
      ({ request }) => {
        noteTunnel(request.socket);
        request.socket.destroy();
      },
      CLIENT,
    ],
  ])('%s', async (_, text, act, cause) => {
    const meeting = await meet(text);
    expect(isUnreachable(transportOf(meeting.request, meeting.response))).toBe(false);
    expect(await breakAfter(meeting, () => act(meeting))).toEqual(cause);
  });

  it.each<[string, string, (client: Socket) => unknown, Break]>([
    ['malformed', CHUNKED, (client) => client.write('nothing\r\n'), refused(400)],
    ['not finished', `${CHUNKED}5\r\nab`, (client) => client.end(), CLIENT],
  ])('by an app that has a listener of its own for a message that is %s', async (_, text, act, cause) => {
    const meeting = await meet(text, true);
    expect(await breakAfter(meeting, () => act(meeting.client))).toEqual(cause);
  });
});

describe('a connection that the service has ended', () => {
  beforeAll(watchSocketEnds);

  it.each<[string, (socket: Socket) => unknown, Break]>([
    ['without a response', (socket) => socket.end(), SERVER],
    ['with bytes that are no response', (socket) => socket.end('bye'), SERVER],
    ['with a response of its own', (socket) => socket.end(BUSY), { by: 'server', status: 503 }],
  ])('was broken by the service, if it ended %s', async (_, end, cause) => {
    const meeting = await meet(GET);
    meeting.client.resume();
    expect(await breakAfter(meeting, () => end(meeting.request.socket))).toEqual(cause);
  });

  it('owes its client nothing for a request that came after the last response', async () => {
    const server = createServer();
    const port = await portOf(server);
    const both = new Promise<readonly (readonly [Request, Response])[]>((resolve) => {
      const met: (readonly [Request, Response])[] = [];
      server.on('request', (...pair: [Request, Response]) => {
        if (met.push(pair) === 2) resolve(met);
      });
    });
    (await openClient(port, GET + GET)).resume();
    const [[, response], [request, next]] = (await both) as [[Request, Response], [Request, Response]];
    // Node tells a response that waits for another nothing about the end of their connection.
    const closed = closeOf(request.socket);
    response.setHeader('connection', 'close');
    response.end();
    await closed;
    expect(breakOf(request, next, request.socket)).toEqual(CLIENT);
  });
});

describe('a response over HTTP/1.1 that the app has ended', () => {
  it('was left, if the client had gone', async () => {
    const { client, request, response } = await meet(GET);
    const gone = closeOf(request.socket);
    response.end();
    expect(isLeftAfterEnd(request, response)).toBe(false);
    client.resetAndDestroy();
    await gone;
    expect(isLeftAfterEnd(request, response)).toBe(true);
  });

  it('was not left, if the app destroyed the connection afterwards', async () => {
    const { request, response } = await meet(GET);
    const gone = closeOf(request.socket);
    response.end();
    request.socket.destroy(new Error('mine'));
    await gone;
    expect(isLeftAfterEnd(request, response)).toBe(false);
  });

  it.each([true, false])(
    'reaches a client that has ended its side, if the server allows that: %s',
    async (isAllowed) => {
      const { server, client, request, response } = await meet(GET);
      Object.assign(server, { httpAllowHalfOpen: isAllowed });
      const ended = once(request.socket, 'end');
      client.end();
      await ended;
      expect(isUnreachable(transportOf(request, response))).toBe(!isAllowed);
    },
  );
});

describe('the connection of an upgrade was closed', () => {
  const upgrade = async (): Promise<{ client: Socket; socket: Socket }> => {
    const server = createServer();
    const port = await portOf(server);
    const reached = once(server, 'upgrade');
    const client = await openClient(port, 'GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n');
    const [, socket] = (await reached) as [unknown, Duplex];
    socket.on('error', () => {}).resume();
    return { client, socket: socket as Socket };
  };
  const act = async (end: (client: Socket, socket: Socket) => unknown): Promise<Break> => {
    const { client, socket } = await upgrade();
    const closed = closeOf(socket);
    end(client, socket);
    await closed;
    return breakOfHandshake(socket);
  };

  it('by the app, if the app ended or destroyed it', async () => {
    expect(await act((client, socket) => client.end(() => socket.end()))).toEqual(SERVER);
    expect(await act((_, socket) => socket.destroy())).toEqual(SERVER);
    expect(await act((_, socket) => socket.destroy(ofConnect()))).toEqual(SERVER);
  });

  it('by the client, if the client reset it', async () => {
    expect(await act((client) => client.resetAndDestroy())).toEqual(CLIENT);
  });
});

describe('the stream of a request over HTTP/2 was closed', () => {
  interface Exchanged {
    readonly client: Socket;
    readonly session: ClientHttp2Session;
    readonly stream: ClientHttp2Stream;
    readonly request: Request;
    readonly response: Http2ServerResponse;
  }
  const exchange = async (method = 'POST'): Promise<Exchanged> => {
    const server = createHttp2Server();
    server.on('sessionError', () => {});
    const port = await portOf(server);
    const client = await openClient(port, '');
    const session = connectHttp2(`http://127.0.0.1:${port}`, { createConnection: () => client });
    session.on('error', () => {});
    ends.push(() => session.destroy());
    const reached = once(server, 'request');
    const stream = session.request({ ':method': method });
    stream.on('error', () => {});
    const [request, response] = (await reached) as [Request, Http2ServerResponse];
    watchStreamCloses(response.stream);
    response.stream.on('error', () => {});
    return { client, session, stream, request, response };
  };

  it.each<[string, (exchanged: Exchanged) => unknown, Break]>([
    ['by a client that cancels it', ({ stream }) => stream.close(8), CLIENT],
    ['by a client that cancels it without an error', ({ stream }) => stream.close(0), CLIENT],
    ['by a client whose connection ends', ({ session }) => session.destroy(), CLIENT],
    ['by a client whose connection is reset', ({ client }) => client.resetAndDestroy(), CLIENT],
    [
      'by a client that does not speak HTTP/2 any more',
      ({ client }) => client.write(Buffer.from('000004080000000001ffffffff', 'hex')),
      CLIENT,
    ],
    ['by an app that closes it', ({ response }) => response.stream.close(2), SERVER],
    ['by an app that destroys it', ({ response }) => response.stream.destroy(), SERVER],
    ['by an app that destroys it with an error', ({ response }) => response.stream.destroy(new Error('mine')), SERVER],
    ['by an app whose upstream was reset', ({ response }) => response.stream.destroy(ofUpstream()), SERVER],
    ['by an app that destroys the session', ({ response }) => response.stream.session?.destroy(), SERVER],
    [
      'by an app that destroys the session with an error',
      ({ response }) => response.stream.session?.destroy(new Error('mine')),
      SERVER,
    ],
  ])('%s', async (_, act, cause) => {
    const exchanged = await exchange();
    const { request, response } = exchanged;
    expect(isUnreachable(transportOf(request, response))).toBe(false);
    const aborted = new Promise<Break>((resolve) => {
      response.stream.prependListener('aborted', () => resolve(breakOf(request, response, request.socket)));
    });
    act(exchanged);
    expect(await aborted).toEqual(cause);
    expect(isUnreachable(transportOf(request, response))).toBe(true);
  });

  it.each<[string, (exchanged: Exchanged) => unknown, Break]>([
    ['by a client that cancels it', ({ stream }) => stream.close(8), CLIENT],
    ['by an app that destroys it with an error', ({ response }) => response.stream.destroy(new Error('mine')), SERVER],
  ])('%s, if it asked for a head only', async (_, act, cause) => {
    const exchanged = await exchange('HEAD');
    const { request, response } = exchanged;
    const closed = closeOf(response.stream);
    act(exchanged);
    await closed;
    expect(breakOf(request, response, request.socket)).toEqual(cause);
  });

  it.each<[string, (exchanged: Exchanged) => unknown, boolean]>([
    ['the app ends its response', ({ response, stream }) => response.end('all of it', () => stream.end()), true],
    ['the app ends it without a response', ({ response }) => response.stream.close(0), false],
    [
      'the app closes it in the middle of its response',
      ({ response }) => response.write('some of it', () => response.stream.close(0)),
      false,
    ],
    [
      'the client cancels it in the middle of its response',
      ({ response, stream }) => {
        response.write('some of it');
        stream.resume().once('response', () => stream.close(8));
      },
      false,
    ],
  ])('after a whole response, if %s: $2', async (_, act, isExpected) => {
    const exchanged = await exchange();
    const closed = closeOf(exchanged.response.stream);
    exchanged.stream.resume();
    exchanged.request.resume();
    act(exchanged);
    await closed;
    expect(isWhole(exchanged.response.stream)).toBe(isExpected);
  });

  it('by a client that has its whole response, or has left before', async () => {
    for (const code of [0, 8]) {
      const { stream, request, response } = await exchange();
      const closed = closeOf(response.stream);
      response.end('all of it');
      expect(isLeftAfterEnd(request, response)).toBe(false);
      stream.close(code);
      await closed;
      expect(isLeftAfterEnd(request, response)).toBe(code !== 0);
    }
  });
});
