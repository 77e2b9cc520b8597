import type { ExpressApp, ExpressRequest, ExpressRoute } from './express.js';

type DispatchListener = (request: ExpressRequest, route: ExpressRoute) => void;

// Shared by all copies of this package: an app has one hook, however many listen.
const LISTENERS = Symbol.for('coalmine.express.dispatch');
const ROUTE = Symbol('coalmine.express.route');

/**
 * Calls `listener` whenever a router of `app` enters a route.
 *
 * Every router assigns `req.route` at that moment, when `baseUrl` still says where it is mounted; later an error may have
 * unwound it. An accessor on the prototype of the app's requests sees the assignment without touching any handler.
 */
export function onDispatch(app: ExpressApp, listener: DispatchListener): void {
  const prototype = app.request as { [LISTENERS]?: DispatchListener[] };
  // A mounted app inherits the hook of the one it is mounted on.
  if (prototype[LISTENERS] !== undefined) {
    prototype[LISTENERS].push(listener);
    return;
  }
  const listeners = [listener];
  Object.defineProperty(prototype, LISTENERS, { value: listeners });
  Object.defineProperty(prototype, 'route', {
    configurable: true,
    get(this: { [ROUTE]?: ExpressRoute }) {
      return this[ROUTE];
    },
    set(this: ExpressRequest & { [ROUTE]?: ExpressRoute }, route: ExpressRoute | undefined) {
      this[ROUTE] = route as ExpressRoute;
      if (route !== undefined) for (const each of listeners) each(this, route);
    },
  });
}
