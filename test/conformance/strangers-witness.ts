import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

// Sees the requests of a server before Coalmine does, and says what must be counted. The rule is from the documentation, and does
// not depend on how Coalmine works: the status that counts is the status in the head that was written at the first sign that the
// client had left, or 499 if no head was written.

/** What must be counted of one request. */
export interface Expectation {
  readonly route: string;
  /** The correct statuses. There are several only if the order of two events in the kernel decides. */
  readonly statuses: readonly number[] | 'no 5xx';
  /** Whether a duration must be observed, may be, or must not be. */
  readonly duration: 'observed' | 'either' | 'withheld';
  /**
   * Whether the request may stay uncounted: Node responded by itself without an event, or Node has not seen the end of the
   * request although its client is gone.
   */
  readonly isOptional: boolean;
  /** Whether the request may still be in flight. */
  readonly isOpen: boolean;
}

/** The witness of the requests of one server. */
export interface Witness {
  /** Counts a handler as busy until its promise has settled. */
  follow<T>(result: T): T;
  /** Reports what the app did with an upgrade: the status that it wrote, or that it hung up without a status. */
  upgraded(request: IncomingMessage, status: number | undefined): void;
  /** Whether the server has accepted a connection from a port. */
  hasAccepted(remotePort: number): boolean;
  /** Whether a request on the connection from a port has not ended. */
  isBusy(remotePort: number): boolean;
  /** Whether no connection is open and no handler is busy. */
  isQuiet(): boolean;
  /** What must have been counted when the clients are gone and the server is quiet. */
  expectations(): readonly Expectation[];
  /** Closes the server with every open connection. */
  end(close: () => Promise<void>): Promise<void>;
}

type AnyRequest = IncomingMessage | Http2ServerRequest;
type AnyResponse = ServerResponse | Http2ServerResponse;

interface Seen {
  readonly route: string;
  readonly response: AnyResponse | undefined;
  readonly request: AnyRequest;
  readonly socket: Socket | undefined;
  /** Whether other responses on the same connection come before its response. */
  readonly isQueued: boolean;
  /** Whether the connection was gone when the request started: Node may still report a request that it had received before. */
  readonly isLate: boolean;
  /** Whether the client has closed its side, which may or may not mean that it left. */
  isHalfClosed: boolean;
  /** The status with which Node gave up on the connection before there was a response. */
  refusal: number | undefined;
  result: Pick<Expectation, 'statuses' | 'duration'> | undefined;
}

