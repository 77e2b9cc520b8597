import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';

/** A request of `node:http`, of the compatibility API of `node:http2`, or one that `light-my-request` injects. */
export type Request = IncomingMessage | Http2ServerRequest;
