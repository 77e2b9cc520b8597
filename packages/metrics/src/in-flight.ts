import type { TraceContext } from './exemplar.js';
import type { Protocol } from './protocol.js';
import type { Route } from './route.js';

/** The trace of a request. */
export interface Trace {
  /** The context for exemplars: absent if the trace is not kept, because the exemplar would be a dead link. */
  readonly context: TraceContext | undefined;
}

/** One request in flight: the only object that recording allocates. */
export class Exchange {
  /** The route on which it will be counted. The adapter sets it as soon as the framework has routed the request. */
  route: Route;
  /** When the request most likely arrived, in milliseconds on the recorder's clock. */
  arrivedAt: number;
  /** Milliseconds since then in which the service waited for its client. They do not count as time of the service. */
  clientMilliseconds = 0;
  /** The trace of the request; always absent without telemetry. */
  trace: Trace | undefined = undefined;
  /** The protocol, unless it is plain HTTP/1.1. Always absent without telemetry. */
  protocol: Protocol | undefined = undefined;
  /** The status that was sent, if another status is counted. Always absent without telemetry. */
  sentStatus: number | undefined = undefined;
  /** Whether it is in flight. Only {@link InFlight} writes this field and the links. */
  isInFlight = false;
  previous: Exchange | undefined = undefined;
  next: Exchange | undefined = undefined;

  constructor(route: Route, arrivedAt: number) {
    this.route = route;
    this.arrivedAt = arrivedAt;
  }

  /** Returns the seconds that the service has taken until `now`, without the waits for its client. */
  secondsUntil(now: number): number {
    return Math.max(0, now - this.arrivedAt - this.clientMilliseconds) / 1000;
  }
}

/**
 * The exchanges in flight, oldest first: a linked list through the exchanges, so that adding and removing allocate
 * nothing.
 */
export class InFlight {
  size = 0;
  #oldest: Exchange | undefined;
  #newest: Exchange | undefined;

  add(exchange: Exchange): void {
    exchange.isInFlight = true;
    let previous = this.#newest;
    // An exchange that comes back after it was removed is older than others.
    while (previous !== undefined && previous.arrivedAt > exchange.arrivedAt) previous = previous.previous;
    const next = previous === undefined ? this.#oldest : previous.next;
    exchange.previous = previous;
    exchange.next = next;
    if (previous === undefined) this.#oldest = exchange;
    else previous.next = exchange;
    if (next === undefined) this.#newest = exchange;
    else next.previous = exchange;
    this.size++;
  }

  /** Removes an exchange, and returns false if it was not in flight. */
  remove(exchange: Exchange): boolean {
    if (!exchange.isInFlight) return false;
    exchange.isInFlight = false;
    const { previous, next } = exchange;
    if (previous === undefined) this.#oldest = next;
    else previous.next = next;
    if (next === undefined) this.#newest = previous;
    else next.previous = previous;
    exchange.previous = undefined;
    exchange.next = undefined;
    this.size--;
    return true;
  }

  /** Counts the exchanges in flight for longer than the patience of their route, at `now` milliseconds. */
  overdue(now: number, shortestPatience: number): number {
    let count = 0;
    for (let exchange = this.#oldest; exchange !== undefined; exchange = exchange.next) {
      // Every later exchange has waited for less.
      if ((now - exchange.arrivedAt) / 1000 <= shortestPatience) break;
      if (exchange.secondsUntil(now) > exchange.route.objective.patience) count++;
    }
    return count;
  }

  /** Yields the exchanges, oldest first. The current exchange may be removed meanwhile. */
  *[Symbol.iterator](): Generator<Exchange, void, undefined> {
    let exchange = this.#oldest;
    while (exchange !== undefined) {
      const { next } = exchange;
      yield exchange;
      exchange = next;
    }
  }
}
