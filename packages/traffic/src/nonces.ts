/**
 * The nonces of valid markers, so that each is good once.
 *
 * Only who holds a key adds to them, and they are forgotten by the half: after `seconds`, or when `size` have been
 * used. A key that signs more than that many requests in that time can therefore be replayed within its minute.
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

  /** Uses a nonce up, and answers whether it was new. `now` is in epoch milliseconds. */
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
