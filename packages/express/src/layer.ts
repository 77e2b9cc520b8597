import { isApp, type Layer, type Router, routerOf } from './express.js';

// On the layers whose requests are looked at as soon as they arrive.
const WATCHED = Symbol('coalmine.express.watched');

/** Makes requests be looked at as soon as they arrive at a layer. */
export function watch(layer: Layer): void {
  Object.defineProperty(layer, WATCHED, { value: true, configurable: true });
}

/** Whether a request is looked at as soon as it arrives at a layer. */
export function isWatched(layer: Layer): boolean {
  return (layer as { [WATCHED]?: true })[WATCHED] === true;
}

/** Returns the router that is mounted at a layer. */
export function routerAt({ handle }: Layer): Router | undefined {
  if (isApp(handle)) return routerOf(handle);
  const { stack } = handle;
  // Other functions have a stack as well, such as an app of `connect`.
  const isRouter = Array.isArray(stack) && (stack.length === 0 || typeof stack[0]?.match === 'function');
  return isRouter ? (handle as Router) : undefined;
}

/** Whether a layer leads to a router, which is known only later for a mounted app. */
export function leadsToRouter(layer: Layer): boolean {
  return routerAt(layer) !== undefined || calls(layer, 'mounted_app', ['.app', '.handle(', '.request', '.response']);
}

/** Whether a layer serves the files of a directory, by `express.static()` or the package serve-static. */
export function servesFiles(layer: Layer): boolean {
  return calls(layer, 'serveStatic', ['GET, HEAD', 'directory', '.pipe(']);
}

/**
 * Whether a layer calls a function of Express. The layer keeps the name of the function, also when an agent has replaced
 * the function since. If a bundler has renamed the function, these words are still in its text.
 */
function calls({ handle, name }: Layer, original: string, words: readonly string[]): boolean {
  if (name === original) return true;
  const text = Function.prototype.toString.call(handle.__original ?? handle);
  return words.every((word) => text.includes(word));
}
