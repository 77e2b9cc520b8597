import { ServerResponse } from 'node:http';
import { addPart, isCutShort } from './body-length.js';
import { firstExchange } from './exchange-link.js';
import type { Response } from './http.js';
import type { HttpExchange } from './http-exchange.js';
import { copyName } from './method-name.js';

// Copies of this package share the hooks.
const WATCHED = Symbol.for('coalmine.response-class.1');

/** The methods of a class of responses that every response goes through. */
interface ResponseClass {
  writeHead(this: Response, status: number, ...rest: [message?: unknown, headers?: unknown]): unknown;
  write(this: Response, chunk: unknown, encoding?: unknown, callback?: unknown): unknown;
  end(this: Response, chunk?: unknown, encoding?: unknown, callback?: unknown): unknown;
}

/**
 * Makes the responses of a class report to their exchanges when their head is made, how long their body is, and when the app
 * ends them. The default is the class of `node:http`. Once for a class is enough.
 *
 * `close` comes when the client has read the response, which may be much later or never, and `finish` when the kernel
 * has taken it. Only `end()` says when the app was done. And `statusCode` may be set to anything once the head has been
 * sent.
 */
export function watchResponses(responseClass: ResponseClass = ServerResponse.prototype as never): void {
  if (Object.hasOwn(responseClass, WATCHED)) return;
  Object.defineProperty(responseClass, WATCHED, { value: true });
  const { writeHead, write, end } = responseClass;

  // Parameters are written out, because a rest parameter would create an array for each call.
  responseClass.writeHead = copyName(writeHead, function (status, message, headers) {
    const returned = writeHead.call(this, status, message, headers);
    let exchange = firstExchange(this);
    // Node takes other numbers, and texts, as well.
    const made = exchange === undefined || Number.isInteger(status) ? status : this.statusCode;
    for (; exchange !== undefined; exchange = exchange.sibling) exchange.owner.headed(exchange, made);
    return returned;
  });

  responseClass.write = copyName(write, function (chunk, encoding, callback) {
    const returned = write.call(this, chunk, encoding, callback);
    let exchange = firstExchange(this);
    for (; exchange !== undefined; exchange = exchange.sibling) addPart(exchange, this, chunk, encoding);
    return returned;
  });

  responseClass.end = copyName(end, function (chunk, encoding, callback) {
    const returned = end.call(this, chunk, encoding, callback);
    let exchange: HttpExchange | undefined = firstExchange(this);
    for (; exchange !== undefined; exchange = exchange.sibling) {
      if (exchange.state === 'open') exchange.isCutShort = isCutShort(exchange, this, chunk, encoding);
      exchange.owner.ended(exchange, this);
    }
    return returned;
  });
}
