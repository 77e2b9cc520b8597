import type { Response } from './http.js';
import type { HttpExchange } from './http-exchange.js';

/** Notes a part of the body that the app has written before the end of its response. */
export function addPart(exchange: HttpExchange, response: Response, part: unknown, encoding: unknown): void {
  if (announcedLength(exchange, response) > 0) exchange.bodyLength += lengthOf(part, encoding);
}

/**
 * Whether the app has ended a response before the body was as long as its `Content-Length`: the client waits for the rest, in
 * vain. Call it at the end, with the arguments of `end()`. A response whose head was made before its exchange began is not known
 * well enough.
 * Source: RFC 9112 section 8, RFC 9113 section 8.1.1 (incomplete and malformed messages).
 */
export function isCutShort(exchange: HttpExchange, response: Response, last: unknown, encoding: unknown): boolean {
  const announced = announcedLength(exchange, response);
  if (!(announced > 0) || !exchange.hasHead) return false;
  // No encoding of a text that is not its own has fewer bytes than characters, so most texts are not measured.
  if (typeof last === 'string' && typeof encoding !== 'string' && last.length >= announced) return false;
  // The end() of HTTP/2 has passed its part to write().
  const length = exchange.bodyLength + (exchange.stream === undefined ? lengthOf(last, encoding) : 0);
  if (length >= announced) return false;
  return hasBody(exchange, response);
}

/** Whether a response can have a body: its request is no `HEAD`, and its status is not 204 or 304. */
function hasBody({ stream, status }: HttpExchange, response: Response): boolean {
  // The app may have changed the method of the request.
  if (stream === undefined) return (response as { readonly _hasBody?: boolean })._hasBody !== false;
  const { headRequest: isHead } = stream as { readonly headRequest?: boolean };
  return isHead !== true && status !== 204 && status !== 304;
}

/** Returns the `Content-Length` of a head that has been made; `NaN`, `null` or `undefined` without one. */
function announcedLength({ stream }: HttpExchange, response: Response): number {
  // Node keeps no other trace of a header that is given only to writeHead(). Bun keeps none.
  if (stream === undefined) return (response as { readonly _contentLength?: number })._contentLength as number;
  return Number(response.getHeader('content-length'));
}

/** Returns the number of bytes of a part; 0 for what Node does not take as a part. */
function lengthOf(part: unknown, encoding: unknown): number {
  if (typeof part === 'string') return Buffer.byteLength(part, encoding as BufferEncoding);
  return part instanceof Uint8Array ? part.byteLength : 0;
}
