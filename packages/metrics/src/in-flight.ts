import type { TraceContext } from './exemplar.js';
import type { Protocol } from './protocol.js';
import type { Route } from './route.js';

/** A trace that a request is part of. */
export interface Trace {
  /** For exemplars: absent where the trace is not kept, which would make them dead links. */
  readonly context: TraceContext | undefined;
}

/** One request that has begun: the only object that recording allocates. */
export class Exchange {
  /** Where it will be counted; an adapter names it as soon as the framework has routed. */
  route: Route;
  /** When the request most likely arrived, in milliseconds on the recorder's clock. */
  arrivedAt: number;
  /** Milliseconds since then in which the service waited for its client: they are not the service's. */
  clientMilliseconds = 0;
  /** The trace that it is part of; always absent without telemetry. */
  trace: Trace | undefined = undefined;
  /** How it came, where that is told apart: not by plain HTTP/1.1. Always absent without telemetry. */
  protocol: Protocol | undefined = undefined;
  /** The status that was sent, where it is counted with another one. Always absent without telemetry. */
  sentStatus: number | undefined = undefined;
  /** Whether it is in flight; {@link InFlight} alone writes this and the links. */
  isInFlight = false;
  previous: Exchange | undefined = undefined;
  next: Exchange | undefined = undefined;

  constructor(route: Route, arrivedAt: number) {
    this.route = route;
    this.arrivedAt = arrivedAt;
  }

  /** Returns the seconds that the service has taken until `now`, the waits for its client left out. */
  secondsUntil(now: number): number {
    return Math.max(0, now - this.arrivedAt - this.clientMilliseconds) / 1000;
  }
}

/** The exchanges in flight, oldest first: a linked list threaded through them, so that entering and leaving allocate nothing. */
export class InFlight {
  size = 0;
  #oldest: Exchange | undefined;
  #newest: Exchange | undefined;

  add(exchange: Exchange): void {
    exchange.isInFlight = true;
    let previous = this.#newest;
    // One that comes back, having been taken out, is older than others.
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

  /** Takes an exchange out; returns false when it was not in. */
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

  /** Counts the exchanges that have outlasted the patience of their route, at `now` milliseconds. */
  overdue(now: number, shortestPatience: number): number {
    let count = 0;
    for (let exchange = this.#oldest; exchange !== undefined; exchange = exchange.next) {
      // Whatever came later has waited for less.
      if ((now - exchange.arrivedAt) / 1000 <= shortestPatience) break;
      if (exchange.secondsUntil(now) > exchange.route.objective.patience) count++;
    }
    return count;
  }

  /** Oldest first; the exchange in hand may be removed meanwhile. */
  *[Symbol.iterator](): Generator<Exchange, void, undefined> {
    let exchange = this.#oldest;
    while (exchange !== undefined) {
      const { next } = exchange;
      yield exchange;
      exchange = next;
    }
  }
}
