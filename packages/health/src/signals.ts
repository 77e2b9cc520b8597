import { constants } from 'node:os';
import { isatty } from 'node:tty';
import { activeResources } from './active-resources.js';
import type { Log } from './log.js';
import { createSignalListeners } from './signal-listeners.js';
import { createWork, type Work } from './work.js';

/** An app of the process that takes part in its end. */
export interface EndingApp {
  /** Drains. Never rejects. */
  end(signal: NodeJS.Signals): Promise<Ended>;
  /** Called when the process ends now, whatever is in progress. */
  cut(): void;
  readonly log: Log;
}

/** How an app has ended. */
export interface Ended {
  /** Whether a server of the app listened; otherwise the process was still booting. */
  readonly hasServed: boolean;
  /** When other listeners of the signal must have finished, on the monotonic clock. */
  readonly deadline: number;
  /** Seconds that a process has to end by itself. */
  readonly lingerSeconds: number;
}

interface Shutdown {
  /** Adds an app that drains at a signal. */
  add(signal: NodeJS.Signals, app: EndingApp): void;
  remove(signal: NodeJS.Signals, app: EndingApp): void;
}

// One end for all apps of a process, and for every copy of this package: it must know when all have drained.
const SHUTDOWN = Symbol.for('coalmine.shutdown.1');
// npm and shells repeat the SIGINT of a terminal. Nobody presses Ctrl-C twice as fast.
const REPEATED_MILLISECONDS = 500;
const LOOK_MILLISECONDS = 50;

/**
 * Drains the app at the first of these signals, and ends the process when all apps have drained. Returns a function
 * that removes the app.
 *
 * The other listeners for these signals are held back, and called after the drain. Repeated signals do nothing, except
 * for a second SIGINT from a terminal, which ends the process at once.
 */
export function onSignals(signals: readonly NodeJS.Signals[], app: EndingApp): () => void {
  const host = process as unknown as Record<symbol, Shutdown | undefined>;
  host[SHUTDOWN] ??= createShutdown();
  const shutdown = host[SHUTDOWN];
  for (const signal of signals) shutdown.add(signal, app);
  return () => {
    for (const signal of signals) shutdown.remove(signal, app);
  };
}

function createShutdown(): Shutdown {
  const apps = new Map<NodeJS.Signals, Set<EndingApp>>();
  const listeners = createSignalListeners(listen);
  let ending: readonly EndingApp[] | undefined;
  let interruptedAt: number | undefined;

  return {
    add(signal, app) {
      const known = apps.get(signal) ?? new Set();
      apps.set(signal, known.add(app));
      if (!listeners.isHeld(signal)) listeners.hold(signal);
    },
    remove(signal, app) {
      const known = apps.get(signal);
      // Once the end has started, a signal must not end the process early.
      if (known?.delete(app) && known.size === 0 && ending === undefined) listeners.release(signal);
    },
  };

  function listen(signal: NodeJS.Signals): void {
    const isImpatient = isSecondInterrupt(signal);
    if (ending === undefined) {
      ending = [...(apps.get(signal) ?? [])];
      void end(ending, signal);
    } else if (isImpatient) {
      for (const app of ending) app.cut();
      process.exit(128 + constants.signals[signal]);
    }
  }

  async function end(all: readonly EndingApp[], signal: NodeJS.Signals): Promise<void> {
    const ended = await Promise.all(all.map((app) => app.end(signal)));
    const hasServed = ended.some((each) => each.hasServed);
    const code = hasServed ? 0 : 128 + constants.signals[signal];
    const deadline = Math.max(...ended.map((each) => each.deadline));
    const work = createWork();
    const finished = listeners.call(signal, work.begin);
    if (!hasServed) {
      await untilDone(finished, work, deadline);
      return exit(code);
    }
    keepSignals();
    const lingerSeconds = Math.max(...ended.map((each) => each.lingerSeconds));
    do {
      await untilDone(finished, work, deadline);
      leaveCluster();
      await later(1000 * lingerSeconds);
      // A response on an old connection may have started more work.
    } while (work.isUnderWay() && performance.now() < deadline);
    const when = work.isUnderWay()
      ? `when the time of the listeners for ${signal} was over`
      : `${lingerSeconds} s after all else had ended`;
    all[0]?.log.info(`the process was held by ${activeResources()}: ended ${when}`);
    exit(code);
  }

  /** Whether somebody at a terminal has pressed Ctrl-C twice. */
  function isSecondInterrupt(signal: NodeJS.Signals): boolean {
    if (signal !== 'SIGINT' || !isatty(0)) return false;
    interruptedAt ??= performance.now();
    return performance.now() - interruptedAt > REPEATED_MILLISECONDS;
  }
}

/** Ends the process with the code that the app has set, or with `code`. */
function exit(code: number): void {
  process.exit(process.exitCode ?? code);
}

/**
 * Keeps the listeners for signals until the process is gone. When a process ends by itself, Node removes them before that, and
 * a repeated signal would kill the process. `process.exit()` does not remove them, so it is the last thing that happens.
 */
function keepSignals(): void {
  const leave = (): void => process.exit();
  process.on('beforeExit', () => {
    process.off('exit', leave);
    process.on('exit', leave);
  });
}

/** Resolves once the listeners have finished and the work that they started has ended; at the deadline otherwise. */
async function untilDone(finished: Promise<void>, work: Work, deadline: number): Promise<void> {
  await Promise.race([finished, later(Math.max(0, deadline - performance.now()))]);
  while (work.isUnderWay() && performance.now() < deadline) await later(LOOK_MILLISECONDS);
}

/** Resolves after a time, without keeping the process alive. */
function later(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}

/** Closes the channel to the primary, which would keep a worker of a cluster alive. */
function leaveCluster(): void {
  const cluster = process.getBuiltinModule('node:cluster') as unknown as typeof import('node:cluster').default;
  if (cluster.isWorker && cluster.worker?.isConnected()) cluster.worker.disconnect();
}
