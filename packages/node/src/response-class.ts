import { ServerResponse } from 'node:http';
import { firstExchange } from './exchange-link.js';
import type { Response } from './http.js';
import type { HttpExchange } from './http-exchange.js';
import { copyName } from './method-name.js';

// Copies of this package share the hooks.
const WATCHED = Symbol.for('coalmine.response-class.1');

/** The methods of a class of responses that every response goes through. */
interface ResponseClass {
  writeHead(this: Response, status: number, ...rest: [message?: unknown, headers?: unknown]): unknown;
  end(this: Response, chunk?: unknown, encoding?: unknown, callback?: unknown): unknown;
}

/**
 * Makes the responses of a class report to their exchanges when their head is made, and when the app ends them. The
 * default is the class of `node:http`. Once for a class is enough.
 *
 * `close` comes when the client has read the response, which may be much later or never, and `finish` when the kernel
 * has taken it. Only `end()` says when the app was done. And `statusCode` may be set to anything once the head has been
 * sent.
 */
export function watchResponses(responseClass: ResponseClass = ServerResponse.prototype as never): void {
  if (Object.hasOwn(responseClass, WATCHED)) return;
  Object.defineProperty(responseClass, WATCHED, { value: true });
  const { writeHead, end } = responseClass;

  // Parameters are written out, because a rest parameter would create an array for each call.
  responseClass.writeHead = copyName(writeHead, function (status, message, headers) {
    const returned = writeHead.call(this, status, message, headers);
    let exchange = firstExchange(this);
    // Node takes other numbers, and texts, as well.
    const made = exchange === undefined || Number.isInteger(status) ? status : this.statusCode;
    for (; exchange !== undefined; exchange = exchange.sibling) exchange.owner.headed(exchange, made);
    return returned;
  });

  responseClass.end = copyName(end, function (chunk, encoding, callback) {
    const returned = end.call(this, chunk, encoding, callback);
    let exchange: HttpExchange | undefined = firstExchange(this);
    for (; exchange !== undefined; exchange = exchange.sibling) exchange.owner.ended(exchange, this);
    return returned;
  });
}
