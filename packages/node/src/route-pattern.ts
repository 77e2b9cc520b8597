import type { Metrics, Objective, Route } from '@coalmine/metrics';
import type { Exclusion } from '@coalmine/traffic';
import type { HttpExchange } from './http-exchange.js';

/** A route pattern as a framework has it, for all its methods: made once, when the route becomes known. */
export interface RoutePattern {
  /** Shows the zeros of these methods. */
  declare(methods: Iterable<string>): void;
  /** Has an exchange counted on this route, or excluded with it. */
  assign(exchange: HttpExchange): void;
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
    declare(methods) {
      if (isCounted) for (const method of methods) routeOf(method);
    },
    assign(exchange) {
      if (exclusion !== undefined) exchange.ledger.exclude(exchange, exclusion);
      if (isCounted) exchange.route = routeOf(exchange.request.method ?? '');
    },
  };

  function routeOf(method: string): Route {
    return byMethod.get(method) ?? open(method);
  }

  function open(method: string): Route {
    const route = metrics.route(method, pattern, objective);
    byMethod.set(method, route);
    return route;
  }
}
