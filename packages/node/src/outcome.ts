import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { isHttp2, type Request, type Response } from './http.js';
import { endOf } from './socket-end.js';
import { isClosedHere } from './stream-close.js';

/** What the client got. */
export type Outcome =
  /** The app ended its response. */
  | 'answered'
  /** The headers of an event stream, or of an upgrade, were sent. */
  | 'streamed'
  /** The client left before any header. */
  | 'left'
  /** The client left in the middle of the body. */
  | 'left mid-body'
  /** Node refused the rest of a late or malformed request, or an upgrade had no listener. */
  | 'refused'
  /** The server broke the response off. */
  | 'broken';

/** Why a connection, or a stream, closed before the app had ended its response. */
export type Break =
  /** The client left it, broke it or reset it. */
  | { readonly by: 'client' }
  /** Node closed it because of what came, or did not come, with the status that it writes in that case. */
  | { readonly by: 'node'; readonly status: number }
  /** The server closed it, with the status that the app wrote to the connection itself, if it did. */
  | { readonly by: 'server'; readonly status?: number };

const CLIENT: Break = { by: 'client' };
const SERVER: Break = { by: 'server' };

// Parser errors that the app's own listener for `clientError` has received; Node destroys no socket with these.
const clientErrors = new WeakMap<object, Error>();

/** Notes an error of a connection that another listener has received. */
export function noteClientError(error: Error, socket: object): void {
  clientErrors.set(socket, error);
}

// Connections whose clients asked for another protocol before they had the responses to earlier requests.
const tunnels = new WeakSet<object>();

/**
 * Notes that a client has asked for a tunnel, or for another protocol, on a connection that still owes it responses.
 */
export function noteTunnel(socket: object): void {
  tunnels.add(socket);
}

/** What carries a response: a connection, or a stream of HTTP/2 on it. */
interface Transport {
  readonly socket: Socket;
  readonly stream: ServerHttp2Stream | undefined;
}

/** Whether nothing that is written to a response can reach its client any more. */
export function isUnreachable({ socket, stream }: Transport): boolean {
  if (stream !== undefined) return stream.destroyed || stream.closed;
  // Node ends a connection whose client has ended its side, unless the server allows that.
  return socket.destroyed || socket.writableEnded;
}

/** Returns why the connection or the stream of a response has closed. */
export function breakOf(request: Request, response: Response, socket: Socket): Break {
  return isHttp2(response)
    ? breakOfStream(request, response)
    : breakOfConnection(socket, [(response as ServerResponse).errored, request.errored]);
}

/** Returns why the connection of an upgrade has closed without a response. */
export function breakOfHandshake(socket: Socket): Break {
  // An upgraded connection stays half open after its client has left, until somebody here ends it.
  return socket.writableEnded ? SERVER : breakOfConnection(socket, []);
}

/**
 * Returns why a connection has closed. `ownErrors` are the errors with which the app destroyed the request and the
 * response. Such an error says nothing about this connection: it may come from the kernel or the parser, but from the
 * connection to an upstream.
 */
function breakOfConnection(socket: Socket, ownErrors: readonly unknown[]): Break {
  const noted = clientErrors.get(socket) ?? socket.errored;
  const error = ownErrors.includes(noted) ? undefined : noted;
  const code = (error as NodeJS.ErrnoException | null | undefined)?.code ?? '';
  const status = refusalStatus(code);
  if (status !== undefined) return { by: 'node', status };
  if (code === 'HPE_INVALID_EOF_STATE' || tunnels.has(socket)) return CLIENT;
  if (isOfPeer(error, code)) return CLIENT;
  const end = endOf(socket);
  if (end === 'between responses') return CLIENT;
  if (end !== undefined) return end === 'owing' ? SERVER : { by: 'server', status: end };
  // A client that closes properly is seen as the end of the read side, before anything here is destroyed.
  return socket.readableEnded ? CLIENT : SERVER;
}

/** Whether the client had left an ended response, as its connection or its stream shows later. */
export function isLeftAfterEnd({ socket }: Pick<Request, 'socket'>, response: Response): boolean {
  if (isHttp2(response)) return response.stream.rstCode !== 0;
  return socket.readableEnded || isOfPeer(socket.errored, '');
}

/** Whether a stream of HTTP/2 has sent a whole response, whoever has ended it. */
export function isWhole(stream: ServerHttp2Stream): boolean {
  const { headersSent, writableFinished, aborted, rstCode } = stream;
  return headersSent && writableFinished && !aborted && rstCode === 0 && !isClosedHere(stream);
}

/** Returns why a stream of HTTP/2 has closed. Call it at its `aborted`, or later. */
function breakOfStream(request: Request, { stream }: Http2ServerResponse): Break {
  if (isClosedHere(stream)) return SERVER;
  const { errored } = stream;
  const code = (errored as NodeJS.ErrnoException | null | undefined)?.code ?? '';
  // A stream that the peer resets, or whose connection ends, ends as if finished. A stream that is destroyed here does
  // not, unless its request is a HEAD: then only an error of the app's own tells.
  const isOwn = request.method === 'HEAD' && errored instanceof Error && !code.startsWith('ERR_HTTP2_');
  if (!stream.destroyed || (stream.writableFinished && !isOwn)) return CLIENT;
  return isOfSession(stream) && isOfPeer(errored, code) ? CLIENT : SERVER;
}

/**
 * Whether a stream was destroyed with its session. Such a stream still has the session until its `aborted` is over; a
 * stream that is destroyed alone has a live session.
 */
function isOfSession({ session }: ServerHttp2Stream): boolean {
  return session === undefined || session.destroyed;
}

/** Returns the status that Node itself writes to a socket whose request it gives up on, by the code of the error. */
function refusalStatus(code: string): number | undefined {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return 413;
  // The client ended before its message did.
  if (code === 'HPE_INVALID_EOF_STATE') return undefined;
  return code.startsWith('HPE_') ? 400 : undefined;
}

/**
 * Whether an error reports an action of the peer: the kernel says so by the system call, TLS and the session of HTTP/2 by
 * their codes. An error of another call, such as `connect` or `open`, comes from elsewhere.
 */
function isOfPeer(error: unknown, code: string): boolean {
  if (!(error instanceof Error)) return false;
  const { syscall } = error as NodeJS.ErrnoException;
  return (
    /^(?:read|writev?|shutdown)$/.test(syscall ?? '') || /^ERR_(?:SSL|TLS|HTTP2_ERROR|HTTP2_SESSION_ERROR)/.test(code)
  );
}