/** The message of Node's diagnostics channel about each HTTP/1 request, before any listener is called. */
interface Begun {
  readonly server: unknown;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

const LEFT = 499;

/** Watches a server that does not listen yet. `routeOf` names the route that a request must be counted on. */
export function createWitness(server: Server, routeOf: (method: string, url: string) => string): Witness {
  const seen = new Map<AnyRequest, Seen>();
  /** Requests that Node has started, and has not reported to a listener yet. */
  const untold = new Map<object, { readonly method: string; head(): number | undefined }>();
  const open = new Map<Socket, { readonly remotePort: number | undefined; readonly exchanges: Set<Seen> }>();
  const refusals: Expectation[] = [];
  const sockets = new Set<Socket>();
  const accepted = new Set<number | undefined>();
  let busy = 0;

  const started = (message: unknown): void => {
    const { request, response, ...begun } = message as Begun;
    if (begun.server === server) untold.set(request, { method: request.method ?? '', head: () => headOf(response) });
  };
  subscribe('http.server.request.start', started);

  // The witness sees an event before any listener, without a listener of its own.
  const { emit } = server;
  server.emit = function (this: Server, event: string, ...args: never[]): boolean {
    handlers[event]?.(...args);
    return Reflect.apply(emit, this, [event, ...args]) as boolean;
  } as Server['emit'];

  const handlers: Readonly<Record<string, (...args: never[]) => void>> = {
    connection(socket: Socket) {
      sockets.add(socket);
      accepted.add(socket.remotePort);
      socket.once('close', () => sockets.delete(socket));
    },
    stream(stream: ServerHttp2Stream, { ':method': method = '' }: IncomingHttpHeaders) {
      untold.set(stream, { method, head: () => headOfStream(stream) });
    },
    request: see,
    checkContinue: see,
    checkExpectation: (request: AnyRequest) => refused(request, 417),
    upgrade(request: IncomingMessage, _socket: Duplex) {
      seen.set(request, {
        route: unmatched(request.method ?? ''),
        request,
        socket: undefined,
        response: undefined,
        isQueued: false,
        isLate: false,
        isHalfClosed: false,
        refusal: undefined,
        result: undefined,
      });
    },
    dropRequest: (request: IncomingMessage) => refused(request, 503),
    clientError: givenUp,
  };

  return {
    follow(result) {
      busy += 1;
      Promise.resolve(result).then(
        () => {
          busy -= 1;
        },
        () => {
          busy -= 1;
        },
      );
      return result;
    },
    upgraded(request, status) {
      const upgrade = seen.get(request);
      if (upgrade === undefined) throw new Error('an upgrade that nobody saw begin');
      upgrade.result = { statuses: status === undefined ? 'no 5xx' : [status], duration: 'withheld' };
    },
    hasAccepted: (remotePort) => accepted.has(remotePort),
    isBusy(remotePort) {
      return [...open.values()].some((each) => each.remotePort === remotePort && each.exchanges.size > 0);
    },
    isQuiet: () => busy === 0 && sockets.size === 0,
    expectations() {
      const told = [...seen.values()].map((each): Expectation => {
        const isOpen = each.result === undefined && isStillOpen(each);
        // A stream may end without an event.
        const result = each.result ?? resultOf(each);
        return { route: each.route, ...result, ...(isOpen && { duration: 'either' }), isOptional: isOpen, isOpen };
      });
      const silent = [...untold.values()].map(({ method, head }): Expectation => {
        const statuses = [head() ?? LEFT];
        return { route: unmatched(method), statuses, duration: 'either', isOptional: true, isOpen: false };
      });
      return [...told, ...refusals, ...silent];
    },
    async end(close) {
      unsubscribe('http.server.request.start', started);
      for (const socket of sockets) socket.destroy();
      await close();
    },
  };

  function see(request: AnyRequest, response: AnyResponse): void {
    const { stream } = request as Http2ServerRequest;
    untold.delete(stream ?? request);
    // A listener of `checkContinue` may emit the request once more.
    if (seen.has(request)) return;
    const route = routeOf(request.method ?? '', request.url ?? '');
    const socket = (stream?.session?.socket ?? request.socket) as Socket;
    const exchange: Seen = {
      route,
      request,
      socket,
      response,
      isQueued: response.socket === null,
      isLate: socket.destroyed || stream?.closed === true,
      isHalfClosed: false,
      refusal: undefined,
      result: undefined,
    };
    seen.set(request, exchange);
    const onSocket = openOn(socket, stream === undefined);
    onSocket.add(exchange);
    const ended = (): void => {
      onSocket.delete(exchange);
      settle(exchange);
    };
    if (stream === undefined) {
      response.prependListener('close', ended);
    } else {
      stream.prependListener('aborted', () => settle(exchange));
      stream.prependListener('close', ended);
    }
  }

  /** Called when Node refuses a request with an event. */
  function refused(request: AnyRequest, status: number): void {
    untold.delete((request as Http2ServerRequest).stream ?? request);
    const route = unmatched(request.method ?? '');
    const statuses = request.socket.destroyed ? [status, LEFT] : [status];
    refusals.push({ route, statuses, duration: 'either', isOptional: false, isOpen: false });
  }

  /** Returns the open requests of a connection. The witness watches the ends of a connection from its first request on. */
  function openOn(socket: Socket, isHttp1: boolean): Set<Seen> {
    const known = open.get(socket);
    if (known !== undefined) return known.exchanges;
    const exchanges = new Set<Seen>();
    open.set(socket, { remotePort: socket.remotePort, exchanges });
    if (isHttp1) {
      socket.prependListener('end', () => {
        for (const each of exchanges) if (!hasHead(each)) each.isHalfClosed = true;
      });
      // This is the definite sign, before Node tells the requests and the app.
      socket.prependListener('close', () => {
        for (const each of exchanges) settle(each);
        open.delete(socket);
      });
    } else {
      socket.prependListener('close', () => open.delete(socket));
    }
    return exchanges;
  }

  /** Returns whether the server has no sign that a client is gone: Node has no sign for a session that it neither reads nor writes. */
  function isStillOpen({ request, socket }: Seen): boolean {
    const { stream } = request as Http2ServerRequest;
    return stream?.closed !== true && socket !== undefined && open.has(socket);
  }

  /** Called when Node gives up on a connection: requests without a head get the status that Node writes, or nothing. */
  function givenUp(error: NodeJS.ErrnoException, socket: Socket): void {
    const exchanges = [...(open.get(socket)?.exchanges ?? [])];
    for (const exchange of exchanges) {
      if (hasHead(exchange) && !isPending(exchange)) settle(exchange);
      if (exchange.result !== undefined) continue;
      exchange.refusal = statusOfRefusal(error);
      if (exchange.refusal === undefined) settle(exchange);
      // If there are several requests, nobody can say which of them Node has refused, or whether it has refused a complete request.
      else if (exchanges.length === 1 && isRefusedInBody(exchange, error, socket)) {
        exchange.result = { statuses: [exchange.refusal], duration: 'either' };
      }
    }
  }
}

/** Returns whether an unfinished response had to wait for its turn, so that its head may have reached nobody. */
function isPending({ isQueued, response, request }: Seen): boolean {
  return isQueued && response !== undefined && (!response.writableEnded || isLost(request, response));
}

/**
 * Returns whether a response has reached nobody, although the app may have ended it: a TLS connection is destroyed a while before it
 * closes, and the app may end the response in between.
 */
function isLost(request: AnyRequest, response: AnyResponse): boolean {
  return isEncrypted(request) && !response.writableFinished;
}

/** Returns whether Node found a mistake in a body, and could respond to it. */
function isRefusedInBody({ request }: Seen, { code }: NodeJS.ErrnoException, socket: Socket): boolean {
  return code?.startsWith('HPE_') === true && socket.writable && !(request as IncomingMessage).complete;
}

/** Decides once what must be counted for an exchange, from what can be seen at this time. */
function settle(exchange: Seen): void {
  exchange.result ??= resultOf(exchange);
}

function resultOf(exchange: Seen): NonNullable<Seen['result']> {
  const { request, response, isLate, isHalfClosed, refusal } = exchange;
  const head = response && statusOfHead(response);
  if (refusal !== undefined) {
    const isAnswered = head !== undefined && ((request as IncomingMessage).complete || isPending(exchange));
    return { statuses: [refusal, LEFT, ...(isAnswered ? [head] : [])], duration: 'either' };
  }
  if (response === undefined || head === undefined) return { statuses: [LEFT], duration: 'withheld' };
  const isStream = /event-stream/.test(String(contentTypeOf(response)));
  const isMoot = isHalfClosed || isLate;
  return {
    statuses: isMoot || isPending(exchange) ? [head, LEFT] : [head],
    duration: isStream
      ? 'withheld'
      : response.writableEnded && !isMoot && !isLost(request, response)
        ? 'observed'
        : 'either',
  };
}

function isEncrypted({ socket }: AnyRequest): boolean {
  return (socket as Partial<TLSSocket> | null)?.encrypted === true;
}

/** Returns the route of a request that no route matches. Methods that no standard defines have one name. */
export function unmatched(method: string): string {
  return `${/^(GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH)$/.test(method) ? method : '_OTHER'} (unmatched)`;
}

function hasHead({ response }: Seen): boolean {
  return response !== undefined && statusOfHead(response) !== undefined;
}

function statusOfHead(response: AnyResponse): number | undefined {
  const { stream } = response as Http2ServerResponse;
  return stream === undefined || stream === null ? headOf(response as ServerResponse) : headOfStream(stream);
}

/** Returns the status in the head of a response, which can differ from `statusCode`. */
function headOf(response: ServerResponse): number | undefined {
  const head = (response as unknown as { _header: string | null })._header;
  const status = /^HTTP\/1\.1 (\d{3})/.exec(head ?? '')?.[1];
  return status === undefined ? undefined : Number(status);
}

function headOfStream(stream: ServerHttp2Stream): number | undefined {
  const status = stream.sentHeaders?.[':status'];
  return status === undefined || !stream.headersSent ? undefined : Number(status);
}

function contentTypeOf(response: AnyResponse): unknown {
  const { stream } = response as Http2ServerResponse;
  return stream?.sentHeaders?.['content-type'] ?? (response as unknown as { _header: string | null })._header;
}

/** Returns the status that Node, or Fastify in its place, writes to a client that it gives up on. There is none for a client that has left. */
function statusOfRefusal({ code, syscall }: NodeJS.ErrnoException): number | undefined {
  if (syscall !== undefined || code === 'ECONNRESET' || code === 'HPE_INVALID_EOF_STATE') return undefined;
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return 413;
  return 400;
}
