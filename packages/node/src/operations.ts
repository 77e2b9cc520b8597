import { type ObjectiveOptions, UNMATCHED } from '@coalmine/metrics';
import { InvalidOption, integerOption, isMapping, objectOption, warn, within } from '@coalmine/options';
import type { AnyMessage } from './http.js';
import type { HttpExchange } from './http-exchange.js';
import type { Instrument } from './instrument.js';
import type { RouteOptions } from './options.js';
import type { RoutePattern } from './route-pattern.js';

export interface OperationsOptions {
  /** The path of the URL that carries the operations: the label of each starts with it. */
  readonly path: string;
  /** The objective of every operation. @defaultValue the objective of the service */
  readonly objective?: ObjectiveOptions;
  /** Options of single operations, by their names. @defaultValue none */
  readonly routes?: Readonly<Record<string, RouteOptions>>;
  /**
   * How many operations have a route each. If there are more, only the operations that `routes` names have their own,
   * and the others share one. @defaultValue `500`
   */
  readonly maxOperations?: number;
}

/** An operation that a client can call. */
export interface Operation {
  /** The name of the operation on the server; never a name that a client has chosen. */
  readonly name: string;
  /** The HTTP methods that reach the operation. */
  readonly methods: readonly string[];
  /** The start of the names of operations that share a route if there are too many. @defaultValue `''` */
  readonly group?: string;
}

/** The operations of one URL that carries many (GraphQL, RPC): each operation is a route of its own. */
export interface Operations {
  /** Declares operations, and creates their series at zero: all operations of a schema or a router in one call. */
  declare(operations: readonly Operation[]): void;
  /** Warns of names in the option `routes` that no operation has. Call it when all operations are known. */
  checkRoutes(): void;
  /** Returns the route of an operation, or `undefined` for a name that was not declared. */
  find(name: string): RoutePattern | undefined;
  /**
   * Counts a request that has started on the route of an operation, or on the path if `route` is `undefined` and nobody
   * has named the request. In a batch, `position` is the place of the operation, and the first operation of a user
   * names the request, in whichever order the operations are executed. Does nothing for a request that has not started,
   * or is over.
   */
  assign(message: AnyMessage, route: RoutePattern | undefined, position?: number): void;
}

/** Creates the operations of one URL. Throws `CoalmineError` if an option is invalid. */
export function createOperations(
  instrument: Pick<Instrument, 'exchangeOf' | 'pattern'>,
  options: OperationsOptions,
): Operations {
  if (typeof instrument?.pattern !== 'function') {
    const accepted = 'the instrument of the service: `app.coalmine` in Fastify, `coalmine().instrument` in Express';
    throw new InvalidOption('instrument', accepted, instrument);
  }
  const { path, objective, routes, maxOperations } = parseOptions(options);
  const byName = new Map<string, RoutePattern>();
  const mount = instrument.pattern(path, objective);
  const named = new Map(
    Object.entries(routes).map(([name, own]) => [name, within(`routes.${name}`, [], () => open(name, own))]),
  );
  // The place of the operation that names a batch so far.
  const positions = new WeakMap<HttpExchange, number>();

  return {
    declare(operations) {
      const isTooMany = operations.length > maxOperations;
      if (isTooMany) warnOfMany(operations);
      for (const { name, methods, group = '' } of operations) {
        const own = byName.get(name) ?? named.get(name);
        const route = own ?? (isTooMany ? share(`${group}(other)`) : open(name));
        byName.set(name, route);
        route.declare(methods);
      }
    },
    checkRoutes() {
      for (const name of named.keys()) {
        if (byName.has(name)) continue;
        warn('COALMINE_INVALID_OPTION', `routes names ${JSON.stringify(name)}, which ${path} does not have`);
      }
    },
    find: (name) => byName.get(name),
    assign(message, route, position) {
      const exchange = exchangeIn(message);
      if (exchange === undefined) return;
      if (route === undefined) {
        if (exchange.route.pattern === UNMATCHED) mount.assign(exchange);
        return;
      }
      if (position !== undefined && !isFirst(exchange, route, position)) return;
      route.assign(exchange);
    },
  };

  function open(name: string, own?: RouteOptions): RoutePattern {
    return instrument.pattern(`${path} ${name}`, own === false ? own : { ...objective, ...own });
  }

  function share(name: string): RoutePattern {
    const route = byName.get(name) ?? open(name);
    byName.set(name, route);
    return route;
  }

  /** Returns the exchange of a request that can still be named. */
  function exchangeIn(message: AnyMessage): HttpExchange | undefined {
    const raw = 'raw' in message ? message.raw : message;
    const exchange = instrument.exchangeOf(raw);
    return exchange?.response !== undefined && exchange.state === 'open' ? exchange : undefined;
  }

  /**
   * Whether an operation names its batch. An excluded operation does not: a client could hide the other operations
   * behind it.
   */
  function isFirst(exchange: HttpExchange, route: RoutePattern, position: number): boolean {
    if (route.isExcluded || position >= (positions.get(exchange) ?? Number.POSITIVE_INFINITY)) return false;
    positions.set(exchange, position);
    return true;
  }

  function warnOfMany(operations: readonly Operation[]): void {
    warn(
      'COALMINE_MANY_OPERATIONS',
      `${path} has ${operations.length} operations, and maxOperations is ${maxOperations}: operations that \`routes\` does not name share a route`,
      byName,
    );
  }
}

interface Settings {
  readonly path: string;
  /** In the form of a part of the options of a route. */
  readonly objective: { readonly objective?: ObjectiveOptions };
  readonly routes: Readonly<Record<string, RouteOptions>>;
  readonly maxOperations: number;
}

function parseOptions(options: OperationsOptions): Settings {
  const { path, objective, routes, maxOperations } = objectOption('options', options, [
    'path',
    'objective',
    'routes',
    'maxOperations',
  ]);
  if (typeof path !== 'string' || !/^\/\S*$/.test(path)) {
    throw new InvalidOption('path', "a path that starts with '/'", path);
  }
  if (routes !== undefined && !isMapping(routes)) {
    throw new InvalidOption('routes', 'an object with options by the names of operations', routes);
  }
  return {
    path,
    objective: objective === undefined ? {} : { objective },
    routes: routes ?? {},
    maxOperations: integerOption('maxOperations', maxOperations, 500, 1),
  };
}
