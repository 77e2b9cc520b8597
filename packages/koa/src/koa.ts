import type { IncomingMessage, ServerResponse } from 'node:http';

// Koa 2 and 3, `@koa/router`, `koa-router` and `koa-mount` by shape: what is read here is in no types of theirs.

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
  /** What is `use`d. */
  readonly middleware: readonly KoaFunction[];
}

/** What is `use`d in an app or a router. */
type KoaFunction = ((...args: never[]) => unknown) & { readonly router?: Router };

export interface Router {
  /** Its routes and what is `use`d in it, those of nested routers included, in the order in which they get a request. */
  readonly stack: readonly Layer[];
}

/** A route of a router, or something that is `use`d in it. */
export interface Layer {
  /** With every prefix. */
  readonly path: string | RegExp;
  /** In upper case; none for something that is `use`d. */
  readonly methods: readonly string[];
  readonly stack: readonly KoaFunction[];
  match(path: string): boolean;
}

/** A context on which a router has worked. */
export interface RoutedContext extends KoaContext {
  /** The router at work. */
  readonly router?: Router;
  /** What matches the path, whatever the method, in all routers that have had the request. */
  readonly matched?: readonly Layer[];
  /** What is left of the path where the router is mounted. */
  readonly path: string;
  /** The URL as it came. */
  readonly originalUrl: string;
  /** The path of the nearest mount that `koa-mount` has taken off the path, now or before. */
  readonly mountPath?: string;
}
