import type { Metrics, Objective, Route } from '@coalmine/metrics';
import type { HttpExchange } from './http-exchange.js';

/** A route pattern as a framework has it, for all its methods: made once, when the route becomes known. */
export class RoutePattern {
  readonly #metrics: Metrics;
  readonly #pattern: string;
  readonly #objective: Objective | false;
  readonly #byMethod = new Map<string, Route>();

  /** `objective` is `false` for a route that is left out of the series. */
  constructor(metrics: Metrics, pattern: string, objective: Objective | false) {
    this.#metrics = metrics;
    this.#pattern = pattern;
    this.#objective = objective;
  }

  /** Shows the zeros of these methods. */
  declare(methods: Iterable<string>): void {
    if (this.#objective !== false) for (const method of methods) this.#open(method, this.#objective);
  }

  /** Has an exchange counted on this route, or not at all. */
  assign(exchange: HttpExchange): void {
    if (this.#objective === false) return this.#metrics.drop(exchange);
    const method = exchange.request.method ?? '';
    exchange.route = this.#byMethod.get(method) ?? this.#open(method, this.#objective);
  }

  #open(method: string, objective: Objective): Route {
    const route = this.#metrics.route(method, this.#pattern, objective);
    this.#byMethod.set(method, route);
    return route;
  }
}
