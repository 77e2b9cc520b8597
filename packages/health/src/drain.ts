import { setMaxListeners } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import type { Http2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, warn } from '@coalmine/options';
import { closeServer } from './close-server.js';
import type { Log } from './log.js';

/** Hears that draining has begun, and why: `'SIGTERM'` for instance. The drain waits for what it returns. */
export type DrainListener = (cause: string) => unknown;

export interface DrainOptions {
  /** A server is watched or listens again, after a time without any. */
  opened(): void;
  /** The last server has closed, without a drain. */
  emptied(): void;
  /** Closes the app while its servers close. */
  close(): unknown;
  readonly log: Log;
}

/** How a process leaves. */
export interface DrainTerms {
  /** What made it leave. */
  readonly cause: string;
  readonly drainSeconds: number;
  readonly closeSeconds: number;
  /** Why it does not go on serving for a time, where that was nobody's choice. */
  readonly shortBecause?: string | undefined;
}

/** The reason of {@link Drainer.signal}. */
class Draining extends Error {
  override readonly name = 'Draining';

  constructor(cause: string) {
    super(`draining because of ${cause}`);
  }
}

/** The end of a process that loses no request. */
export interface Drainer {
  readonly isDraining: boolean;
  /** Whether a server that it knows listens, or has closed in the drain; `undefined` where it knows none. */
  readonly isListening: boolean | undefined;
  /** Aborted when draining begins. */
  readonly signal: AbortSignal;
  /** Calls a listener when draining begins; at once, if it has begun. Returns what takes the listener back. */
  onDrain(listener: DrainListener): () => void;
  /** Has a server closed in the end, and forgets one that has closed before. */
  watch(server: Server): void;
  /** Turns unready, and resolves when the listeners of `onDrain` are done, or have had `seconds`. */
  leave(cause: string, seconds: number): Promise<void>;
  /**
   * Serves on for `drainSeconds`, asking each client to go elsewhere; closes; resolves when all is closed, or has had its
   * time. The second call is the first.
   */
  drain(terms: DrainTerms): Promise<void>;
  /** Resolves once the process has stopped to serve on, if it drains; at once otherwise. */
  served(): Promise<void>;
  /** The process ends now: somebody at a terminal has asked twice. */
  cut(): void;
}

const SWEEP_MILLISECONDS = 50;
// A connection on which nothing has come for so long after the listener has closed has no request under way.
const SILENT_MILLISECONDS = 500;
// Clients that opened their connection in time may wait to be accepted: libuv accepts one in each turn of the event loop.
const QUIET_MILLISECONDS = 20;
const QUIET_MILLISECONDS_AT_MOST = 300;
// What is left to do once the connections were cut: hooks of the app that close a pool.
const LAST_MILLISECONDS = 1_000;

