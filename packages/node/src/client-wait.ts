import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Socket } from 'node:net';
import type { EventLoop } from './event-loop.js';
import { isHttp2, type Request, type Response } from './http.js';
import type { ClientWait, HttpExchange } from './http-exchange.js';

/**
 * Measures for how long the service waits for its clients, by looking at the exchanges in flight from time to time.
 * This needs no listener, and a request that ends before the first look costs nothing.
 *
 * While the loop is held, the service is not ready for anything. The poll after the hold shows whether the client has
 * done anything meanwhile. If not, the hold has cost nothing, and counts as a wait for the client, too.
 */
export class ClientWaits {
  readonly #loop: EventLoop;
  /** When the last look was, and for how many milliseconds the loop had been held by then. */
  #lookedAt = 0;
  #heldUntil = 0;

  constructor(loop: EventLoop) {
    this.#loop = loop;
  }

  /** Looks at one exchange, and counts the time since the last look as a wait or as time of the service. */
  look(exchange: HttpExchange, response: Response, now: number): void {
    if (!isWaitingForClient(exchange, response)) {
      exchange.wait = undefined;
      return;
    }
    const progress = progressOf(exchange);
    exchange.wait ??= waitFrom(Math.max(this.#lookedAt, exchange.arrivedAt), progress, exchange);
    const { wait } = exchange;
    if (progress === wait.progress) exchange.clientMilliseconds += wait.heldMilliseconds;
    wait.progress = progress;
    wait.heldMilliseconds = this.#add(exchange, now);
  }

  /** Ends a look, after all exchanges have been looked at. */
  endLook(now: number): void {
    this.#lookedAt = now;
    this.#heldUntil = this.#loop.heldUntil(now);
  }

  /** Ends the wait of an exchange that is over. The time since the last look counts as a wait if that look saw one. */
  end(exchange: HttpExchange, now: number): void {
    const { wait } = exchange;
    if (wait === undefined) return;
    const isIdle = progressOf(exchange) === wait.progress;
    const held = wait.heldMilliseconds + this.#add(exchange, now);
    if (isIdle) exchange.clientMilliseconds += held;
  }

  /** Ends the wait of an exchange whose client has left. Until then, the client withheld what it had not sent. */
  leave(exchange: HttpExchange, now: number): void {
    const { wait, request } = exchange;
    if (wait === undefined || isBodyComplete(request)) return this.end(exchange, now);
    exchange.clientMilliseconds += wait.heldMilliseconds + this.#add(exchange, now);
  }

  /** Adds the time since the last look without the hold, and returns the milliseconds of the hold. */
  #add(exchange: HttpExchange, now: number): number {
    const passed = Math.max(0, now - Math.max(this.#lookedAt, exchange.arrivedAt));
    const held = Math.min(passed, this.#loop.heldUntil(now) - this.#heldUntil);
    exchange.clientMilliseconds += passed - held;
    return held;
  }
}

/** Whether Node has cut a connection because its client did nothing for too long while the service waited for it. */
export function isIdleCut({ since, idleLimit }: ClientWait, now: number, tolerance: number): boolean {
  return idleLimit > 0 && now - since >= idleLimit - tolerance;
}

function waitFrom(since: number, progress: number, { socket }: HttpExchange): ClientWait {
  const { timeout, server } = socket as Socket & { readonly server?: { readonly timeout?: number } };
  // A session of HTTP/2 has the timeout of its server.
  return { since, idleLimit: timeout || (server?.timeout ?? 0), progress, heldMilliseconds: 0 };
}

/**
 * Returns a number that changes when the client sends bytes or takes written bytes. For a stream of HTTP/2, the number
 * belongs to its session.
 */
function progressOf({ socket }: HttpExchange): number {
  const { bytesRead, bytesWritten, writableLength } = socket;
  return bytesRead + bytesWritten - writableLength;
}

/** Whether the whole body has come. */
function isBodyComplete(request: Request): boolean {
  return 'stream' in request ? request.readableEnded : request.complete;
}

/**
 * Whether the service is ready for bytes that the client has not sent, or has not read. If the app does not read a body
 * because it waits for something else first, that is no wait for the client.
 */
function isWaitingForClient({ request, socket }: HttpExchange, response: Response): boolean {
  return isHttp2(response)
    ? isBodyAwaited2(request as Http2ServerRequest) || isUnread2(response)
    : isBodyAwaited(request as IncomingMessage) || isUnread(socket, response as ServerResponse);
}

function isBodyAwaited(request: IncomingMessage): boolean {
  return !request.complete && !request.readableEnded && request.readableLength === 0 && isRead(request);
}

function isBodyAwaited2(request: Http2ServerRequest): boolean {
  const { stream } = request;
  if (stream.endAfterHeaders || stream.readableEnded || stream.readableLength > 0) return false;
  return !request.readableEnded && request.readableLength === 0 && isRead(request);
}

/** Whether the app reads a body: with `data`, with a pipe, or with `readable`, as an async iterator does. */
function isRead(request: Request): boolean {
  return request.readableFlowing === true || request.listenerCount('readable') > 0;
}

function isUnread(socket: Socket, response: ServerResponse): boolean {
  // A response that waits for its turn on the connection is held back by the response before it.
  return response.headersSent && (response.socket ?? socket).writableLength > 0;
}

function isUnread2({ headersSent, stream }: Http2ServerResponse): boolean {
  return headersSent && stream.writableLength > 0;
}
