import { constants } from 'node:os';

/** What is to be done before the process ends; resolves with the time, on the monotonic clock, when it must have. */
export type Drain = (signal: NodeJS.Signals) => Promise<number>;

interface Shutdown {
  readonly drains: Map<NodeJS.Signals, Set<Drain>>;
  readonly listener: (signal: NodeJS.Signals) => void;
}

// One listener for all apps of a process, and for every copy of this package: it must know when all have drained.
const SHUTDOWN = Symbol.for('coalmine.shutdown.1');

/**
 * Runs `drain` at the first of these signals; the second ends the process at once. Answers what takes it back.
 *
 * A process with nothing left to do then ends by itself. One that is held, by a database pool for instance, is ended when
 * its time is up, unless somebody else listens for the signal too, whose business it then is. With an exit code, not by the
 * signal: the first process of a container would survive that.
 */
export function onSignals(signals: readonly NodeJS.Signals[], drain: Drain): () => void {
  const { drains, listener } = shutdown();
  for (const signal of signals) {
    const known = drains.get(signal) ?? new Set();
    if (known.size === 0) process.on(signal, listener);
    drains.set(signal, known.add(drain));
  }
  return () => {
    for (const signal of signals) {
      const known = drains.get(signal);
      if (known?.delete(drain) && known.size === 0) process.off(signal, listener);
    }
  };
}

function shutdown(): Shutdown {
  const host = process as unknown as Record<symbol, Shutdown | undefined>;
  host[SHUTDOWN] ??= createShutdown();
  return host[SHUTDOWN];
}

function createShutdown(): Shutdown {
  const drains: Shutdown['drains'] = new Map();
  let hasBegun = false;
  return { drains, listener };

  function listener(signal: NodeJS.Signals): void {
    const code = 128 + constants.signals[signal];
    const isOurs = process.listenerCount(signal) === 1;
    if (hasBegun) {
      if (isOurs) process.exit(code);
      return;
    }
    hasBegun = true;
    const all = [...(drains.get(signal) ?? [])].map((drain) => drain(signal));
    void Promise.all(all).then((deadlines) => {
      if (!isOurs) return;
      const left = Math.max(...deadlines) - performance.now();
      setTimeout(() => process.exit(code), Math.max(0, left)).unref();
    });
  }
}
