import type { Body } from './renderings.js';

/** Somebody who reads a body, and can be cut off. */
export interface Reader {
  cut(): void;
}

// Some dozens of expositions as most services have them. Of large ones a few at least: several Prometheus servers may scrape
// at the same time, and each takes a while to read what another has no share in.
const BYTES_AT_MOST = 8 * 1024 * 1024;
const BODIES_AT_LEAST = 4;

/** Who reads which body. Bodies that nobody reads to the end go first where all together are too large. */
export class Readers {
  /** Oldest first. */
  readonly #readers = new Map<Body, Set<Reader>>();
  #bytes = 0;

  /** Has a body kept for a reader, until {@link close}. Cuts the readers of the oldest ones where there is no room. */
  open(body: Body, reader: Reader): void {
    const known = this.#readers.get(body);
    if (known !== undefined) {
      known.add(reader);
      return;
    }
    this.#readers.set(body, new Set([reader]));
    this.#bytes += body.length;
    for (const [oldest, readers] of this.#readers) {
      if (this.#bytes <= BYTES_AT_MOST || this.#readers.size <= BODIES_AT_LEAST) return;
      this.#forget(oldest);
      for (const each of readers) each.cut();
    }
  }

  /** The reader is done with it. */
  close(body: Body, reader: Reader): void {
    const readers = this.#readers.get(body);
    if (readers?.delete(reader) && readers.size === 0) this.#forget(body);
  }

  #forget(body: Body): void {
    this.#readers.delete(body);
    this.#bytes -= body.length;
  }
}
