import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';

/** A request of `node:http`, or of the compatibility API of `node:http2`. */
export type Request = IncomingMessage | Http2ServerRequest;
/** A response of `node:http`, or of the compatibility API of `node:http2`. */
export type Response = ServerResponse | Http2ServerResponse;
/** What `http.createServer` takes. */
export type Listener<Req extends Request = IncomingMessage, Res extends Response = ServerResponse> = (
  request: Req,
  response: Res,
) => unknown;
