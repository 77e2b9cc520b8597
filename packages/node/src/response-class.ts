import { ServerResponse } from 'node:http';
import { firstExchange } from './exchange-link.js';
import type { Response } from './http.js';
import type { HttpExchange } from './http-exchange.js';

// Copies of this package share the hooks.
const WATCHED = Symbol.for('coalmine.response-class.1');

/** The methods of a class of responses through which every answer goes. */
interface ResponseClass {
  writeHead(this: Response, status: number, ...rest: [message?: unknown, headers?: unknown]): unknown;
  end(this: Response, chunk?: unknown, encoding?: unknown, callback?: unknown): unknown;
}

/**
 * Has the responses of a class tell their exchanges when their head is made, and when the app ends them. By default,
 * those of `node:http`. Once for a class is enough.
 *
 * `close` comes when the client has read the answer, which may be much later or never, and `finish` when the kernel has
 * taken it: only `end()` says when the app was done. And `statusCode` may be set to anything once the head is out.
 */
export function watchResponses(responseClass: ResponseClass = ServerResponse.prototype as never): void {
  if (Object.hasOwn(responseClass, WATCHED)) return;
  Object.defineProperty(responseClass, WATCHED, { value: true });
  const { writeHead, end } = responseClass;

  // Parameters are written out, since a list of them would be made for each call.
  responseClass.writeHead = function (status, message, headers) {
    const returned = writeHead.call(this, status, message, headers);
    let exchange = firstExchange(this);
    for (; exchange !== undefined; exchange = exchange.sibling) exchange.owner.headed(exchange, this);
    return returned;
  };

  responseClass.end = function (chunk, encoding, callback) {
    const returned = end.call(this, chunk, encoding, callback);
    let exchange: HttpExchange | undefined = firstExchange(this);
    for (; exchange !== undefined; exchange = exchange.sibling) exchange.owner.ended(exchange, this);
    return returned;
  };
}
