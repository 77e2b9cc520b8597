import type { IncomingMessage, ServerResponse } from 'node:http';

// Hono 4 and `@hono/node-server` by shape.

/** A function that an app has registered, and its path. */
export interface HonoRoute {
  /** In upper case; `ALL` for every method. */
  readonly method: string;
  /** With every base path. */
  readonly path: string;
  readonly handler: object;
}

/** A Hono app. */
export interface HonoApp {
  /** All registered functions, including sub-apps, in the order in which they get a request. */
  readonly routes: readonly HonoRoute[];
}

/** A context of Hono, as a middleware gets it. */
export interface HonoContext {
  readonly env: unknown;
  readonly req: HonoRequest;
}

export interface HonoRequest {
  /** The functions that match the request, in the order in which they get it. */
  readonly matchedRoutes: readonly HonoRoute[];
  /** The index of the one that has had the request last. */
  readonly routeIndex: number;
}

/** A middleware for Hono 4. */
export type HonoMiddleware = (context: HonoContext, next: () => Promise<void>) => Promise<Response | undefined>;

/** What `@hono/node-server` passes to an app with each request. */
export interface NodeBindings {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/**
 * Returns the request and the response of Node; `undefined` if something else than `@hono/node-server` calls the app.
 */
export function nodeBindingsOf({ env }: HonoContext): NodeBindings | undefined {
  const { incoming, outgoing } = (env ?? {}) as Partial<NodeBindings>;
  return incoming === undefined || outgoing === undefined ? undefined : { incoming, outgoing };
}

/** Returns the response that tells `@hono/node-server` that somebody else has responded. */
export function alreadySent(): Response {
  const response = new Response(null, { headers: { 'x-hono-already-sent': 'true' } });
  // @hono/node-server 2 sends a response without reading its headers, unless somebody has accessed its body.
  void response.body;
  return response;
}

/** A registered function; `length` is the number of its arguments. */
interface Registered {
  readonly length: number;
  /** The function that Hono has wrapped. */
  readonly __COMPOSED_HANDLER?: Registered;
}

/** Returns the function that an app has registered: Hono wraps the functions of a sub-app that has an error handler. */
export function findRegistered({ handler }: HonoRoute): Registered {
  let registered = handler as Registered;
  while (registered.__COMPOSED_HANDLER !== undefined) registered = registered.__COMPOSED_HANDLER;
  return registered;
}
