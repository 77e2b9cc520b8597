import { setMaxListeners } from 'node:events';
import { messageOf, warn } from '@coalmine/options';

/** Called with the cause when a drain starts, such as `'SIGTERM'`. The drain waits for the promise that is returned. */
export type DrainListener = (cause: string) => unknown;

/** The listeners that are called once, when a drain starts. */
export interface DrainListeners {
  /** What started the drain; `undefined` before the drain. */
  readonly cause: string | undefined;
  /** Aborted when the drain starts. */
  readonly signal: AbortSignal;
  /** What the listeners do: a promise for each listener that was called. None of them rejects. */
  readonly tasks: readonly Promise<void>[];
  /** Calls a listener when the drain starts, at once if it has started. Returns a function that removes the listener. */
  add(listener: DrainListener): () => void;
  /** Calls the listeners. Only the first call does something. */
  call(cause: string): void;
}

/** The reason of {@link DrainListeners.signal}. */
class Draining extends Error {
  override readonly name = 'Draining';

  constructor(cause: string) {
    super(`draining because of ${cause}`);
  }
}

export function createDrainListeners(): DrainListeners {
  const abort = new AbortController();
  // A listener for each stream is no leak.
  setMaxListeners(0, abort.signal);
  const listeners = new Set<DrainListener>();
  const tasks: Promise<void>[] = [];
  let begunBy: string | undefined;

  return {
    get cause() {
      return begunBy;
    },
    signal: abort.signal,
    tasks,
    add(listener) {
      if (begunBy === undefined) listeners.add(listener);
      else callOne(listener, begunBy);
      return () => {
        listeners.delete(listener);
      };
    },
    call(cause) {
      if (begunBy !== undefined) return;
      begunBy = cause;
      abort.abort(new Draining(cause));
      for (const listener of listeners) callOne(listener, cause);
      listeners.clear();
    },
  };

  function callOne(listener: DrainListener, cause: string): void {
    const task = (async () => {
      await listener(cause);
    })().catch((error) => {
      warn('COALMINE_DRAIN_LISTENER_FAILED', `A listener of onDrain failed: ${messageOf(error)}`, listener);
    });
    tasks.push(task);
  }
}
