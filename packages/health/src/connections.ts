import type { Server } from 'node:http';
import type { Http2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { closeAfterResponse } from './last-response.js';

/** The connections of some servers, from their start to their end. */
export interface Connections {
  /** How many are open, without the connections whose TLS handshake is not over. */
  readonly size: number;
  /** Whether there has been one. */
  readonly hasHad: boolean;
  watch(server: Server): void;
  /** Makes the current response of each connection its last. */
  askToLeave(): void;
  /** Resolves once no connection has come for a moment, or when the time is over. */
  untilQuiet(): Promise<void>;
  /** Resolves once each connection has brought a request or is silent. An app that closes refuses requests. */
  untilHeard(): Promise<void>;
  /** Closes each HTTP/2 session once its streams have ended. */
  closeSessions(): void;
  /** Ends connections without a request or a handshake, which Node does not count as idle. */
  closeSilent(): void;
  /** Resolves once there is none. Keeps no process alive. */
  untilGone(): Promise<void>;
  /** Ends all connections at once. */
  destroy(): void;
}

/**
 * A connection on which nothing has come for so long after the listener has closed has no request under way. Count this time in
 * timers that have fired: while the event loop is held, nothing is read.
 */
export const SILENT_MILLISECONDS = 500;
// Clients that opened their connection in time may wait to be accepted: libuv accepts one in each turn of the event loop.
const QUIET_MILLISECONDS = 20;
const QUIET_ROUNDS_AT_MOST = 15;

export function createConnections(): Connections {
  const sockets = new Set<Socket>();
  /** Connections whose TLS handshake is not over; their sockets are below those of requests. */
  const shaking = new Set<Socket>();
  const sessions = new Set<Http2Session>();
  let accepted = 0;

  return {
    get size() {
      return sockets.size;
    },
    get hasHad() {
      return accepted > 0;
    },
    watch(server) {
      if ('setSecureContext' in server) {
        server.on('connection', awaitHandshake);
        server.on('secureConnection', keepSecure);
      } else {
        server.on('connection', keep);
      }
      server.on('session', (session: Http2Session) => {
        sessions.add(session);
        session.once('close', () => sessions.delete(session));
      });
    },
    askToLeave() {
      for (const socket of sockets) closeAfterResponse(socket);
    },
    async untilQuiet() {
      let before = -1;
      for (let round = 0; accepted > before && round < QUIET_ROUNDS_AT_MOST; round++) {
        before = accepted;
        await delay(QUIET_MILLISECONDS);
        // If the event loop was held, the timer comes before the connections of that time.
        await nextTurn();
      }
    },
    async untilHeard() {
      const isAwaited = (): boolean => shaking.size > 0 || [...sockets].some(({ bytesRead }) => bytesRead === 0);
      for (let waited = 0; isAwaited() && waited < SILENT_MILLISECONDS; waited += QUIET_MILLISECONDS) {
        await delay(QUIET_MILLISECONDS);
      }
    },
    closeSessions() {
      for (const session of sessions) session.close();
    },
    closeSilent() {
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
      for (const socket of shaking) socket.destroy();
    },
    async untilGone() {
      while (sockets.size > 0) await delay(QUIET_MILLISECONDS, undefined, { ref: false });
    },
    destroy() {
      for (const session of sessions) session.destroy();
      for (const socket of [...sockets, ...shaking]) socket.destroy();
    },
  };

  function keep(socket: Socket): void {
    accepted += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  }

  function awaitHandshake(socket: Socket): void {
    accepted += 1;
    shaking.add(socket);
    socket.once('close', () => shaking.delete(socket));
  }

  function keepSecure(socket: Socket): void {
    const { _parent: transport } = socket as { readonly _parent?: Socket | null };
    if (transport != null) shaking.delete(transport);
    // Nothing tells which connection the handshake belonged to: waiting for all of them is better than cutting this
    // one.
    else shaking.clear();
    keep(socket);
  }
}

/** Counts the open connections, including the connections of upgrades. */
export async function countConnections(servers: Iterable<Server>): Promise<number> {
  const counts = Array.from(
    servers,
    (server) =>
      new Promise<number>((resolve) => {
        server.getConnections((_error, count = 0) => resolve(count));
      }),
  );
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}
