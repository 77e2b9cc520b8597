import type { Socket } from 'node:net';
import type { HttpExchange } from './http-exchange.js';

const QUEUED: unique symbol = Symbol('coalmine.queued');

interface QueuedSocket extends Socket {
  [QUEUED]?: Set<HttpExchange>;
}

/**
 * Calls `left` when the connection of a pipelined exchange ends before its turn has come.
 *
 * Node assigns a connection to one response at a time, and closes only that response with it. The responses that are
 * queued behind it would stay in flight for ever.
 */
export function watchQueued(exchange: HttpExchange, left: (exchange: HttpExchange) => void): void {
  const socket = exchange.request.socket as QueuedSocket;
  if (socket[QUEUED] === undefined) {
    const queued = new Set<HttpExchange>();
    socket[QUEUED] = queued;
    socket.once('close', () => {
      // The response whose turn it was closes by itself.
      for (const each of queued) if (each.response?.socket === null) left(each);
    });
  }
  const queued = socket[QUEUED];
  queued.add(exchange);
  exchange.response?.once('close', () => queued.delete(exchange));
}

/** Whether the connection of an exchange whose response has none has not come to that response yet. */
export function isQueued(exchange: HttpExchange): boolean {
  return (exchange.socket as QueuedSocket)[QUEUED]?.has(exchange) === true;
}
