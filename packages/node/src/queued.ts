import type { Socket } from 'node:net';
import type { HttpExchange } from './http-exchange.js';

const QUEUED: unique symbol = Symbol('coalmine.queued');

type Left = (exchange: HttpExchange) => void;

interface QueuedSocket extends Socket {
  [QUEUED]?: Map<HttpExchange, Left>;
}

/**
 * Calls `left` when the connection of a pipelined exchange ends before its turn has come.
 *
 * Node assigns a connection to one response at a time, and closes only that response with it. The responses that are
 * queued behind it would stay in flight for ever.
 */
export function watchQueued(exchange: HttpExchange, left: Left): void {
  const socket = exchange.socket as QueuedSocket;
  if (socket[QUEUED] === undefined) {
    // Each service that counts an exchange has its own `left`.
    const queued = new Map<HttpExchange, Left>();
    socket[QUEUED] = queued;
    socket.once('close', () => {
      // The response whose turn it was closes by itself.
      for (const [each, leave] of queued) if (each.response?.socket === null) leave(each);
    });
  }
  const queued = socket[QUEUED];
  queued.set(exchange, left);
  exchange.response?.once('close', () => queued.delete(exchange));
}

/** Whether the connection of an exchange whose response has none has not come to that response yet. */
export function isQueued(exchange: HttpExchange): boolean {
  return (exchange.socket as QueuedSocket)[QUEUED]?.has(exchange) === true;
}
