import type { Server, ServerResponse } from 'node:http';
import type { Http2Session } from 'node:http2';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, warn } from '@coalmine/options';

export interface DrainOptions {
  readonly drainSeconds: number;
  readonly closeSeconds: number;
  /** A server is watched or listens again, after a time without any. */
  opened(): void;
  /** The last server has closed, without a drain. */
  emptied(): void;
  /** Called once the servers have closed, or have had their time. */
  closed(): unknown;
}

/** The end of a process that loses no request. */
export interface Drainer {
  readonly isDraining: boolean;
  /** Has a server closed in the end, and forgets one that has closed before. */
  watch(server: Server): void;
  /**
   * Serves on for `seconds`, asking each client to go elsewhere; closes; resolves when all is closed, or has had its
   * time. The second call is the first.
   */
  drain(seconds?: number): Promise<void>;
  /** On the monotonic clock, when it will all be over; `undefined` before it began. */
  readonly deadline: number | undefined;
}

const SWEEP_MILLISECONDS = 50;

export function createDrainer(options: DrainOptions): Drainer {
  const { drainSeconds, closeSeconds, closed } = options;
  const watched = new WeakSet<Server>();
  /** Those that have not closed. */
  const servers = new Set<Server>();
  const sessions = new Set<Http2Session>();
  let draining: Promise<void> | undefined;
  let deadline: number | undefined;

  return {
    get isDraining() {
      return draining !== undefined;
    },
    get deadline() {
      return deadline;
    },
    watch(server) {
      if (watched.has(server)) return;
      watched.add(server);
      open(server);
      // A server that has closed may listen again.
      server.on('listening', () => open(server));
      server.on('close', () => forget(server));
      server.on('session', (session: Http2Session) => {
        sessions.add(session);
        session.once('close', () => sessions.delete(session));
      });
    },
    drain(seconds = drainSeconds) {
      draining ??= drain(seconds);
      return draining;
    },
  };

  function open(server: Server): void {
    servers.add(server);
    if (servers.size === 1) options.opened();
  }

  function forget(server: Server): void {
    if (servers.delete(server) && servers.size === 0 && draining === undefined) options.emptied();
  }

  async function drain(seconds: number): Promise<void> {
    // A server that has had no request yet may be unknown, and then there is nothing to wait for.
    deadline = performance.now() + 1000 * (servers.size === 0 ? seconds : seconds + closeSeconds);
    for (const server of servers) server.prependListener('request', askToLeave);
    await delay(1000 * seconds);
    for (const session of sessions) session.close();
    const tooLate = delay(1000 * closeSeconds, undefined, { ref: false });
    await Promise.all(Array.from(servers, (server) => closeOne(server, tooLate)));
    for (const server of servers) server.closeAllConnections?.();
    for (const session of sessions) session.destroy();
    try {
      await closed();
    } catch (error) {
      warn('COALMINE_CLOSE_FAILED', `The app could not be closed after it has drained: ${messageOf(error)}`);
    }
  }

  /** Stops to listen at once; what is in flight ends, and takes its connection along. */
  async function closeOne(server: Server, tooLate: Promise<void>): Promise<void> {
    const over = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    const sweep = setInterval(() => server.closeIdleConnections?.(), SWEEP_MILLISECONDS);
    await Promise.race([over, tooLate]);
    clearInterval(sweep);
  }
}

/** The last answer of a connection, so that the next request goes by another, to another pod. */
function askToLeave(_request: unknown, response: ServerResponse): void {
  if (response.req.httpVersionMajor < 2 && !response.headersSent) response.setHeader('connection', 'close');
}
