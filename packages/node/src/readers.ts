import type { Body } from './renderings.js';

/** The reader of a body. It can be cut off. */
export interface Reader {
  cut(): void;
}

// Some dozens of expositions of most services. A few large expositions at least, because several Prometheus servers may
// scrape at the same time, and each takes a while to read a body that it does not share.
const BYTES_AT_MOST = 8 * 1024 * 1024;
const BODIES_AT_LEAST = 4;

/**
 * Keeps who reads which body. If all bodies together are too large, bodies that nobody reads to the end are dropped
 * first.
 */
export class Readers {
  /** Oldest first. */
  readonly #readers = new Map<Body, Set<Reader>>();
  #bytes = 0;

  /** Keeps a body for a reader until {@link close}. Cuts off the readers of the oldest bodies if there is no room. */
  open(body: Body, reader: Reader): void {
    const known = this.#readers.get(body);
    if (known !== undefined) {
      known.add(reader);
      return;
    }
    this.#readers.set(body, new Set([reader]));
    this.#bytes += body.heldBytes;
    for (const [oldest, readers] of this.#readers) {
      if (this.#bytes <= BYTES_AT_MOST || this.#readers.size <= BODIES_AT_LEAST) return;
      this.#forget(oldest);
      for (const each of readers) each.cut();
    }
  }

  /** Ends the use of a body by a reader. */
  close(body: Body, reader: Reader): void {
    const readers = this.#readers.get(body);
    if (readers?.delete(reader) && readers.size === 0) this.#forget(body);
  }

  #forget(body: Body): void {
    this.#readers.delete(body);
    this.#bytes -= body.heldBytes;
  }
}
