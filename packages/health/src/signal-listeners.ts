import { constants } from 'node:os';

export type SignalListener = NodeJS.SignalsListener;

/** Calls a function, and watches the work that it starts. */
type Begin = <T>(run: () => T) => T;

/** The listeners of other code for signals. Coalmine calls them later. */
export interface SignalListeners {
  /** Whether `own` receives a signal in place of all other listeners. */
  isHeld(signal: NodeJS.Signals): boolean;
  /**
   * Makes `own` the only listener that receives a signal from now on, whether the others were registered before or
   * after.
   */
  hold(signal: NodeJS.Signals): void;
  /** Gives a signal back to the other listeners. */
  release(signal: NodeJS.Signals): void;
  /**
   * Calls the other listeners through `begin`, in their order. Resolves once the promises that they returned have
   * settled.
   */
  call(signal: NodeJS.Signals, begin: Begin): Promise<void>;
}

/**
 * Replaces each other listener by a stand-in that does nothing, as `once` replaces a listener by its wrapper: `off`,
 * `listeners` and `listenerCount` work as before.
 */
export function createSignalListeners(own: SignalListener): SignalListeners {
  const held = new Set<NodeJS.Signals>();
  const originals = new WeakMap<object, SignalListener>();
  let isReplacing = false;

  return {
    isHeld: (signal) => held.has(signal),
    hold(signal) {
      if (held.size === 0) process.on('newListener', noticeNew).on('removeListener', noticeRemoved);
      held.add(signal);
      process.prependListener(signal, own);
      holdBack(signal);
    },
    release(signal) {
      held.delete(signal);
      replace(signal, (listener) => originals.get(listener) ?? listener);
      process.off(signal, own);
      if (held.size === 0) process.off('newListener', noticeNew).off('removeListener', noticeRemoved);
    },
    call,
  };

  function noticeNew(event: string | symbol, listener: unknown): void {
    if (listener !== own) holdBackSoon(event);
  }

  /** Somebody has removed all listeners, ours included: the signal would kill the process. */
  function noticeRemoved(event: string | symbol, listener: unknown): void {
    if (listener === own) holdBackSoon(event);
  }

  /** Waits until the listeners are as they will be. Node delivers no signal before. */
  function holdBackSoon(event: string | symbol): void {
    if (isReplacing || !held.has(event as NodeJS.Signals)) return;
    queueMicrotask(() => {
      if (held.has(event as NodeJS.Signals)) holdBack(event as NodeJS.Signals);
    });
  }

  function holdBack(signal: NodeJS.Signals): void {
    // Without our listener, stand-ins would swallow the signal.
    if (!process.rawListeners(signal).includes(own)) process.prependListener(signal, own);
    const hidden = hiddenListeners(signal);
    replace(signal, (listener) =>
      originals.has(listener) || hidden.includes(listener) ? listener : standInFor(listener),
    );
  }

  /**
   * Replaces the other listeners, in their order. `own` stays, and comes first: without any listener, the signal ends
   * the process.
   */
  function replace(signal: NodeJS.Signals, replacement: (listener: SignalListener) => SignalListener): void {
    const others = othersOf(signal);
    isReplacing = true;
    // From the end, because `off` searches from the end: `off` takes the wrapper of a function for the function.
    for (const listener of [...others].reverse()) process.off(signal, listener);
    for (const listener of others) process.on(signal, replacement(listener));
    isReplacing = false;
  }

  function standInFor(listener: SignalListener): SignalListener {
    const standIn: SignalListener = Object.assign(() => {}, { listener: listenerOf(listener) });
    originals.set(standIn, listener);
    return standIn;
  }

  function othersOf(signal: NodeJS.Signals): SignalListener[] {
    return (process.rawListeners(signal) as SignalListener[]).filter((listener) => listener !== own);
  }

  /** Calls the listeners. A listener that throws is an uncaught exception, as it would be without Coalmine. */
  function call(signal: NodeJS.Signals, begin: Begin): Promise<void> {
    const results: unknown[] = [];
    for (const standIn of othersOf(signal)) {
      const listener = originals.get(standIn);
      if (listener === undefined) continue;
      if (isOnce(listener)) process.off(signal, standIn);
      try {
        results.push(begin(() => Reflect.apply(listener, process, [signal, constants.signals[signal]])));
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
    return settleAll(results);
  }
}

/**
 * Returns listeners that the process hides: `tsx` hides its listener, which must tell the parent process at once that
 * the signal has arrived.
 */
export function hiddenListeners(signal: NodeJS.Signals): readonly SignalListener[] {
  const visible = new Set<unknown>(process.listeners(signal));
  return (process.rawListeners(signal) as SignalListener[]).filter((listener) => !visible.has(listenerOf(listener)));
}

/** Returns the listener within a wrapper of Node or of Coalmine. */
function listenerOf(listener: SignalListener): SignalListener {
  return (listener as { readonly listener?: SignalListener }).listener ?? listener;
}

/** Whether Node calls the listener once. */
function isOnce(listener: SignalListener): boolean {
  return listener.name === 'bound onceWrapper';
}

/**
 * Resolves once all promises among these have settled. A rejection stays unhandled, as it would be without Coalmine.
 */
async function settleAll(results: readonly unknown[]): Promise<void> {
  await Promise.all(
    results.map((result) => new Promise<void>((resolve) => void Promise.resolve(result).finally(() => resolve()))),
  );
}
