import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Socket } from 'node:net';
import type { EventLoop } from './event-loop.js';
import { isHttp2, type Request, type Response } from './http.js';
import type { ClientWait, HttpExchange } from './http-exchange.js';

/**
 * Measures for how long the service waits for its clients, by looking at the exchanges in flight now and then: nothing has
 * to be listened to, and no request pays for it that ends before the first look.
 *
 * While the loop is held, the service is ready for nothing. Whether the client has done anything meanwhile shows at the poll
 * after the hold: if not, the hold has cost nothing, and was a wait for the client too.
 */
export class ClientWaits {
  readonly #loop: EventLoop;
  /** The last look: when it was, and for how many milliseconds the loop had been held by then. */
  #lookedAt = 0;
  #heldUntil = 0;

  constructor(loop: EventLoop) {
    this.#loop = loop;
  }

  /** Looks at one exchange, which takes what has passed since the last look for a wait or for the service's own time. */
  look(exchange: HttpExchange, response: Response, now: number): void {
    const { request } = exchange;
    if (!isWaitingForClient(request, response)) {
      exchange.wait = undefined;
      return;
    }
    const progress = progressOf(request);
    exchange.wait ??= waitFrom(Math.max(this.#lookedAt, exchange.arrivedAt), progress, request);
    const { wait } = exchange;
    if (progress === wait.progress) exchange.clientMilliseconds += wait.heldMilliseconds;
    wait.progress = progress;
    wait.heldMilliseconds = this.#add(exchange, now);
  }

  /** All exchanges have been looked at. */
  endLook(now: number): void {
    this.#lookedAt = now;
    this.#heldUntil = this.#loop.heldUntil(now);
  }

  /** Ends the wait of an exchange that is over. What has passed since the last look is taken for a wait, if that saw one. */
  end(exchange: HttpExchange, now: number): void {
    const { wait, request } = exchange;
    if (wait === undefined) return;
    const isIdle = progressOf(request) === wait.progress;
    const held = wait.heldMilliseconds + this.#add(exchange, now);
    if (isIdle) exchange.clientMilliseconds += held;
  }

  /** Ends the wait of an exchange whose client has left: what it has not sent until then, it has withheld. */
  leave(exchange: HttpExchange, now: number): void {
    const { wait, request } = exchange;
    if (wait === undefined || isBodyComplete(request)) return this.end(exchange, now);
    exchange.clientMilliseconds += wait.heldMilliseconds + this.#add(exchange, now);
  }

  /** Adds what has passed since the last look, without the hold in it; returns the milliseconds of that. */
  #add(exchange: HttpExchange, now: number): number {
    const passed = Math.max(0, now - Math.max(this.#lookedAt, exchange.arrivedAt));
    const held = Math.min(passed, this.#loop.heldUntil(now) - this.#heldUntil);
    exchange.clientMilliseconds += passed - held;
    return held;
  }
}

/** Whether Node has cut a connection because the client that the service waits for did nothing for too long. */
export function isIdleCut({ since, idleLimit }: ClientWait, now: number, tolerance: number): boolean {
  return idleLimit > 0 && now - since >= idleLimit - tolerance;
}

function waitFrom(since: number, progress: number, { socket }: Request): ClientWait {
  const { timeout, server } = socket as Socket & { readonly server?: { readonly timeout?: number } };
  // A session of HTTP/2 has the timeout of its server.
  return { since, idleLimit: timeout || (server?.timeout ?? 0), progress, heldMilliseconds: 0 };
}

/** Changes when the client sends, or takes what has been written. Of a stream of HTTP/2, its session tells. */
function progressOf({ socket }: Request): number {
  const { bytesRead, bytesWritten, writableLength } = socket as Socket;
  return bytesRead + bytesWritten - writableLength;
}

/** Whether all of a body has come. */
function isBodyComplete(request: Request): boolean {
  return 'stream' in request ? request.readableEnded : request.complete;
}

/**
 * Whether the service is ready for bytes that the client has not sent, or has not read. A body that the app does not read,
 * since it waits for something else first, is no wait for the client.
 */
function isWaitingForClient(request: Request, response: Response): boolean {
  return isHttp2(response)
    ? isBodyAwaited2(request as Http2ServerRequest) || isUnread2(response)
    : isBodyAwaited(request as IncomingMessage) || isUnread(request as IncomingMessage, response as ServerResponse);
}

function isBodyAwaited(request: IncomingMessage): boolean {
  return !request.complete && !request.readableEnded && request.readableLength === 0 && isRead(request);
}

function isBodyAwaited2(request: Http2ServerRequest): boolean {
  const { stream } = request;
  if (stream.endAfterHeaders || stream.readableEnded || stream.readableLength > 0) return false;
  return !request.readableEnded && request.readableLength === 0 && isRead(request);
}

/** Whether the app reads a body: by `data`, by a pipe, or by `readable`, as an async iterator does. */
function isRead(request: Request): boolean {
  return request.readableFlowing === true || request.listenerCount('readable') > 0;
}

function isUnread({ socket }: IncomingMessage, response: ServerResponse): boolean {
  // A response that waits for its turn on the connection is kept back by an answer before it.
  return response.headersSent && (response.socket ?? socket).writableLength > 0;
}

function isUnread2({ headersSent, stream }: Http2ServerResponse): boolean {
  return headersSent && stream.writableLength > 0;
}
