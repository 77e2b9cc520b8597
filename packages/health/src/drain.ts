import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, warn } from '@coalmine/options';
import { closeServer } from './close-server.js';
import { countConnections, createConnections, SILENT_MILLISECONDS } from './connections.js';
import { createDrainListeners, type DrainListener } from './drain-listeners.js';
import { createExitNote } from './exit-note.js';
import { askToLeave } from './last-response.js';
import type { Log } from './log.js';

export interface DrainOptions {
  /** A server is watched or listens again, after a time without any. */
  opened(): void;
  /** The last server has closed, without a drain. */
  emptied(): void;
  /** Closes the app while its servers close. */
  close(): unknown;
  readonly log: Log;
}

/** How a process drains. */
export interface DrainTerms {
  /** What started the drain. */
  readonly cause: string;
  readonly drainSeconds: number;
  readonly closeSeconds: number;
  /** Why the process does not serve for `drainSeconds`, if no option says so. */
  readonly shortBecause?: string | undefined;
}

/** The end of a process that loses no request. */
export interface Drainer {
  readonly isDraining: boolean;
  /** Whether a watched server listens or has had a connection; `undefined` if no server is watched. True in a drain. */
  readonly isListening: boolean | undefined;
  /** Aborted when the drain starts. */
  readonly signal: AbortSignal;
  /** Calls a listener when the drain starts, at once if it has started. Returns a function that removes the listener. */
  onDrain(listener: DrainListener): () => void;
  /** Closes the server at the end of the drain, and forgets servers that have closed before. */
  watch(server: Server): void;
  /** Turns unready, and resolves when the listeners of `onDrain` are done, or have had `seconds`. */
  leave(cause: string, seconds: number): Promise<void>;
  /**
   * Serves for `drainSeconds` and asks each client to use another pod, then closes. Resolves when everything is closed,
   * or when `closeSeconds` are over. A second call returns the first promise.
   */
  drain(terms: DrainTerms): Promise<void>;
  /** Resolves just before the app closes, if the process drains; at once otherwise. */
  served(): Promise<void>;
  /** Ends the process now, because somebody pressed Ctrl-C twice. */
  cut(): void;
}

const SWEEP_MILLISECONDS = 50;
// What is left to do once the connections were cut: hooks of the app that close a pool.
const LAST_MILLISECONDS = 1_000;

export function createDrainer(options: DrainOptions): Drainer {
  const { log } = options;
  const watched = new WeakSet<Server>();
  /** Servers that have not closed. */
  const servers = new Set<Server>();
  /** Servers that the drain has told to close. */
  const closing = new Set<Server>();
  const connections = createConnections();
  const listeners = createDrainListeners();
  const noteExit = createExitNote(log);
  let draining: Promise<void> | undefined;
  let phase: 'serving' | 'draining' | 'closing' = 'serving';
  let stopServing = (): void => {};
  let allClosed = (): void => {};
  const servedOut = new Promise<void>((resolve) => {
    stopServing = resolve;
  });

  return {
    get isDraining() {
      return listeners.cause !== undefined;
    },
    get isListening() {
      if (phase !== 'serving') return true;
      // A server that never listens itself serves the connections that another server hands over to it.
      return servers.size === 0 ? undefined : connections.hasHad || [...servers].some((server) => server.listening);
    },
    signal: listeners.signal,
    onDrain: (listener) => listeners.add(listener),
    watch(server) {
      if (watched.has(server)) return;
      watched.add(server);
      open(server);
      // A server that has closed may listen again.
      server.on('listening', () => open(server));
      server.on('close', () => forget(server));
      connections.watch(server);
    },
    async leave(cause, seconds) {
      listeners.call(cause);
      if (listeners.tasks.length > 0) await untilDone(Promise.all(listeners.tasks), 1000 * seconds);
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
    if (phase === 'closing') closeDown(server);
    if (isFirst) options.opened();
  }

  function closeDown(server: Server): void {
    closing.add(server);
    closeServer(server);
  }

  function forget(server: Server): void {
    if (!servers.delete(server) || servers.size > 0) return;
    if (phase === 'serving') options.emptied();
    else allClosed();
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
    listeners.call(cause);
    for (const server of servers) askToLeave(server);
    connections.askToLeave();
    if (drainSeconds > 0) await delay(1000 * drainSeconds);
    await connections.untilQuiet();
    const cut = await close(closeSeconds);
    process.off('exit', noteExit);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    log.info(`closed ${seconds} s after ${cause}, ${cut === 1 ? '1 connection was' : `${cut} connections were`} cut`);
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
    let swept = 0;
    const closed = new Promise<void>((resolve) => {
      allClosed = resolve;
    });
    connections.closeSessions();
    for (const server of servers) closeDown(server);
    if (servers.size === 0) allClosed();
    // A server closes without waiting for the connections that another server has handed over to it.
    const ended = closed.then(connections.untilGone);
    const done = Promise.all([ended, connections.untilHeard().then(closeApp), ...listeners.tasks]);
    const sweep = setInterval(() => {
      for (const server of closing) server.closeIdleConnections?.();
      swept += SWEEP_MILLISECONDS;
      if (swept > SILENT_MILLISECONDS) connections.closeSilent();
    }, SWEEP_MILLISECONDS);
    await untilDone(done, 1000 * seconds);
    clearInterval(sweep);
    const cut = Math.max(await countConnections(closing), connections.size);
    for (const server of forced) delete (server as Partial<Server>).closeAllConnections;
    connections.destroy();
    for (const server of closing) server.closeAllConnections?.();
    await untilDone(done, LAST_MILLISECONDS);
    return cut;
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
