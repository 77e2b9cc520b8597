import { performance } from 'node:perf_hooks';
import type { Backlog } from './backlog.js';

/**
 * Estimates when requests arrived, rather than when the event loop got to them.
 *
 * While a callback holds the loop, requests wait in the kernel, and nothing in the process sees them. One turn of
 * libuv's loop is: timers, poll, check. All sockets that one poll found ready are served one after the other in that
 * turn, in the order in which they became ready. What arrives after the poll waits for the next turn. So a late timer
 * tells when the loop was held, the requests of the next poll arrived during that hold, and their order tells when.
 */

/** Milliseconds between two looks at the loop. A shorter hold does not matter. */
export const PERIOD_MILLISECONDS = 20;
/** By how many milliseconds a timer may be late without a hold: libuv's timers count whole milliseconds. */
const SLACK = 2;
/** A request whose arrival is estimated. */
export interface Arrival {
  /** Milliseconds on the clock of the loop. */
  arrivedAt: number;
  /** The turn in which the loop found the request, until the turn is over: until then, the estimate is not final. */
  turn: Turn | undefined;
}

/** The requests that one turn of the loop serves while, or after, the loop was held. */
export interface Turn {
  /** The earliest time at which they arrived, in milliseconds. */
  readonly from: number;
  /** The latest time at which they arrived: the poll that found them. */
  until: number;
  /**
   * When they arrived if none of them was there when the loop came to its poll, which shows after the turn: when the
   * hold started, or when they start themselves. Absent if it does not matter.
   */
  readonly unlessWaiting?: { readonly at: 'from' | 'begin'; readonly waitingBefore: number };
  readonly arrivals: Arrival[];
  /** When each of them started. */
  readonly begins: number[];
  /** When the response before each of them ended, on a connection that was served within the hold. */
  readonly afters: (number | undefined)[];
}

/** The callbacks of a loop. */
export interface LoopHooks {
  /**
   * Called every {@link PERIOD_MILLISECONDS} milliseconds. Returns whether anything is in flight; the loop is watched
   * for that long.
   */
  look(now: number): boolean;
  /** Takes the arrivals of a turn once their estimates are final. */
  takeArrivals(arrivals: readonly Arrival[]): void;
}

/**
 * Watches the event loop of this thread while requests are in flight. It uses one timer, which keeps no process alive
 * and stops with the last request.
 */
export class EventLoop {
  readonly #now: () => number;
  readonly #hooks: LoopHooks;
  #timer: NodeJS.Timeout | undefined;
  #isTicking = false;
  #turn: Turn | undefined;
  /** At the last tick: the time, and the counts of the loop by then. */
  #tick = Number.NEGATIVE_INFINITY;
  #idle = 0;
  #turns = 0;
  /** Milliseconds for which the loop was held, up to the last tick. */
  #held = 0;
  /** When a response last ended in a turn that holds the loop, and in which turn. */
  #endedAt = 0;
  #endedTurn = -1;
  /** When a connection last got a response while the loop was held. */
  readonly #answers = new WeakMap<object, number>();
  /**
   * When connections arrived that have waited to be accepted and have had no request yet, and the turn that accepted
   * them.
   */
  readonly #queued = new WeakMap<object, { readonly arrivedAt: number; readonly turn: number }>();
  #queuedOnes = 0;

  constructor(now: () => number, hooks: LoopHooks) {
    this.#now = now;
    this.#hooks = hooks;
  }

