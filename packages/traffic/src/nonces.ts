/**
 * The nonces of valid markers. Each nonce is valid once.
 *
 * Only the holder of a key can add a nonce. Half of the nonces are forgotten after `seconds`, or when `size` have been
 * used. A marker can therefore be replayed within its minute if its key signs more requests than that in this time.
 */
export class Nonces {
  readonly #milliseconds: number;
  readonly #size: number;
  #current = new Set<string>();
  #previous: ReadonlySet<string> = new Set();
  #rotatedAt = Number.NEGATIVE_INFINITY;

  constructor({ seconds, size }: { readonly seconds: number; readonly size: number }) {
    this.#milliseconds = seconds * 1000;
    this.#size = size;
  }

  /** Uses a nonce up, and returns whether it was new. `now` is in epoch milliseconds. */
  use(nonce: string, now: number): boolean {
    if (this.#current.has(nonce) || this.#previous.has(nonce)) return false;
    if (this.#current.size >= this.#size || now - this.#rotatedAt >= this.#milliseconds) {
      this.#previous = this.#current;
      this.#current = new Set();
      this.#rotatedAt = now;
    }
    this.#current.add(nonce);
    return true;
  }
}
