import type { Route } from './route.js';
import type { Protocol, Trace } from './telemetry.js';

/** One request that has begun: the only object that recording allocates. */
export class Exchange {
  /** Where it will be counted; an adapter names it as soon as the framework has routed. */
  route: Route;
  /** Milliseconds on the recorder's clock. */
  readonly startedAt: number;
  /** False once it is counted or dropped; a second end does nothing. */
  open = true;
  /** The trace that it is part of; always absent without telemetry. */
  trace: Trace | undefined = undefined;
  /** How it came, where that is told apart: not by plain HTTP/1.1. Always absent without telemetry. */
  protocol: Protocol | undefined = undefined;
  previous: Exchange | undefined = undefined;
  next: Exchange | undefined = undefined;

  constructor(route: Route, startedAt: number) {
    this.route = route;
    this.startedAt = startedAt;
  }
}

/** The open exchanges, oldest first: a linked list threaded through them, so that entering and leaving allocate nothing. */
export class InFlight {
  size = 0;
  #oldest: Exchange | undefined;
  #newest: Exchange | undefined;

  add(exchange: Exchange): void {
    exchange.previous = this.#newest;
    if (this.#newest === undefined) this.#oldest = exchange;
    else this.#newest.next = exchange;
    this.#newest = exchange;
    this.size++;
  }

  remove(exchange: Exchange): void {
    const { previous, next } = exchange;
    if (previous === undefined) this.#oldest = next;
    else previous.next = next;
    if (next === undefined) this.#newest = previous;
    else next.previous = previous;
    exchange.previous = undefined;
    exchange.next = undefined;
    this.size--;
  }

  /** Open exchanges that have outlasted the patience of their route, at `now` milliseconds. */
  overdue(now: number, shortestPatience: number): number {
    let count = 0;
    for (let exchange = this.#oldest; exchange !== undefined; exchange = exchange.next) {
      const seconds = (now - exchange.startedAt) / 1000;
      if (seconds <= shortestPatience) break;
      if (seconds > exchange.route.objective.patience) count++;
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
