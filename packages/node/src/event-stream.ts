import type { ServerResponse } from 'node:http';
import type { Request, Response } from './http.js';

/**
 * Whether a response whose headers are out is an event stream: its lifetime is no latency.
 * Source: WHATWG HTML, server-sent events (`text/event-stream`).
 */
export function isEventStream(request: Request, response: Response): boolean {
  // Known only once headers are out. A body of known length is none, and this spares most responses the search.
  if ((response as ServerResponse).chunkedEncoding === false && request.httpVersion !== '1.0') return false;
  const type = response.getHeader('content-type');
  if (typeof type === 'string') return /^text\/event-stream\b/i.test(type);
  // Headers given to writeHead() alone are kept nowhere but in the header block.
  const { _header: block } = response as { _header?: unknown };
  return typeof block === 'string' && /^content-type:[ \t]*text\/event-stream\b/im.test(block);
}
