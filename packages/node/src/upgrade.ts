import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { HttpExchange } from './http-exchange.js';
import { isSocketLeft } from './outcome.js';
import { settleLeft } from './settle.js';

type UpgradeListener = (request: IncomingMessage, socket: Duplex) => void;

/**
 * Calls `listener` for each upgrade that somebody else handles on `server`.
 *
 * A listener of ours alone would change what Node does with such a request: it answers one as a plain request only
 * while nobody listens for upgrades.
 */
export function watchUpgrades(server: Server, listener: UpgradeListener): void {
  const join = (): void => {
    if (!server.listeners('upgrade').includes(listener)) server.prependListener('upgrade', listener);
  };
  const others = (): number => server.listeners('upgrade').filter((other) => other !== listener).length;
  if (others() > 0) join();
  server.on('newListener', (event, added) => {
    if (event === 'upgrade' && added !== listener) join();
  });
  server.on('removeListener', (event) => {
    if (event === 'upgrade' && others() === 0) server.removeListener('upgrade', listener);
  });
}

/** Enters the exchange of an upgrade by what is written to its socket, and by how that closes. */
export function settleUpgrade(exchange: HttpExchange, socket: Duplex): void {
  const { ledger } = exchange;
  onFirstStatus(socket, (status) =>
    status === 101 ? ledger.countStream(exchange, status) : ledger.count(exchange, status),
  );
  // An upgraded connection stays half open after its client has left, until somebody here ends it.
  const closed = (): void => {
    if (exchange.settled) return;
    if (!socket.writableEnded && isSocketLeft(socket as Socket, undefined)) return settleLeft(exchange);
    exchange.outcome = 'broken';
    ledger.count(exchange, 500);
  };
  socket.once('end', closed);
  socket.once('close', () => {
    closed();
    ledger.closeStream(exchange);
  });
}

/** Calls `then` with the status of the first response head written to `socket`, whoever writes it. */
function onFirstStatus(socket: Duplex, then: (status: number) => void): void {
  const { write, end } = socket;
  const seen = (chunk: unknown): void => {
    socket.write = write;
    socket.end = end;
    // Nothing is written by an end without a chunk: then the close tells what happened.
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) then(statusOf(chunk));
  };
  socket.write = (...args: [never]) => {
    seen(args[0]);
    return socket.write(...args);
  };
  socket.end = (...args: [never]) => {
    seen(args[0]);
    return socket.end(...args);
  };
}

function statusOf(chunk: string | Uint8Array): number {
  const head =
    typeof chunk === 'string'
      ? chunk
      : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1', 0, 16);
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1];
  return status === undefined ? 101 : Number(status);
}
