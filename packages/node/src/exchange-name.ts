import type { Route } from '@coalmine/metrics';
import type { HttpExchange } from './http-exchange.js';
import type { RoutePattern } from './route-pattern.js';

/**
 * The route on which an adapter counts one exchange, while the app passes the request on. A name that the app gives is
 * kept.
 */
export class ExchangeName {
  readonly #exchange: HttpExchange;
  readonly #unmatched: Route;
  #pattern: RoutePattern | undefined;
  /** The route that the adapter has given. Any other route comes from the app. */
  #route: Route;

  constructor(exchange: HttpExchange) {
    this.#exchange = exchange;
    this.#unmatched = exchange.route;
    this.#route = exchange.route;
  }

  /** Counts the exchange on a route, or on no known route. The previous route no longer counts. */
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
