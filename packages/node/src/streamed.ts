import type { ServerResponse } from 'node:http';
import { type Request, type Response, statusOf } from './http.js';
import type { HttpExchange } from './http-exchange.js';

/** Whether the lifetime of a response whose head is out is no latency. */
export function isStreamed({ request, stream, status }: HttpExchange, response: Response): boolean {
  if (stream !== undefined && request.method === 'CONNECT') return opensTunnel(request, status || statusOf(response));
  return isEventStream(request, response);
}

/** Whether the connection of a request lives on after a response with this status. */
export function opensTunnel({ method }: Request, status: number): boolean {
  return status === 101 || (method === 'CONNECT' && status >= 200 && status < 300);
}

/**
 * Whether a response whose headers have been sent is an event stream: its lifetime is not a latency.
 * Source: WHATWG HTML, server-sent events (`text/event-stream`).
 */
function isEventStream(request: Request, response: Response): boolean {
  const { chunkedEncoding, _header: head } = response as ServerResponse & { readonly _header?: string | null };
  // Known only once headers have been sent. A body of known length is not a stream, and this check spares most
  // responses the search. Bun keeps no head, and calls no body chunked.
  if (chunkedEncoding === false && typeof head === 'string' && request.httpVersion !== '1.0') return false;
  const type = response.getHeader('content-type');
  if (typeof type === 'string') return /^text\/event-stream\b/i.test(type);
  // Headers that are given only to writeHead() are kept nowhere but in the head.
  return typeof head === 'string' && /^content-type:[ \t]*text\/event-stream\b/im.test(head);
}
