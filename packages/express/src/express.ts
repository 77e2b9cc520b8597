import type { IncomingMessage, ServerResponse } from 'node:http';

// Express 4 and 5 by shape: their types differ, and neither has what is read here.

/** An Express app. */
export interface ExpressApp {
  /** The prototype of its requests. */
  readonly request: object;
  /** Express 4. */
  readonly _router?: Router;
  /** Express 5; throws in Express 4. */
  readonly router: Router;
  /** The app on which this app is mounted. */
  readonly parent?: ExpressApp;
  readonly mountpath?: Path | readonly Path[];
}

export interface ExpressRequest extends IncomingMessage {
  readonly app?: ExpressApp;
  readonly res?: ServerResponse;
  /** The mount path of the current router; `undefined` once the app's own router has given up. */
  readonly baseUrl?: string;
  /** The original URL; a mount removes its own part from `url`. */
  readonly originalUrl?: string;
}

/** The function that a handler calls to pass a request on. */
export type Next = (error?: unknown) => void;

/** A router's `Route`: one path with its handlers. */
export interface ExpressRoute {
  readonly path: Path | readonly Path[];
  /** By method in lower case; `_all` for a route of every method. */
  readonly methods: Readonly<Record<string, boolean>> & { readonly _all?: boolean; readonly head?: boolean };
  /** `method` in lower case; `undefined` for a handler of every method. */
  readonly stack: readonly { readonly handle: unknown; readonly method?: string }[];
}

/** What a router calls: a function, another router or an app. */
interface Handle {
  readonly length: number;
  /** The entries of a router. */
  readonly stack?: readonly Layer[];
  /** The function that OpenTelemetry has wrapped. */
  readonly __original?: Handle;
}

/** One entry of a router: a route, or something mounted. */
export interface Layer {
  readonly route?: ExpressRoute;
  readonly handle: Handle;
  /** The name of the function when it was added. */
  readonly name?: string;
  /** router 2.3: what was passed to `use`. */
  readonly rawPath?: Path | readonly Path[];
  /** router 2: mounted at the root. */
  readonly slash?: boolean;
  /** router 2: one matching function for each path. */
  readonly matchers?: readonly Matcher[];
  /** Express 4. */
  readonly regexp?: RegExp & { readonly fast_slash?: boolean };
  /** Express 4: the parameters of the regular expression. */
  readonly keys?: readonly { readonly name: string | number }[];
  /** Before router 2.3: what the last match consumed. */
  readonly path?: string;
}

/** Returns the part of a path that a mount consumes. */
export type Matcher = (path: string) => false | { readonly path: string; readonly params: Params };
type Params = Readonly<Record<string, unknown>>;

export type Path = string | RegExp;

export interface Router {
  readonly stack: readonly Layer[];
}

/** Whether a mounted function is an app, rather than a router or a plain function. */
export function isApp(handle: object): handle is ExpressApp {
  return typeof (handle as Partial<ExpressApp>).request === 'object' && 'settings' in handle;
}

/** Returns the app's own router. */
export function routerOf(app: ExpressApp): Router | undefined {
  if (app._router !== undefined) return app._router;
  try {
    return app.router;
  } catch {
    // Express 4 before its first `use`.
    return undefined;
  }
}

/** A middleware for Express 4 and 5. */
export type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;
