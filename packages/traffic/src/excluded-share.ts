import { warn } from '@coalmine/options';

const WINDOW_MILLISECONDS = 60_000;
const LEAST_EXCHANGES = 100;
const USERS_PER_LOOK = 16;

interface Window {
  exchanges: number;
  /** Exchanges with a valid claim, whether or not it was granted. */
  claims: number;
}

/**
 * Watches how much of the traffic claims not to be users, and switches exclusion off if that share passes a limit.
 *
 * It judges the current minute and the one before, from 100 exchanges on. Exclusion is switched on again after a minute
 * that started while it was off, had any exchange, and stayed within the limit.
 */
export class ExcludedShare {
  readonly #limit: number;
  #current: Window = { exchanges: 0, claims: 0 };
  #previous: Window = { exchanges: 0, claims: 0 };
  #startedAt = Number.NEGATIVE_INFINITY;
  #isSuspended = false;
  readonly #now: () => number;
  /** Whether exclusion was off for the whole of the current window. */
  #isOffThroughout = false;

  /** `limit` is above 0 and below 1; `now` is a clock in epoch milliseconds. */
  constructor(limit: number, now: () => number) {
    this.#limit = limit;
    this.#now = now;
  }

  get isSuspended(): boolean {
    return this.#isSuspended;
  }

  /** Counts an exchange, and returns whether a claim of the exchange may be granted. */
  count(hasClaim: boolean): boolean {
    // Reading a clock allocates, so most users are counted without it: a window may contain a few exchanges of the next
    // one.
    if (hasClaim || this.#current.exchanges % USERS_PER_LOOK === 0) this.#look(this.#now());
    this.#current.exchanges++;
    if (hasClaim) this.#current.claims++;
    if (hasClaim && !this.#isSuspended && this.#isPassed()) this.#suspend();
    return !this.#isSuspended;
  }

  #look(now: number): void {
    // If a clock was set back, a new window starts, because the old one might never end.
    if (now - this.#startedAt >= WINDOW_MILLISECONDS || now < this.#startedAt) this.#rotate(now);
  }

  #isPassed(): boolean {
    const exchanges = this.#current.exchanges + this.#previous.exchanges;
    const claims = this.#current.claims + this.#previous.claims;
    return exchanges >= LEAST_EXCHANGES && claims > this.#limit * exchanges;
  }

  #rotate(now: number): void {
    const { exchanges, claims } = this.#current;
    if (this.#isOffThroughout && exchanges > 0 && claims <= this.#limit * exchanges) this.#resume();
    this.#isOffThroughout = this.#isSuspended;
    // After a pause, the window that ended is not the minute before this one.
    const isRecent = now - this.#startedAt < 2 * WINDOW_MILLISECONDS;
    this.#previous = isRecent ? this.#current : { exchanges: 0, claims: 0 };
    this.#current = { exchanges: 0, claims: 0 };
    this.#startedAt = now;
  }

  #suspend(): void {
    this.#isSuspended = true;
    warn(
      'COALMINE_EXCLUSION_SUSPENDED',
      `More than ${this.#limit} of all exchanges claim not to be users (maxExcludedShare), so signed and trusted ` +
        'requests count as users until a minute stays within it',
    );
  }

  #resume(): void {
    this.#isSuspended = false;
    warn(
      'COALMINE_EXCLUSION_RESUMED',
      `A minute stayed within ${this.#limit} (maxExcludedShare), so signed and trusted requests are excluded again`,
    );
  }
}
