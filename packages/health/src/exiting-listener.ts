// The listener that close-with-grace has before the first signal; after it, another one exits at the second signal.
const CLOSE_WITH_GRACE = /^function onSignal ?\(signal\) \{\s*run\(\{ ?signal ?\}\)/;

/**
 * Returns the name of a listener that ends the process at a signal or at its repetition, as far as the source text of
 * the listener shows that; `undefined` if there is none. A listener that calls `drain()` does not count.
 */
export function findExitingListener(signal: NodeJS.Signals): string | undefined {
  for (const listener of process.listeners(signal)) {
    const source = Function.prototype.toString.call(listener);
    if (CLOSE_WITH_GRACE.test(source)) return 'onSignal of close-with-grace';
    if (/\bexit\(/.test(source) && !/\bdrain\(/.test(source)) return listener.name || source.split('\n', 1)[0];
  }
  return undefined;
}
