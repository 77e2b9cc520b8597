import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { Socket } from 'node:net';
import { isEventStream } from './event-stream.js';
import type { Request, Response } from './http.js';

/** What the client got, told when the response closes. */
export type Outcome =
  /** The whole response was handed over. */
  | 'answered'
  /** The headers of an event stream went out. */
  | 'streamed'
  /** The client left before any header. */
  | 'left'
  /** The client left in the middle of the body. */
  | 'left mid-body'
  /** Node refused the rest of a request that was late or malformed. */
  | 'refused'
  /** The server tore the response down. */
  | 'broken';

// nghttp2 error codes, RFC 9113 section 7.
const NO_ERROR = 0;
const CANCEL = 8;

/**
 * Reads the outcome off a closed response.
 *
 * `writableEnded` tells a completed response from a torn one, alike in HTTP/1, HTTP/2 and injected requests;
 * `writableFinished` does not (false for an injected success, true for a reset HTTP/2 stream).
 */
export function outcomeOf(request: Request, response: Response): Outcome {
  if (response.headersSent && isEventStream(request, response)) return 'streamed';
  const left = isHttp2(response) ? isStreamLeft(response) : isConnectionLeft(request as IncomingMessage, response);
  if (response.writableEnded) return left ? 'left mid-body' : 'answered';
  if (left) return response.headersSent ? 'left mid-body' : 'left';
  return !response.headersSent && refusalStatus(request, response) !== undefined ? 'refused' : 'broken';
}

/** The status that Node itself writes to a socket whose request it gives up on, if it did. */
export function refusalStatus(request: Request, response: Response): number | undefined {
  if (isHttp2(response)) return undefined;
  const code = (request.socket.errored as NodeJS.ErrnoException | null | undefined)?.code;
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return 413;
  return code?.startsWith('HPE_') ? 400 : undefined;
}

/** Whether a connection closed because the client left it, rather than because it was destroyed here. */
export function isSocketLeft(socket: Socket, ownError: Error | null | undefined): boolean {
  // A client that leaves politely is seen as the end of the read side, before anything here is destroyed.
  if (socket.readableEnded) return true;
  // Otherwise the kernel says so. An error that somebody destroyed the response with is the server's doing, even if it
  // came from the kernel for another connection (an upstream that was reset).
  return socket.errored !== ownError && isFromKernel(socket.errored);
}

function isConnectionLeft({ socket }: IncomingMessage, response: ServerResponse): boolean {
  // A response that has ended is left only if its connection broke before all of it was on its way: a client may well
  // close its side after it has asked. (Node says "finished" all the same.)
  return (!response.writableEnded || socket.destroyed) && isSocketLeft(socket, response.errored);
}

function isStreamLeft({ stream, writableEnded, writableFinished }: Http2ServerResponse): boolean {
  const { rstCode } = stream;
  // A stream that the client resets ends as if finished; one that is destroyed here does not.
  if (writableEnded || writableFinished) return rstCode === CANCEL || (rstCode === NO_ERROR && !writableEnded);
  return isFromKernel(stream.errored);
}

function isHttp2(response: Response): response is Http2ServerResponse {
  return (response as Http2ServerResponse).stream !== undefined;
}

function isFromKernel(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
