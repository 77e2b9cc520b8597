import type { Metrics, Objective, Route } from '@coalmine/metrics';
import type { Exclusion } from '@coalmine/traffic';
import type { HttpExchange } from './http-exchange.js';
import type { Ledger } from './ledger.js';

export interface RoutePatternSettings {
  readonly metrics: Metrics;
  readonly ledger: Ledger;
  readonly pattern: string;
  readonly objective: Objective;
  /** For a route whose requests are no users'. */
  readonly exclusion: Exclusion | undefined;
  /** Whether the route has series: it has none if nothing can be counted there. */
  readonly isCounted: boolean;
}

/** A route pattern as a framework has it, for all its methods: made once, when the route becomes known. */
export class RoutePattern {
  readonly #settings: RoutePatternSettings;
  readonly #byMethod = new Map<string, Route>();

  constructor(settings: RoutePatternSettings) {
    this.#settings = settings;
  }

  /** Shows the zeros of these methods. */
  declare(methods: Iterable<string>): void {
    if (this.#settings.isCounted) for (const method of methods) this.#open(method);
  }

  /** Has an exchange counted on this route, or excluded with it. */
  assign(exchange: HttpExchange): void {
    const { ledger, exclusion, isCounted } = this.#settings;
    if (exclusion !== undefined) ledger.exclude(exchange, exclusion);
    if (!isCounted) return;
    const method = exchange.request.method ?? '';
    exchange.route = this.#byMethod.get(method) ?? this.#open(method);
  }

  #open(method: string): Route {
    const { metrics, pattern, objective } = this.#settings;
    const route = metrics.route(method, pattern, objective);
    this.#byMethod.set(method, route);
    return route;
  }
}
