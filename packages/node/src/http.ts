import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';

/** A request of `node:http`, or of the compatibility API of `node:http2`. */
export type Request = IncomingMessage | Http2ServerRequest;
/** A response of `node:http`, or of the compatibility API of `node:http2`. */
export type Response = ServerResponse | Http2ServerResponse;
/** A message of `node:http` or `node:http2`, or the request or reply of Fastify, which have it as `raw`. */
export type AnyMessage = Request | Response | { readonly raw: Request | Response };
/** The listener that `http.createServer` takes. */
export type Listener<Req extends Request = IncomingMessage, Res extends Response = ServerResponse> = (
  request: Req,
  response: Res,
) => unknown;

export function isHttp2(response: Response): response is Http2ServerResponse {
  return (response as Http2ServerResponse).stream !== undefined;
}

/** Whether the runtime itself writes what is written to a response. */
export function isWrittenDirectly(response: Response): boolean {
  const { write } = isHttp2(response)
    ? process.getBuiltinModule('node:http2').Http2ServerResponse.prototype
    : process.getBuiltinModule('node:http').ServerResponse.prototype;
  return response.write === write;
}

/** Returns the status of a head that was not written through the watched method. */
export function statusOf(response: Response): number {
  return isHttp2(response)
    ? Number(response.stream.sentHeaders?.[':status'] ?? response.statusCode)
    : response.statusCode;
}

/**
 * Whether the head of a response has been handed to its connection. `headersSent` is true as soon as there is a head,
 * which may be after the client has left, or while the response before it on the same connection has not ended.
 */
export function isHeadOut(response: Response): boolean {
  if (isHttp2(response)) return response.headersSent;
  const { _header: head, _headerSent: isHandedOver, outputData } = response as ServerResponse & QueuedOutput;
  // Bun keeps no head, and does not tell what its connection has.
  const isWritten = typeof head === 'string' ? isHandedOver === true : response.headersSent;
  const queued = outputData?.[0]?.data;
  return isWritten && !(typeof queued === 'string' && queued.startsWith('HTTP/1.'));
}

/** Output of a response that Node could not hand to its connection yet. */
interface QueuedOutput {
  readonly _header?: string | null;
  readonly _headerSent?: boolean;
  readonly outputData?: readonly { readonly data: unknown }[];
}
