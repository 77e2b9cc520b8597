import { ExchangeName, type HttpExchange } from '@coalmine/node';
import type { HonoRequest, HonoRoute } from './hono.js';
import { isRoute, type Routes } from './routes.js';

/** The way of one request through an app, and so the route on which it is counted. */
export class Trail {
  readonly #request: HonoRequest;
  readonly #exchange: HttpExchange;
  readonly #routes: Routes;
  readonly #name: ExchangeName;
  /** The index at which the app counts requests. */
  readonly #start: number;

  constructor(request: HonoRequest, exchange: HttpExchange, routes: Routes) {
    this.#request = request;
    this.#exchange = exchange;
    this.#routes = routes;
    this.#name = new ExchangeName(exchange);
    this.#start = request.routeIndex;
  }

  /** Counts the request on the route that it is on its way to, so that the patience of that route applies. */
  begin(): void {
    this.#count(this.#routeFrom(this.#start + 1));
  }

  /**
   * Counts the request on the function that has responded, or still has it: on the route, or on the route behind a
   * middleware that responds in its place. A middleware without a route behind it has responded itself, unless nothing
   * was found.
   */
  setFinalRoute(): void {
    const { matchedRoutes, routeIndex } = this.#request;
    const route = this.#routeFrom(Math.max(routeIndex, this.#start + 1));
    const isFound = routeIndex > this.#start && this.#exchange.status !== 404;
    this.#count(route ?? (isFound ? matchedRoutes[routeIndex] : undefined));
  }

  #count(route: HonoRoute | undefined): void {
    this.#name.assign(route === undefined ? undefined : this.#routes.patternOf(route));
  }

  #routeFrom(index: number): HonoRoute | undefined {
    return this.#request.matchedRoutes.find((route, i) => i >= index && isRoute(route));
  }
}