export function createDrainer(options: DrainOptions): Drainer {
  const { log } = options;
  const watched = new WeakSet<Server>();
  /** Those that have not closed. */
  const servers = new Set<Server>();
  const sockets = new Set<Socket>();
  /** Connections whose TLS handshake is not over; their sockets are below those of requests. */
  const shaking = new Set<Socket>();
  let accepted = 0;
  const sessions = new Set<Http2Session>();
  const abort = new AbortController();
  // A listener for each stream is no leak.
  setMaxListeners(0, abort.signal);
  const listeners = new Set<DrainListener>();
  /** What listeners have returned. */
  const tasks: Promise<unknown>[] = [];
  let leftBecause: string | undefined;
  let draining: Promise<void> | undefined;
  let phase: 'serving' | 'draining' | 'closing' = 'serving';
  let stopServing = (): void => {};
  let allClosed = (): void => {};
  const servedOut = new Promise<void>((resolve) => {
    stopServing = resolve;
  });

  return {
    get isDraining() {
      return leftBecause !== undefined;
    },
    get isListening() {
      if (phase !== 'serving') return true;
      // A server that has stopped listening serves for as long as it has connections.
      return servers.size === 0 ? undefined : sockets.size > 0 || [...servers].some((server) => server.listening);
    },
    signal: abort.signal,
    onDrain(listener) {
      if (leftBecause === undefined) listeners.add(listener);
      else tell(listener, leftBecause);
      return () => {
        listeners.delete(listener);
      };
    },
    watch(server) {
      if (watched.has(server)) return;
      watched.add(server);
      open(server);
      // A server that has closed may listen again.
      server.on('listening', () => open(server));
      server.on('close', () => forget(server));
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
    async leave(cause, seconds) {
      leave(cause);
      if (tasks.length > 0) await untilDone(Promise.all(tasks), 1000 * seconds);
    },
    drain(terms) {
      draining ??= drain(terms);
      return draining;
    },
    cut() {
      process.off('exit', noteExit);
      if (phase !== 'serving') log.warn('the drain was cut short by a second SIGINT');
    },
    served: () => (phase === 'serving' ? Promise.resolve() : servedOut),
  };

  function open(server: Server): void {
    const isFirst = servers.size === 0;
    if (servers.has(server)) return;
    servers.add(server);
    if (phase !== 'serving') askToLeave(server);
    if (phase === 'closing') closeServer(server);
    if (isFirst) options.opened();
  }

  function forget(server: Server): void {
    if (!servers.delete(server) || servers.size > 0) return;
    if (phase === 'serving') options.emptied();
    else allClosed();
  }

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

  function leave(cause: string): void {
    if (leftBecause !== undefined) return;
    leftBecause = cause;
    abort.abort(new Draining(cause));
    for (const listener of listeners) tell(listener, cause);
    listeners.clear();
  }

  function tell(listener: DrainListener, cause: string): void {
    // The task rejects with the failure that is reported here.
    const task = (async () => listener(cause))().catch((error) => {
      warn('COALMINE_DRAIN_LISTENER_FAILED', `A listener of onDrain failed: ${messageOf(error)}`, listener);
    });
    tasks.push(task);
  }

  async function drain({ cause, drainSeconds, closeSeconds, shortBecause }: DrainTerms): Promise<void> {
    phase = 'draining';
    const startedAt = performance.now();
    process.once('exit', noteExit);
    log.info(
      shortBecause === undefined
        ? `draining because of ${cause}: not ready any more, serves on for ${drainSeconds} s`
        : `closing because of ${cause}, without serving on: ${shortBecause}`,
    );
    leave(cause);
    for (const server of servers) askToLeave(server);
    for (const socket of sockets) closeAfterResponse(socket);
    if (drainSeconds > 0) await delay(1000 * drainSeconds);
    await untilQuiet();
    const cut = await close(closeSeconds);
    process.off('exit', noteExit);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    log.info(`closed ${seconds} s after ${cause}, ${cut === 1 ? '1 connection was' : `${cut} connections were`} cut`);
  }

  /** Nothing else would tell who called `process.exit`. */
  function noteExit(code: number): void {
    const caller = callerOfExit();
    log.warn(
      caller === undefined
        ? `the process ended with ${code} before the drain was over`
        : `process.exit(${code}) has cut the drain short${caller}`,
    );
  }

  /**
   * Stops listening at once. Requests in flight end, and their connections close with them. Returns how many
   * connections had to be cut.
   */
  async function close(seconds: number): Promise<number> {
    phase = 'closing';
    // Fastify's `forceCloseConnections` would cut requests in flight. That must not happen before `seconds` are over.
    const forced = [...servers].filter((server) => server.closeAllConnections !== undefined);
    for (const server of forced) server.closeAllConnections = () => {};
    const startedAt = performance.now();
    const closed = new Promise<void>((resolve) => {
      allClosed = resolve;
    });
    for (const session of sessions) session.close();
    for (const server of servers) closeServer(server);
    if (servers.size === 0) allClosed();
    const done = Promise.all([closed, untilHeard().then(closeApp), ...tasks]);
    const sweep = setInterval(() => {
      for (const server of servers) server.closeIdleConnections?.();
      if (performance.now() - startedAt > SILENT_MILLISECONDS) closeSilent();
    }, SWEEP_MILLISECONDS);
    await untilDone(done, 1000 * seconds);
    clearInterval(sweep);
    const cut = await countConnections(servers);
    for (const server of forced) delete (server as Partial<Server>).closeAllConnections;
    for (const session of sessions) session.destroy();
    for (const server of servers) server.closeAllConnections?.();
    for (const socket of [...sockets, ...shaking]) socket.destroy();
    await untilDone(done, LAST_MILLISECONDS);
    return cut;
  }

  /** Resolves once no connection has come for a moment, or when the time is over. */
  async function untilQuiet(): Promise<void> {
    const latest = performance.now() + QUIET_MILLISECONDS_AT_MOST;
    let before: number;
    do {
      before = accepted;
      await delay(QUIET_MILLISECONDS);
    } while (accepted > before && performance.now() < latest);
  }

  /** Resolves once each connection has brought a request or is silent. An app that closes refuses requests. */
  async function untilHeard(): Promise<void> {
    const latest = performance.now() + SILENT_MILLISECONDS;
    const isAwaited = (): boolean => shaking.size > 0 || [...sockets].some(({ bytesRead }) => bytesRead === 0);
    while (isAwaited() && performance.now() < latest) {
      await delay(QUIET_MILLISECONDS);
    }
  }

  /** Ends connections without a request or a handshake, which Node does not count as idle. */
  function closeSilent(): void {
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    for (const socket of shaking) socket.destroy();
  }

  async function closeApp(): Promise<void> {
    stopServing();
    try {
      await options.close();
    } catch (error) {
      warn('COALMINE_CLOSE_FAILED', `The app could not be closed after the drain: ${messageOf(error)}`);
    }
  }
}

/** Makes each response the last of its connection, so that the next request uses another connection, to another pod. */
function askToLeave(server: Server): void {
  const ask = (_request: unknown, response: ServerResponse): void => lastOfConnection(response);
  server.prependListener('request', ask);
  // A listener of ours alone would keep Node from sending `100 Continue`.
  if (server.listenerCount('checkContinue') > 0) server.prependListener('checkContinue', ask);
}

/** Makes the current response the last of its connection. */
function closeAfterResponse(socket: Socket): void {
  const { _httpMessage: response } = socket as { readonly _httpMessage?: ServerResponse | null };
  if (response?.req !== undefined) lastOfConnection(response);
}

function lastOfConnection(response: ServerResponse): void {
  if (response.req.httpVersionMajor >= 2 || response.headersSent) return;
  response.setHeader('connection', 'close');
  // An app that asks the client to keep the connection would lose the next request. Node passes the headers of `writeHead` to
  // these methods, too, because the response has a header already.
  for (const name of ['setHeader', 'appendHeader', 'removeHeader'] as const) {
    const change = response[name] as HeaderChange;
    const changeOther: HeaderChange = (header, ...values) =>
      String(header).toLowerCase() === 'connection' ? response : change.call(response, header, ...values);
    Object.assign(response, { [name]: changeOther });
  }
}

/** A method of a response that changes one header. */
type HeaderChange = (this: ServerResponse, header: string, ...values: unknown[]) => unknown;

/**
 * Resolves when the work is done, or has had its time. Keeps the process alive until then: nothing else may hold it, and it
 * has more to do.
 */
async function untilDone(work: Promise<unknown>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const isOver = new Promise((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, isOver]);
  clearTimeout(timer);
}

/** Counts the open connections, including the connections of upgrades. */
async function countConnections(servers: Iterable<Server>): Promise<number> {
  const counts = Array.from(
    servers,
    (server) =>
      new Promise<number>((resolve) => {
        server.getConnections((_error, count = 0) => resolve(count));
      }),
  );
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

/** Returns the place in the app that called `process.exit`, during that call; `undefined` if nobody called it. */
function callerOfExit(): string | undefined {
  const frames = new Error().stack?.split('\n') ?? [];
  const exit = frames.findIndex((frame) => /process\.exit\b|\bexit \(node:/.test(frame));
  if (exit === -1) return undefined;
  const caller = frames.slice(exit + 1).find((frame) => !frame.includes('node:'));
  return caller === undefined ? '' : `, called ${caller.trim()}`;
}
