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
  const { handle } = layer;
  return routerAt(layer) !== undefined || (handle.__original ?? handle).name === 'mounted_app';
}

/** Whether a layer serves the files of a directory, by `express.static()` or the package serve-static. */
export function servesFiles({ handle }: Layer): boolean {
  return (handle.__original ?? handle).name === 'serveStatic';
}
