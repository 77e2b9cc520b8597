import type { Request, Response } from './http.js';
import type { HttpExchange } from './http-exchange.js';

// On each request that has begun. Copies of this package share the links.
const EXCHANGE: unique symbol = Symbol.for('coalmine.exchange.1') as never;

interface Linked {
  [EXCHANGE]?: HttpExchange | undefined;
  /** The request of a response. */
  readonly req?: Linked;
}

/** Links an exchange to its request, beside the exchanges of other services that count the same request. */
export function link(exchange: HttpExchange, request: Request): void {
  const linked = request as unknown as Linked;
  exchange.sibling = linked[EXCHANGE];
  linked[EXCHANGE] = exchange;
}

/** Returns the first exchange of a request, or of the request that a response belongs to. */
export function firstExchange(message: Request | Response): HttpExchange | undefined {
  const linked = message as unknown as Linked;
  // A response has its request, and a request of Express has its response, too.
  return linked[EXCHANGE] ?? linked.req?.[EXCHANGE];
}
