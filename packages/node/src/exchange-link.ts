import type { AnyMessage, Request, Response } from './http.js';
import type { HttpExchange } from './http-exchange.js';

// On the carrier of each request that has started. Copies of this package share the links.
const EXCHANGE: unique symbol = Symbol.for('coalmine.exchange.1') as never;
// On the global object. Copies of this package share what was found last.
const LATEST: unique symbol = Symbol.for('coalmine.exchange.latest.1') as never;

interface Carrier {
  [EXCHANGE]?: HttpExchange | undefined;
}

/** The messages that were asked for last, and their first exchange. */
interface Latest {
  request: Request | undefined;
  response: Response | undefined;
  exchange: HttpExchange | undefined;
}

// Express changes the prototype of each request and response. Before Node 24, V8 then gives each of them a hidden class
// of its own, so that each read of a property costs some 2 µs, and each new property more. To compare the message costs
// nothing.
const holder = globalThis as { [LATEST]?: Latest };
holder[LATEST] ??= { request: undefined, response: undefined, exchange: undefined };
const latest: Latest = holder[LATEST];

/** Links an exchange to its request, beside the exchanges of other services that count the same request. */
export function link(exchange: HttpExchange, request: Request): void {
  const carrier: Carrier = carrierOf(request);
  exchange.sibling = carrier[EXCHANGE];
  carrier[EXCHANGE] = exchange;
  remember(exchange);
}

/** Returns the first exchange of a request. */
export function exchangeOfRequest(request: Request): HttpExchange | undefined {
  return request === latest.request ? latest.exchange : (carrierOf(request) as Carrier)[EXCHANGE];
}

/** Returns the first exchange of a request, or of the request that a response belongs to. */
export function firstExchange(message: Request | Response): HttpExchange | undefined {
  if (message === latest.response || message === latest.request) return latest.exchange;
  // A response has its request.
  const request = (message as { readonly req?: Request }).req ?? (message as Request);
  const found = (carrierOf(request) as Carrier)[EXCHANGE];
  if (found !== undefined) remember(found);
  return found;
}

/**
 * Returns the first exchange of a request or a response of Node, or of a framework that keeps that of Node in `raw`. Returns
 * `undefined` for anything else.
 */
export function exchangeOfMessage(message: AnyMessage): HttpExchange | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  return firstExchange(message as Request) ?? firstExchange(((message as { raw?: unknown }).raw ?? {}) as Request);
}

/**
 * Returns the object on which something is kept for a request: the state of its stream, which only Node writes to, and
 * whose hidden class stays the same; otherwise the request.
 */
export function carrierOf(request: object): object {
  return (request as { readonly _readableState?: object })._readableState ?? request;
}

/** Makes an exchange that is over be kept by nothing but its request. */
export function forget(exchange: HttpExchange): void {
  if (latest.exchange?.request !== exchange.request) return;
  latest.request = undefined;
  latest.response = undefined;
  latest.exchange = undefined;
}

function remember(exchange: HttpExchange): void {
  latest.request = exchange.request;
  latest.response = exchange.response;
  latest.exchange = exchange;
}
