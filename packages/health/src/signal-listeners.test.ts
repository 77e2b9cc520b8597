import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSignalListeners, hiddenListeners, type SignalListeners } from './signal-listeners.js';

// Nobody sends it, so that the tests can: what `process.emit` does is what Node does at a signal.
const SIGNAL = 'SIGUSR2';
const send = (): boolean => process.emit(SIGNAL, SIGNAL);
const call = (): Promise<void> => listeners.call(SIGNAL, (run) => run());

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
    void call();
    expect(heard.slice(2)).toEqual(['first', 'before', 'after']);
  });

  it('give the signal back to Coalmine after somebody has removed all listeners and added others', async () => {
    listeners.hold(SIGNAL);
    process.removeAllListeners(SIGNAL);
    process.on(SIGNAL, hear('after'));
    await Promise.resolve();
    send();
    void call();
    expect(heard).toEqual(['own', 'after']);
  });

  it('give the signal back to Coalmine, until it releases them, after somebody has removed all listeners', async () => {
    listeners.hold(SIGNAL);
    process.removeAllListeners(SIGNAL);
    await Promise.resolve();
    send();
    expect(heard).toEqual(['own']);
    listeners.release(SIGNAL);
    await Promise.resolve();
    expect([process.listenerCount(SIGNAL), send()]).toEqual([0, false]);
  });

  it('are called as often as they were registered, if a function is registered with both on and once', () => {
    const both = hear('both');
    process.on(SIGNAL, both);
    process.once(SIGNAL, both);
    listeners.hold(SIGNAL);
    send();
    expect(heard).toEqual(['own']);
    void call();
    void call();
    expect(heard).toEqual(['own', 'both', 'both', 'both']);
  });

  it('are called once if they were registered with once', () => {
    process.once(SIGNAL, hear('once'));
    process.on(SIGNAL, hear('always'));
    listeners.hold(SIGNAL);
    void call();
    void call();
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
    void call();
    expect(heard).toEqual(['two']);
  });

  it('are called in their order after the release, and a listener of once is called once', () => {
    process.once(SIGNAL, hear('once'));
    process.on(SIGNAL, hear('always'));
    listeners.hold(SIGNAL);
    listeners.release(SIGNAL);
    send();
    send();
    expect(heard).toEqual(['once', 'always', 'always']);
  });

  it('report when they have finished, if they return a promise or a thenable', async () => {
    const finishes: (() => void)[] = [];
    process.on(SIGNAL, () => new Promise<void>((resolve) => finishes.push(resolve)));
    // biome-ignore lint/suspicious/noThenProperty: as promises of other libraries have it
    process.on(SIGNAL, () => ({ then: (resolve: () => void) => void finishes.push(resolve) }));
    process.on(SIGNAL, hear('sync'));
    listeners.hold(SIGNAL);
    void call().then(hear('finished'));
    await vi.waitFor(() => expect(finishes).toHaveLength(2), 100_000);
    finishes[0]?.();
    await new Promise(setImmediate);
    expect(heard).toEqual(['sync']);
    finishes[1]?.();
    await vi.waitFor(() => expect(heard).toEqual(['sync', 'finished']), 100_000);
  });

  it('are called at once if they hide from process.listeners() like the listener of tsx', () => {
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
