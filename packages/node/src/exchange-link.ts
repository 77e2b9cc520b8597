import type { Request, Response } from './http.js';
import type { HttpExchange } from './http-exchange.js';

// On each request that has begun. Copies of this package share the links.
const EXCHANGE: unique symbol = Symbol.for('coalmine.exchange.1') as never;
// On the global object. Copies of this package share what was found last.
const LATEST: unique symbol = Symbol.for('coalmine.exchange.latest.1') as never;

interface Linked {
  [EXCHANGE]?: HttpExchange | undefined;
  /** The request of a response. */
  readonly req?: Linked;
}

/** The messages that were asked for last, and their first exchange. */
interface Latest {
  request: Request | undefined;
  response: Response | undefined;
  exchange: HttpExchange | undefined;
}

// Express changes the prototype of each request and response. Before Node 24, V8 then gives each of them a hidden class
// of its own, so that each read of a property costs some 2 µs. To compare the message costs nothing.
const holder = globalThis as { [LATEST]?: Latest };
holder[LATEST] ??= { request: undefined, response: undefined, exchange: undefined };
const latest: Latest = holder[LATEST];

/** Links an exchange to its request, beside the exchanges of other services that count the same request. */
export function link(exchange: HttpExchange, request: Request): void {
  exchange.sibling = exchangeOfRequest(request);
  (request as unknown as Linked)[EXCHANGE] = exchange;
  remember(exchange);
}

/** Returns the first exchange of a request. */
export function exchangeOfRequest(request: Request): HttpExchange | undefined {
  return request === latest.request ? latest.exchange : (request as unknown as Linked)[EXCHANGE];
}

/** Returns the first exchange of a request, or of the request that a response belongs to. */
export function firstExchange(message: Request | Response): HttpExchange | undefined {
  if (message === latest.response || message === latest.request) return latest.exchange;
  const linked = message as unknown as Linked;
  // A response has its request, and a request of Express has its response, too.
  const found = linked[EXCHANGE] ?? linked.req?.[EXCHANGE];
  if (found !== undefined) remember(found);
  return found;
}

function remember(exchange: HttpExchange): void {
  latest.request = exchange.request;
  latest.response = exchange.response;
  latest.exchange = exchange;
}
