import {
  type AnyMessage,
  createOperations,
  fail,
  type Instrument,
  type OperationsOptions,
  type RoutePattern,
  warn,
} from '@coalmine/node';
import type { TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';

/** Options for the procedures of a router, all of them optional. */
export interface TrpcOptions extends Partial<OperationsOptions> {
  /** The path at which the service serves the router. @defaultValue `'/trpc'` */
  readonly path?: string;
}

/** A router of tRPC, by shape. */
export interface TrpcRouter {
  readonly _def: {
    /** By path, such as `items.byId`; the procedures of a lazy router come with its first request. */
    readonly procedures: object;
    /** Routers that are loaded when a request needs them. */
    readonly lazy?: object;
  };
}

/** The options of an adapter of tRPC, by shape. */
export interface TrpcHandlerOptions {
  readonly router: TrpcRouter;
  /** Whether queries may come as `POST`. */
  readonly allowMethodOverride?: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: each adapter has its own types for these.
  readonly createContext?: (options: any) => any;
  // biome-ignore lint/suspicious/noExplicitAny: each adapter has its own types for these.
  readonly onError?: (options: any) => any;
}

interface Created {
  readonly req: AnyMessage;
  readonly info: { readonly calls: readonly { readonly path: string }[] };
}

interface Failed {
  readonly req: AnyMessage;
  readonly error: TRPCError;
}

type ProcedureType = 'query' | 'mutation' | 'subscription';

interface Procedure {
  readonly _def: { readonly type: ProcedureType };
}

/**
 * Returns the options of an adapter of tRPC (Express, Fastify, standalone), changed so that each procedure is counted
 * as a route: `createExpressMiddleware(coalmineTrpc(instrument, { router, createContext }))`.
 *
 * Throws `CoalmineError` if an option is invalid.
 */
export function coalmineTrpc<Options extends TrpcHandlerOptions>(
  instrument: Instrument,
  handlerOptions: Options,
  options?: TrpcOptions,
): Options {
  const { router, allowMethodOverride } = handlerOptions;
  const operations = createOperations(instrument, { path: '/trpc', ...options });
  declare();
  // The procedures of a lazy router are unknown before it is loaded.
  if (Object.keys(router._def.lazy ?? {}).length === 0) operations.checkRoutes();

  const counted: TrpcHandlerOptions = {
    ...handlerOptions,
    createContext(created: Created) {
      try {
        operations.assign(created.req, routeOf(created.info.calls));
      } catch (error) {
        warnUnread(error);
      }
      return handlerOptions.createContext?.(created);
    },
    onError(failed: Failed) {
      try {
        judge(failed);
      } catch (error) {
        warnUnread(error);
      }
      return handlerOptions.onError?.(failed);
    },
  };
  return counted as Options;

  function declare(): void {
    const procedures = Object.entries(router._def.procedures as Readonly<Record<string, Procedure>>);
    operations.declare(procedures.map(([name, { _def }]) => ({ name, methods: methodsOf(_def.type) })));
  }

  function methodsOf(type: ProcedureType): readonly string[] {
    if (type === 'mutation') return ['POST'];
    return allowMethodOverride === true ? ['GET', 'POST'] : ['GET'];
  }

  /** Returns the route of the first call that is not excluded, or of the first call if all of them are. */
  function routeOf(calls: Created['info']['calls']): RoutePattern | undefined {
    let excluded: RoutePattern | undefined;
    for (const { path } of calls) {
      const route = find(path);
      if (route?.isExcluded === false) return route;
      excluded ??= route;
    }
    return excluded;
  }

  function find(path: string): RoutePattern | undefined {
    const known = operations.find(path);
    if (known !== undefined || !Object.hasOwn(router._def.procedures, path)) return known;
    // A lazy router has been loaded for this request.
    declare();
    return operations.find(path);
  }

  function judge({ req, error }: Failed): void {
    operations.assign(req, undefined);
    const status = getHTTPStatusCodeFromError(error);
    if (status >= 500) fail(req, { status, reason: error.message });
  }

  function warnUnread(error: unknown): void {
    warn('COALMINE_OPERATION_UNREAD', `A call of tRPC could not be read: ${String(error)}`, instrument);
  }
}
