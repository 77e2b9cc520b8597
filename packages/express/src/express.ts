import type { IncomingMessage, ServerResponse } from 'node:http';

// Express 4 and 5 by shape: their types differ, and what is read here is in neither.

/** An Express app. */
export interface ExpressApp {
  /** The prototype of its requests. */
  readonly request: object;
  /** Express 4. */
  readonly _router?: Router;
  /** Express 5; throws in Express 4. */
  readonly router: Router;
  /** The app that this one is mounted on. */
  readonly parent?: ExpressApp;
  readonly mountpath?: Path | readonly Path[];
}

export interface ExpressRequest extends IncomingMessage {
  readonly app?: ExpressApp;
  readonly res?: ServerResponse;
  /** Where the router at work is mounted; `undefined` once the app's own router has given up. */
  readonly baseUrl?: string;
}

/** A router's `Route`: one path with its handlers. */
export interface ExpressRoute {
  readonly path: Path | readonly Path[];
  /** By method in lower case; `_all` for a route of every method. */
  readonly methods: Readonly<Record<string, boolean>> & { readonly _all?: boolean };
  readonly stack: readonly { readonly handle: unknown }[];
}

/** One entry of a router: a route, or something mounted. */
export interface Layer {
  readonly route?: ExpressRoute;
  readonly handle: { readonly stack?: readonly Layer[] };
  /** router 2.3: what was passed to `use`. */
  readonly rawPath?: Path | readonly Path[];
  /** router 2: mounted at the root. */
  readonly slash?: boolean;
  /** router 2: one matching function for each path. */
  readonly matchers?: readonly { readonly name: string }[];
  /** Express 4. */
  readonly regexp?: RegExp & { readonly fast_slash?: boolean };
  /** Express 4: the parameters; router 2.0 to 2.2: the names of the last match's. */
  keys?: readonly unknown[];
  /** Before router 2.3: what the last match consumed. */
  path?: string;
  /** Before router 2.3: the parameters of the last match. */
  params?: Readonly<Record<string, unknown>>;
  match(path: string): boolean;
}

export type Path = string | RegExp;

interface Router {
  readonly stack: readonly Layer[];
}

/** Whether what is mounted is an app, rather than a router or a function. */
export function isApp(handle: object): handle is ExpressApp {
  return typeof (handle as Partial<ExpressApp>).request === 'object' && 'settings' in handle;
}

/** The entries of an app's own router. */
export function stackOf(app: ExpressApp): readonly Layer[] {
  return (app._router ?? routerOf(app))?.stack ?? [];
}

function routerOf(app: ExpressApp): Router | undefined {
  try {
    return app.router;
  } catch {
    // Express 4 before its first `use`.
    return undefined;
  }
}
