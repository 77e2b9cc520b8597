import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ServerBacklog } from './backlog.js';
import type { Request } from './http.js';
import type { Exchanges } from './http-exchange.js';
import { noteClientError } from './outcome.js';

/** The servers whose requests are counted. */
export interface Servers {
  /**
   * Watches a server, once, for requests that never reach a handler: upgrades, and requests that Node refuses by
   * itself.
   */
  watch(server: Server): void;
  /** Watches a server, once, and starts the exchange of each request before any other listener sees it. */
  attach(server: Server): void;
}

// biome-ignore lint/suspicious/noExplicitAny: each event has arguments of its own.
type Listener = (...args: any[]) => void;

// A listener of ours that does what Node does without listeners, if it is the only one.
const STANDS_IN: unique symbol = Symbol.for('coalmine.stands-in.1') as never;

/**
 * Creates the servers. Calls `found` with each server when it is first watched, and `exclude` with each request that Socket.IO
 * responds to before the app.
 */
export function createServers(
  exchanges: Exchanges,
  found: (server: Server) => void,
  exclude: (request: IncomingMessage) => void,
): Servers {
  const watched = new WeakSet<Server>();
  const attached = new WeakSet<Server>();
  const begin = (request: IncomingMessage, response: ServerResponse): void => {
    exchanges.begin(request, response);
  };

  // HTTP/2 has a response for a CONNECT.
  const beginTunnel = (request: IncomingMessage, peer: Duplex | ServerResponse): void => {
    if ('stream' in request) exchanges.begin(request, peer as ServerResponse);
    else exchanges.beginUpgrade(request, peer as Duplex);
  };

  const heard = new Map<unknown, Listener>([
    ['upgrade', exchanges.beginUpgrade],
    ['connect', beginTunnel],
    ['checkContinue', begin],
    ['clientError', noteClientError],
  ]);

  return {
    watch,
    attach(server) {
      if (attached.has(server)) return;
      attached.add(server);
      server.prependListener('request', begin);
      server.on('request', (request) => {
        if (isOfSocketIo(request)) exclude(request);
      });
      watch(server);
    },
  };

  function watch(server: Server): void {
    if (watched.has(server)) return;
    watched.add(server);
    hearBeforeListeners(server, heard);
    const backlog = new ServerBacklog(server);
    server.on('connection', (socket: Socket) => exchanges.accepted(socket, backlog));
    server.on('dropRequest', (request: IncomingMessage) => exchanges.refuse(request, 503));
    server.prependListener('checkExpectation', expectationListener(server, begin));
    noticeConnect(server, exchanges.refuseConnect);
    found(server);
  }
}

/**
 * Calls `refused` when Node is about to destroy a connection because of a CONNECT without a listener. Node has no event
 * for that, but then asks the server for its listeners. A listener of ours would change what happens to the connection.
 */
function noticeConnect(server: Server, refused: () => void): void {
  const { listenerCount } = server;
  server.listenerCount = function (this: Server, ...args: Parameters<typeof listenerCount>): number {
    const count = listenerCount.apply(this, args);
    if (args[0] === 'connect' && count === 0) refused();
    return count;
  };
}

/**
 * Whether Socket.IO responds to a request, because it was attached to the server first. It keeps the query on each of its
 * requests. A long poll takes as long as nothing happens, which is no duration of the service.
 */
function isOfSocketIo(request: object): boolean {
  const { _query: query } = request as { readonly _query?: unknown };
  return typeof query === 'object' && query !== null && 'EIO' in query;
}

/** Whether a value is a server, rather than an app of a framework. */
export function isServer(value: unknown): value is Server {
  const { prependListener, address } = Object(value) as Partial<Server>;
  return typeof value === 'object' && typeof prependListener === 'function' && typeof address === 'function';
}

/** Returns the server that a request came to. */
export function serverOf({ socket }: Pick<Request, 'socket'>): Server | undefined {
  return (socket as { server?: Server } | null | undefined)?.server;
}

/**
 * Calls the functions in `heard` before the listeners of their events, for as long as an event has listeners.
 *
 * A listener of ours would change what the server does. Only without a listener does Node serve an upgrade as a plain
 * request, respond to a malformed request, and send `100 Continue`. And `@fastify/http-proxy` counts the listeners for
 * upgrades, and leaves an unknown path to the others.
 */
function hearBeforeListeners(server: Server, heard: ReadonlyMap<unknown, Listener>): void {
  const emit = server.emit as (event: string | symbol, ...args: unknown[]) => boolean;
  server.emit = function (this: Server, event: string | symbol, ...args: unknown[]): boolean {
    const hear = heard.get(event);
    if (hear !== undefined && this.listenerCount(event) > 0) hear(...args);
    return emit.call(this, event, ...args);
  };
}

/**
 * Starts the exchange of a request with an expectation other than `100-continue`, and refuses the request as Node does if
 * no other listener would.
 */
function expectationListener(server: Server, begin: Listener): Listener {
  const listener: Listener = (request: IncomingMessage, response: ServerResponse) => {
    begin(request, response);
    const listeners = server.listeners('checkExpectation') as Listener[];
    const first = listeners.find((each) => STANDS_IN in each);
    const hasOthers = listeners.some((each) => !(STANDS_IN in each));
    if (hasOthers || first !== listener) return;
    response.writeHead(417);
    response.end();
  };
  return Object.assign(listener, { [STANDS_IN]: true });
}
