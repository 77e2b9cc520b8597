import type { Route } from '@coalmine/metrics';
import type { HttpExchange } from './http-exchange.js';
import type { RoutePattern } from './route-pattern.js';

/** The route that an adapter counts one exchange on, while the app hands the request on. A name that the app gives stays. */
export class ExchangeName {
  readonly #exchange: HttpExchange;
  readonly #unmatched: Route;
  #pattern: RoutePattern | undefined;
  /** The route that the adapter has given; the app has named any other. */
  #route: Route;

  constructor(exchange: HttpExchange) {
    this.#exchange = exchange;
    this.#unmatched = exchange.route;
    this.#route = exchange.route;
  }

  /** Counts the exchange on a route, or on none that is known. The route before has no say any more. */
  assign(pattern: RoutePattern | undefined): void {
    if (pattern === this.#pattern) return;
    const exchange = this.#exchange;
    this.#pattern?.show(exchange);
    this.#pattern = pattern;
    if (exchange.route !== this.#route) return pattern?.hide(exchange);
    exchange.route = this.#unmatched;
    pattern?.assign(exchange);
    this.#route = exchange.route;
  }
}
