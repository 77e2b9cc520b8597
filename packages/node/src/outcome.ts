import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { isHttp2, type Request, type Response } from './http.js';
import { isClosedHere } from './stream-close.js';

/** What the client got. */
export type Outcome =
  /** The app ended its answer. */
  | 'answered'
  /** The headers of an event stream, or of an upgrade, went out. */
  | 'streamed'
  /** The client left before any header. */
  | 'left'
  /** The client left in the middle of the body. */
  | 'left mid-body'
  /** Node refused the rest of a request that was late or malformed, or nobody took an upgrade. */
  | 'refused'
  /** The server tore the response down. */
  | 'broken';

/** Why a connection, or a stream, closed before the app had ended its answer. */
export type Break =
  /** The client left it, broke it or reset it. */
  | { readonly by: 'client' }
  /** Node closed it because of what came, or did not come, with the status that it writes in that case. */
  | { readonly by: 'node'; readonly status: number }
  /** The server closed it. */
  | { readonly by: 'server' };

const CLIENT: Break = { by: 'client' };
const SERVER: Break = { by: 'server' };

// Errors of parsers that the app's own listener for `clientError` has taken; Node destroys no socket with those.
const clientErrors = new WeakMap<object, Error>();

/** Notes an error of a connection for which somebody else has a listener. */
export function noteClientError(error: Error, socket: object): void {
  clientErrors.set(socket, error);
}

// Connections whose clients asked for something else before they had the answers to what they had asked for.
const tunnels = new WeakSet<object>();

/** Notes that a client has asked for a tunnel, or for another protocol, on a connection that still owes it answers. */
export function noteTunnel(socket: object): void {
  tunnels.add(socket);
}

/** Whether nothing that is written to a response can reach its client any more. */
export function isUnreachable(request: Request, response: Response): boolean {
  if (isHttp2(response)) return response.stream.destroyed || response.stream.closed;
  const { socket } = request;
  // Node ends a connection whose client has ended its side, unless the server allows that.
  return socket.destroyed || (socket.readableEnded && socket.writableEnded);
}

/** Tells why the connection or the stream of a response has closed. */
export function breakOf(request: Request, response: Response): Break {
  return isHttp2(response)
    ? breakOfStream(response)
    : breakOfConnection(request.socket, (response as ServerResponse).errored);
}

/** Tells why the connection of an upgrade has closed without an answer. */
export function breakOfHandshake(socket: Socket): Break {
  // An upgraded connection stays half open after its client has left, until somebody here ends it.
  return socket.writableEnded ? SERVER : breakOfConnection(socket, undefined);
}

/**
 * Tells why a connection has closed. `ownError` is what the app destroyed the response with: even if it came from the
 * kernel, it may be of another connection, such as that of an upstream.
 */
function breakOfConnection(socket: Socket, ownError: Error | null | undefined): Break {
  const error = clientErrors.get(socket) ?? socket.errored;
  const code = (error as NodeJS.ErrnoException | null | undefined)?.code ?? '';
  const status = refusalStatus(code);
  if (status !== undefined) return { by: 'node', status };
  // A client that leaves politely is seen as the end of the read side, before anything here is destroyed.
  if (socket.readableEnded || code === 'HPE_INVALID_EOF_STATE' || tunnels.has(socket)) return CLIENT;
  return error !== ownError && isOfPeer(error, code) ? CLIENT : SERVER;
}

/** Whether the client of an answer that has ended had left it, as its connection or its stream shows later. */
export function isLeftAfterEnd({ socket }: Request, response: Response): boolean {
  if (isHttp2(response)) return response.stream.rstCode !== 0;
  return socket.readableEnded || isOfPeer(socket.errored, '');
}

/** Tells why a stream of HTTP/2 has closed; to be asked at its `aborted`, or later. */
function breakOfStream({ stream }: Http2ServerResponse): Break {
  if (isClosedHere(stream)) return SERVER;
  // A stream that the peer resets, or whose connection ends, ends as if finished; one that is destroyed here does not.
  if (stream.writableFinished || !stream.destroyed) return CLIENT;
  const { errored } = stream;
  const code = (errored as NodeJS.ErrnoException | null | undefined)?.code ?? '';
  return isOfSession(stream) && isOfPeer(errored, code) ? CLIENT : SERVER;
}

/** A stream that is destroyed with its session still has it, until its `aborted` is over; one that is destroyed alone has a session that lives. */
function isOfSession({ session }: ServerHttp2Stream): boolean {
  return session === undefined || session.destroyed;
}

/** The status that Node itself writes to a socket whose request it gives up on, by the code of the error. */
function refusalStatus(code: string): number | undefined {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return 413;
  // The message was not over when the client was.
  if (code === 'HPE_INVALID_EOF_STATE') return undefined;
  return code.startsWith('HPE_') ? 400 : undefined;
}

/** Whether an error tells of what the peer did: the kernel, TLS and the session of HTTP/2 say so by their codes. */
function isOfPeer(error: unknown, code: string): boolean {
  return (
    error instanceof Error && ('syscall' in error || /^ERR_(?:SSL|TLS|HTTP2_ERROR|HTTP2_SESSION_ERROR)/.test(code))
  );
}
