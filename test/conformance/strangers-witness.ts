import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

// Sees what a server is asked before Coalmine does, and says what must be counted of it. The rule is that of the
// documents, and knows nothing of how Coalmine goes about it: what counts is the status in the head that was written when
// the first sign came that the client had left, and 499 where none was.

/** What must be counted of one request. */
export interface Expectation {
  readonly route: string;
  /** The statuses that would be right; several only where the order of two events in the kernel decides. */
  readonly statuses: readonly number[] | 'no 5xx';
  /** Whether a duration must be observed, may be, or must not be. */
  readonly duration: 'observed' | 'either' | 'withheld';
  /**
   * Whether it may go uncounted: Node answered it by itself and has no event for it, or Node has seen no end of it, though
   * its client is gone.
   */
  readonly isOptional: boolean;
  /** Whether it may still be in flight. */
  readonly isOpen: boolean;
}

/** What sees the requests of one server. */
export interface Witness {
  /** Counts a handler as busy until what it returned has settled. */
  follow<T>(result: T): T;
  /** Says what the app did with an upgrade: the status that it wrote, or that it hung up without one. */
  upgraded(request: IncomingMessage, status: number | undefined): void;
  /** Whether the server has accepted a connection from a port. */
  hasAccepted(remotePort: number): boolean;
  /** Whether something that was asked on the connection from a port has not ended. */
  isBusy(remotePort: number): boolean;
  /** Whether no connection is open and no handler busy. */
  isQuiet(): boolean;
  /** What must have been counted, once the clients are gone and the server is quiet. */
  expectations(): readonly Expectation[];
  /** Closes the server, with every connection that is left. */
  end(close: () => Promise<void>): Promise<void>;
}

type AnyRequest = IncomingMessage | Http2ServerRequest;
type AnyResponse = ServerResponse | Http2ServerResponse;

interface Seen {
  readonly route: string;
  readonly response: AnyResponse | undefined;
  readonly request: AnyRequest;
  readonly socket: Socket | undefined;
  /** Whether answers on the same connection come before its own. */
  readonly isQueued: boolean;
  /** Whether the connection was gone when it began: Node may hand out what had come on it before. */
  readonly isLate: boolean;
  /** Whether the client has closed its side, which may or may not mean that it left. */
  isHalfClosed: boolean;
  /** The status with which Node gave up on the connection before there was any answer. */
  refusal: number | undefined;
  result: Pick<Expectation, 'statuses' | 'duration'> | undefined;
}

/** What Node says on its diagnostics channel of each request of HTTP/1, before anybody is asked. */
interface Begun {
  readonly server: unknown;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

const LEFT = 499;

/** Watches a server that does not listen yet. `routeOf` names the route that a request must be counted on. */
export function createWitness(server: Server, routeOf: (method: string, url: string) => string): Witness {
  const seen = new Map<AnyRequest, Seen>();
  /** Requests that Node has begun and has told nobody of, so far. */
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

  // An event is seen here before any listener has it, and nobody's listeners are more or fewer for that.
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
        // A stream may have gone without an event.
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
    // Who takes `checkContinue` may emit the request once more.
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

  /** Node refuses a request, and has an event for it. */
  function refused(request: AnyRequest, status: number): void {
    untold.delete((request as Http2ServerRequest).stream ?? request);
    const route = unmatched(request.method ?? '');
    const statuses = request.socket.destroyed ? [status, LEFT] : [status];
    refusals.push({ route, statuses, duration: 'either', isOptional: false, isOpen: false });
  }

  /** What is open on a connection, the ends of which are watched from its first request on. */
  function openOn(socket: Socket, isHttp1: boolean): Set<Seen> {
    const known = open.get(socket);
    if (known !== undefined) return known.exchanges;
    const exchanges = new Set<Seen>();
    open.set(socket, { remotePort: socket.remotePort, exchanges });
    if (isHttp1) {
      socket.prependListener('end', () => {
        for (const each of exchanges) if (!hasHead(each)) each.isHalfClosed = true;
      });
      // The definite sign, before Node tells the requests and the app of it.
      socket.prependListener('close', () => {
        for (const each of exchanges) settle(each);
        open.delete(socket);
      });
    } else {
      socket.prependListener('close', () => open.delete(socket));
    }
    return exchanges;
  }

  /** Whether the server has no sign that a client is gone: Node has none of a session that it neither reads nor writes. */
  function isStillOpen({ request, socket }: Seen): boolean {
    const { stream } = request as Http2ServerRequest;
    return stream?.closed !== true && socket !== undefined && open.has(socket);
  }

  /** Node gives up on a connection: what has no head yet gets the status that Node writes, or nothing. */
  function givenUp(error: NodeJS.ErrnoException, socket: Socket): void {
    const exchanges = [...(open.get(socket)?.exchanges ?? [])];
    for (const exchange of exchanges) {
      if (hasHead(exchange) && !isPending(exchange)) settle(exchange);
      if (exchange.result !== undefined) continue;
      exchange.refusal = statusOfRefusal(error);
      if (exchange.refusal === undefined) settle(exchange);
      // Of several, nobody can say which one Node has refused, nor whether one that is complete has been.
      else if (exchanges.length === 1 && isRefusedInBody(exchange, error, socket)) {
        exchange.result = { statuses: [exchange.refusal], duration: 'either' };
      }
    }
  }
}

/** Whether an answer that has not ended had to wait for its turn, so that its head may have reached nobody. */
function isPending({ isQueued, response }: Seen): boolean {
  return isQueued && response?.writableEnded === false;
}

/** Whether Node found a mistake in a body, and could say so. */
function isRefusedInBody({ request }: Seen, { code }: NodeJS.ErrnoException, socket: Socket): boolean {
  return code?.startsWith('HPE_') === true && socket.writable && !(request as IncomingMessage).complete;
}

/** Settles what must be counted of an exchange by what can be seen now, once. */
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
  // A TLS connection is destroyed a while before it closes: an answer may end in between, for nobody.
  const isLost = isEncrypted(request) && !response.writableFinished;
  const isMoot = isHalfClosed || isLate;
  return {
    statuses: isMoot || isPending(exchange) ? [head, LEFT] : [head],
    duration: isStream ? 'withheld' : response.writableEnded && !isMoot && !isLost ? 'observed' : 'either',
  };
}

function isEncrypted({ socket }: AnyRequest): boolean {
  return (socket as Partial<TLSSocket> | null)?.encrypted === true;
}

/** The route of what no route matches. Methods that are no standard's have one name. */
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

/** The status in the head of a response, which `statusCode` need not be. */
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

/** What Node, and Fastify in its place, writes to a client that it gives up on; nothing to one that has left. */
function statusOfRefusal({ code, syscall }: NodeJS.ErrnoException): number | undefined {
  if (syscall !== undefined || code === 'ECONNRESET' || code === 'HPE_INVALID_EOF_STATE') return undefined;
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return 413;
  return 400;
}