  /**
   * Notes that a connection has been accepted. A hold before that was before its first request, unless it is known how
   * long the connection itself has waited.
   */
  accepted(connection: object, backlog: Backlog, now: number): void {
    if (!this.#isTicking) this.#mark(now);
    if (!HAS_LOOP_METRICS) return;
    const polledAt = this.#turn?.from ?? (this.#isLate(now) ? now - this.#lengthOfHold(now) : now);
    const arrivedAt = backlog.accept(now, turns(), polledAt);
    if (arrivedAt === undefined) return;
    this.#queued.set(connection, { arrivedAt, turn: turns() });
    this.#queuedOnes++;
  }

  /** Estimates when a request arrived that starts `now`. */
  arrive(arrival: Arrival, connection: object | null | undefined, now: number): void {
    if (!this.#isTicking) this.#start(now);
    else if (this.#turn === undefined && this.#isLate(now)) this.#openInTurn(now);
    if (this.#queuedOnes > 0 && connection && this.#arriveWith(connection, arrival)) return;
    if (this.#turn === undefined) return;
    if (this.#turn.arrivals.length === 0) this.#extend(this.#turn, now);
    join(this.#turn, arrival, now, connection ? this.#answers.get(connection) : undefined);
  }

  /**
   * Notes that a response ends. Returns when the loop last looked at the connection: not since the request came, if it
   * came in this turn. Returns a future time if the loop is not held.
   */
  end({ turn }: Arrival, connection: object | null | undefined, now: number): number {
    // The next poll will be the first one after the hold.
    const afterHold = this.#turn?.from ?? Number.POSITIVE_INFINITY;
    const seenAt = turn === undefined ? afterHold : Number.NEGATIVE_INFINITY;
    if (!this.#isLate(now)) return seenAt;
    // A hold that ends with a response was not over before.
    this.#endedAt = now;
    this.#endedTurn = turns();
    if (connection) this.#answers.set(connection, now);
    return Math.min(seenAt, this.#tick);
  }

  /** Returns for how many milliseconds the loop has been held until `now`, since it was first watched. */
  heldUntil(now: number): number {
    return this.#isLate(now) ? this.#held + this.#lengthOfHold(now) : this.#held;
  }

  /** Treats the arrivals of the current turn as final so far. */
  finishTurn(): void {
    if (this.#turn !== undefined) this.#finish(this.#turn);
  }

  /** Stops watching. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#isTicking = false;
  }

  #start(now: number): void {
    this.#isTicking = true;
    if (this.#turn === undefined) this.#openAfterSilence(now);
    this.#mark(now);
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#onTick(), PERIOD_MILLISECONDS).unref();
    else this.#timer.refresh();
  }

  #onTick(): void {
    const now = this.#now();
    if (this.#isLate(now)) {
      const length = this.#lengthOfHold(now);
      this.#held += length;
      this.#open(now - length, now);
    }
    this.#mark(now);
    if (this.#hooks.look(now)) this.#timer?.refresh();
    else this.#isTicking = false;
  }

  /**
   * The first request of a connection that has waited came with the connection, if the first poll that could find it
   * does.
   */
  #arriveWith(connection: object, arrival: Arrival): boolean {
    const queued = this.#queued.get(connection);
    if (queued === undefined) return false;
    this.#queued.delete(connection);
    this.#queuedOnes--;
    if (turns() - queued.turn > 1) return false;
    arrival.arrivedAt = Math.min(arrival.arrivedAt, queued.arrivedAt);
    return true;
  }

  #mark(now: number): void {
    this.#tick = now;
    this.#idle = idleTime();
    this.#turns = turns();
  }

  #isLate(now: number): boolean {
    return this.#isTicking && now - this.#tick > PERIOD_MILLISECONDS + SLACK;
  }

  /**
   * Estimates the length of the hold that made the tick late. The hold started before the tick was due, at an unknown
   * moment: it lasted for at least the lateness, and for no more than the loop was busy. A hold that covers the due
   * time at a random place lasts twice the lateness on average.
   */
  #lengthOfHold(now: number): number {
    const over = now - this.#tick - PERIOD_MILLISECONDS;
    return Math.max(over, Math.min(2 * over, this.#busyUntil(now)));
  }

  #busyUntil(now: number): number {
    return now - this.#tick - (idleTime() - this.#idle);
  }

  /**
   * A request starts, and the tick is late: the loop is held in this turn, or was held by the timers before its poll.
   */
  #openInTurn(now: number): void {
    const from = now - this.#lengthOfHold(now);
    const turn = turns();
    // The poll came before the hold, and the request before the poll.
    if (turn - this.#turns <= 1 || this.#endedTurn === turn) return this.#open(from, from);
    // The hold ended with a response, before the poll: the request came in between.
    if (this.#endedTurn === turn - 1) return this.#open(from, this.#endedAt);
    // Both are possible, if requests were waiting at the poll. The middle is wrong by a quarter of the hold on average.
    this.#open(from, now - (now - from) / 2, 'from');
  }

  /** The first request of a turn starts. Timers after ours may have held the loop longer, until the poll. */
  #extend(turn: Turn, now: number): void {
    const number = turns();
    if (now - turn.until <= SLACK || this.#endedTurn === number) return;
    const isBeforePoll = this.#endedTurn === number - 1 && this.#endedAt > turn.until;
    turn.until = isBeforePoll ? this.#endedAt : (turn.until + now) / 2;
  }

  /**
   * A request starts, and nothing was in flight since the last tick. It is known how long the loop was busy since then,
   * and how many turns that took, but not how long the last turn was.
   */
  #openAfterSilence(now: number): void {
    if (!HAS_LOOP_METRICS || this.#tick === Number.NEGATIVE_INFINITY) return;
    const busy = this.#busyUntil(now);
    const passed = Math.max(1, turns() - this.#turns - 1);
    // A turn that a request hits at random is twice as long as the average turn, if lengths are exponential.
    const length = Math.min(busy, (2 * busy) / passed);
    if (length > SLACK) this.#open(now - length, now, 'begin');
  }

  #open(from: number, until: number, at?: 'from' | 'begin'): void {
    const unlessWaiting = at && { at, waitingBefore: eventsWaiting() };
    const turn: Turn = { from, until, arrivals: [], begins: [], afters: [], ...(unlessWaiting && { unlessWaiting }) };
    this.#turn = turn;
    // The check phase comes after the poll.
    setImmediate(() => {
      if (this.#turn === turn) this.#turn = undefined;
      this.#finish(turn);
    });
  }

  /** Spreads the arrivals of a turn evenly over the time in which they came. */
  #finish({ from, until, arrivals, begins, afters, unlessWaiting }: Turn): void {
    const fixed = unlessWaiting && eventsWaiting() === unlessWaiting.waitingBefore ? unlessWaiting.at : undefined;
    const ordered = afters.filter((after) => after === undefined).length;
    let order = 0;
    arrivals.forEach((arrival, i) => {
      const after = afters[i];
      const spread = after === undefined ? from + ((until - from) * ++order) / (ordered + 1) : (after + until) / 2;
      arrival.arrivedAt = fixed === undefined ? spread : fixed === 'from' ? from : (begins[i] as number);
      arrival.turn = undefined;
    });
    this.#hooks.takeArrivals(arrivals);
  }
}

/** Whether the runtime counts the idle time and the turns of its loop, as Node does. */
const HAS_LOOP_METRICS = performance.nodeTiming?.uvMetricsInfo !== undefined;

/** Adds an arrival to a turn, as its last one until there is another. */
function join(turn: Turn, arrival: Arrival, now: number, answeredAt: number | undefined): void {
  const order = turn.arrivals.push(arrival);
  turn.begins.push(now);
  turn.afters.push(
    answeredAt !== undefined && answeredAt > turn.from && answeredAt < turn.until ? answeredAt : undefined,
  );
  arrival.turn = turn;
  // Nothing shows so far that the request was there before.
  if (turn.unlessWaiting?.at === 'begin') return;
  arrival.arrivedAt = turn.from + ((turn.until - turn.from) * order) / (order + 1);
}

/** Returns the milliseconds for which the loop has waited for events. */
function idleTime(): number {
  return HAS_LOOP_METRICS ? performance.nodeTiming.idleTime : 0;
}

/** Returns how many turns the loop has made. The number changes before each poll. */
function turns(): number {
  return HAS_LOOP_METRICS ? performance.nodeTiming.uvMetricsInfo.loopCount : 0;
}

/**
 * Returns how many events were waiting when the loop came to its poll. A poll is counted when its events have been
 * served.
 */
function eventsWaiting(): number {
  return HAS_LOOP_METRICS ? performance.nodeTiming.uvMetricsInfo.eventsWaiting : 0;
}
