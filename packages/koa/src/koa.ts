import type { IncomingMessage, ServerResponse } from 'node:http';

// Koa 2 and 3, `@koa/router`, `koa-router` and `koa-mount` by shape: their types do not have what is read here.

/** A context of Koa, as a middleware gets it. */
export interface KoaContext {
  readonly app: object;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Whether Koa responds when the middlewares are done. */
  respond?: boolean | undefined;
}

/** A middleware for Koa 2 and 3. */
export type KoaMiddleware = (context: KoaContext, next: () => Promise<unknown>) => Promise<unknown>;

/** A Koa app. */
export interface KoaApp {
  /** The prototype of its contexts. */
  readonly context: object;
  /** The functions in `use`. */
  readonly middleware: readonly KoaFunction[];
}

/** A function in `use` of an app or a router. */
type KoaFunction = ((...args: never[]) => unknown) & { readonly router?: Router };

export interface Router {
  /** Its routes and the functions in its `use`, including nested routers, in the order in which they get a request. */
  readonly stack: readonly Layer[];
}

/** A route of a router, or a function in its `use`. */
export interface Layer {
  /** With every prefix. */
  readonly path: string | RegExp;
  /** In upper case; empty for a function in `use`. */
  readonly methods: readonly string[];
  readonly stack: readonly KoaFunction[];
  match(path: string): boolean;
}

/** A context that a router has handled. */
export interface RoutedContext extends KoaContext {
  /** The current router. */
  readonly router?: Router;
  /** The layers that match the path, whatever the method, in all routers that have had the request. */
  readonly matched?: readonly Layer[];
  /** The rest of the path below the mount of the router. */
  readonly path: string;
  /** The original URL. */
  readonly originalUrl: string;
  /** The path of the nearest mount that `koa-mount` has removed from the path, now or before. */
  readonly mountPath?: string;
}
