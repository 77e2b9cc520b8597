import type { Metrics, Objective, Route } from '@coalmine/metrics';
import type { Exclusion } from '@coalmine/traffic';
import type { HttpExchange } from './http-exchange.js';

/** A route pattern as a framework has it, for all its methods: made once, when the route becomes known. */
export interface RoutePattern {
  /** Whether its requests are no users'. */
  readonly isExcluded: boolean;
  /** Shows the zeros of these methods. */
  declare(methods: Iterable<string>): void;
  /** Has an exchange counted on this route, or excluded with it. */
  assign(exchange: HttpExchange): void;
  /** Excludes an exchange with this route, if the route is excluded, without naming it: it may yet be passed on. */
  hide(exchange: HttpExchange): void;
  /** Undoes the exclusion by this route: the exchange was passed on, and is what it was before. */
  show(exchange: HttpExchange): void;
}

export interface RoutePatternSettings {
  readonly pattern: string;
  readonly objective: Objective;
  /** For a route whose requests are no users'. */
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
