import type { Metrics, Objective, Route } from '@coalmine/metrics';
import type { Exclusion } from '@coalmine/traffic';
import type { HttpExchange } from './http-exchange.js';

/** A route pattern of a framework, for all its methods: created once, when the route becomes known. */
export interface RoutePattern {
  /** Whether its requests are excluded. */
  readonly isExcluded: boolean;
  /** Creates the series of these methods, at zero. */
  declare(methods: Iterable<string>): void;
  /** Counts an exchange on this route, or excludes it with this route. */
  assign(exchange: HttpExchange): void;
  /** Excludes an exchange if this route is excluded, without naming the exchange: the framework may pass it on. */
  hide(exchange: HttpExchange): void;
  /** Removes the exclusion by this route: the exchange was passed on, and is what it was before. */
  show(exchange: HttpExchange): void;
}

export interface RoutePatternSettings {
  readonly pattern: string;
  readonly objective: Objective;
  /** For a route whose requests are excluded. */
  readonly exclusion: Exclusion | undefined;
  /** Whether the route has series: it has none if nothing can be counted there. */
  readonly isCounted: boolean;
}

export function createRoutePattern(metrics: Metrics, settings: RoutePatternSettings): RoutePattern {
  const { pattern, objective, exclusion, isCounted } = settings;
  const byMethod = new Map<string, Route>();

  return {
    isExcluded: exclusion !== undefined,
    declare(methods) {
      if (isCounted) for (const method of methods) routeOf(method);
    },
    assign(exchange) {
      hide(exchange);
      if (isCounted) exchange.route = routeOf(exchange.request.method ?? '');
    },
    hide,
    show(exchange) {
      if (exclusion !== undefined && exchange.exclusion === exclusion) exchange.owner.readmit(exchange);
    },
  };

  function hide(exchange: HttpExchange): void {
    if (exclusion !== undefined) exchange.owner.exclude(exchange, exclusion);
  }

  function routeOf(method: string): Route {
    return byMethod.get(method) ?? open(method);
  }

  function open(method: string): Route {
    const route = metrics.route(method, pattern, objective);
    byMethod.set(method, route);
    return route;
  }
}
