import type { ServerResponse } from 'node:http';
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
 * Source: RFC 9112 sections 6.3 and 8, RFC 9113 section 8.1.1 (incomplete and malformed messages).
 */
export function isCutShort(exchange: HttpExchange, response: Response, last: unknown, encoding: unknown): boolean {
  const announced = announcedLength(exchange, response);
  if (!(announced > 0) || !exchange.hasHead) return false;
  // No encoding of a text that is not its own has fewer bytes than characters, so most texts are not measured.
  if (typeof last === 'string' && typeof encoding !== 'string' && last.length >= announced) return false;
  // The end() of HTTP/2 has passed its part to write().
  const length = exchange.bodyLength + (exchange.stream === undefined ? lengthOf(last, encoding) : 0);
  if (length >= announced) return false;
  return hasMeasuredBody(exchange, response);
}

/**
 * Whether the `Content-Length` of a response says where its body ends: its request is no `HEAD`, its status is not 204 or
 * 304, and its body is not chunked.
 */
function hasMeasuredBody({ stream, status }: HttpExchange, response: Response): boolean {
  if (stream === undefined) {
    // The app may have changed the method of the request.
    const { _hasBody: hasBody, chunkedEncoding } = response as ServerResponse & { readonly _hasBody?: boolean };
    return hasBody !== false && !chunkedEncoding;
  }
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
  if (typeof part === 'string') {
    // If there is no body, Node accepts any value as the encoding, even one that cannot become a text.
    return Buffer.byteLength(part, typeof encoding === 'string' ? (encoding as BufferEncoding) : undefined);
  }
  // Bytes from another context (`node:vm`) are no instance of our Uint8Array. HTTP/2 accepts every kind of array.
  return ArrayBuffer.isView(part) ? part.byteLength : 0;
}
