import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSignalListeners, hiddenListeners, type SignalListeners } from './signal-listeners.js';

// Nobody sends it, so that the tests can: what `process.emit` does is what Node does at a signal.
const SIGNAL = 'SIGUSR2';
const send = (): boolean => process.emit(SIGNAL, SIGNAL);

let heard: string[];
let listeners: SignalListeners;
beforeEach(() => {
  heard = [];
  listeners = createSignalListeners(own);
});
afterEach(() => {
  listeners.release(SIGNAL);
  process.removeAllListeners(SIGNAL);
});

function own(): void {
  heard.push('own');
}
const hear = (name: string) => (): void => void heard.push(name);

describe('the listeners of others for a signal', () => {
  it('are held back, whether they were registered before or after, or at the front', async () => {
    process.on(SIGNAL, hear('before'));
    listeners.hold(SIGNAL);
    process.on(SIGNAL, hear('after'));
    process.prependListener(SIGNAL, hear('first'));
    await Promise.resolve();
    send();
    send();
    expect(heard).toEqual(['own', 'own']);
    listeners.call(SIGNAL);
    expect(heard.slice(2)).toEqual(['first', 'before', 'after']);
  });

  it('are heard by us again where somebody has removed all listeners', async () => {
    listeners.hold(SIGNAL);
    process.removeAllListeners(SIGNAL);
    process.on(SIGNAL, hear('after'));
    await Promise.resolve();
    send();
    listeners.call(SIGNAL);
    expect(heard).toEqual(['own', 'after']);
  });

  it('are themselves where a function is registered both with on and with once', () => {
    const both = hear('both');
    process.on(SIGNAL, both);
    process.once(SIGNAL, both);
    listeners.hold(SIGNAL);
    send();
    expect(heard).toEqual(['own']);
    listeners.call(SIGNAL);
    listeners.call(SIGNAL);
    expect(heard).toEqual(['own', 'both', 'both', 'both']);
  });

  it('are called once, where they were registered with once', () => {
    process.once(SIGNAL, hear('once'));
    process.on(SIGNAL, hear('always'));
    listeners.hold(SIGNAL);
    listeners.call(SIGNAL);
    listeners.call(SIGNAL);
    expect(heard).toEqual(['once', 'always', 'always']);
    expect(process.listenerCount(SIGNAL)).toBe(2);
  });

  it('are counted, listed and taken away as before', () => {
    const [one, two] = [hear('one'), hear('two')];
    process.on(SIGNAL, one);
    process.once(SIGNAL, two);
    listeners.hold(SIGNAL);
    expect(process.listenerCount(SIGNAL)).toBe(3);
    expect(process.listeners(SIGNAL)).toEqual([own, one, two]);
    process.off(SIGNAL, one);
    expect(process.listeners(SIGNAL)).toEqual([own, two]);
    listeners.call(SIGNAL);
    expect(heard).toEqual(['two']);
  });

  it('get the signal back in their order, with what was once', () => {
    process.once(SIGNAL, hear('once'));
    process.on(SIGNAL, hear('always'));
    listeners.hold(SIGNAL);
    listeners.release(SIGNAL);
    send();
    send();
    expect(heard).toEqual(['once', 'always', 'always']);
  });

  it('say whether they have finished, where they return a promise', async () => {
    let finish = (): void => {};
    process.on(SIGNAL, () => new Promise<void>((resolve) => (finish = resolve)));
    listeners.hold(SIGNAL);
    const called = listeners.call(SIGNAL);
    expect(called.isOpen).toBe(false);
    void called.finished.then(hear('finished'));
    await Promise.resolve();
    expect(heard).toEqual([]);
    finish();
    await called.finished;
    process.on(SIGNAL, hear('sync'));
    await Promise.resolve();
    expect(listeners.call(SIGNAL).isOpen).toBe(true);
    finish();
  });

  it('hear the signal at once, where they hide as the listener of tsx does', () => {
    const launcher = hear('launcher');
    process.on(SIGNAL, launcher);
    const { listeners: visible } = process;
    process.listeners = ((event: never) => visible.call(process, event).filter((each) => each !== launcher)) as never;
    try {
      listeners.hold(SIGNAL);
      expect(hiddenListeners(SIGNAL)).toEqual([launcher]);
      send();
      expect(heard).toEqual(['own', 'launcher']);
    } finally {
      process.listeners = visible;
    }
  });
});
