import type { ServerResponse } from 'node:http';
import type { Request, Response } from './http.js';

/**
 * Whether a response whose headers are out is an event stream: its lifetime is no latency.
 * Source: WHATWG HTML, server-sent events (`text/event-stream`).
 */
export function isEventStream(request: Request, response: Response): boolean {
  const { chunkedEncoding, _header: head } = response as ServerResponse & { readonly _header?: string | null };
  // Known only once headers are out. A body of known length is none, and this spares most responses the search. Bun keeps no
  // head, and calls no body chunked.
  if (chunkedEncoding === false && typeof head === 'string' && request.httpVersion !== '1.0') return false;
  const type = response.getHeader('content-type');
  if (typeof type === 'string') return /^text\/event-stream\b/i.test(type);
  // Headers given to writeHead() alone are kept nowhere but in the head.
  return typeof head === 'string' && /^content-type:[ \t]*text\/event-stream\b/im.test(head);
}
