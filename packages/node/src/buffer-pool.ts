// Few enough writes for the exposition of thousands of routes, and little to keep for the exposition of a few.
const BUFFER_BYTES = 64 * 1024;

// Other runtimes may still send a buffer when a response has finished.
const { bun, deno } = process.versions;
const isNode = bun === undefined && deno === undefined;

const encoder = new TextEncoder();

/**
 * Encodes texts into buffers, and uses the buffers again. The exposition of 5,000 routes has 34 MB: if each scrape
 * allocates them, V8 collects its whole heap in each scrape and holds the event loop for 20 ms.
 */
export class BufferPool {
  readonly #free: Buffer[] = [];
  /** How many buffers the last texts took: the pool keeps no more than these. */
  #lastTaken = 0;

  /** Encodes texts as UTF-8. */
  async encode(texts: AsyncIterable<string>): Promise<Buffer[]> {
    const chunks: Buffer[] = [];
    let buffer = this.#take();
    let used = 0;
    for await (const text of texts) {
      for (let rest = text; ; ) {
        const { read, written } = encoder.encodeInto(rest, buffer.subarray(used));
        used += written;
        rest = rest.slice(read);
        if (rest === '') break;
        chunks.push(buffer.subarray(0, used));
        buffer = this.#take();
        used = 0;
      }
    }
    chunks.push(buffer.subarray(0, used));
    this.#lastTaken = chunks.length;
    return chunks;
  }

  /** Takes the chunks of {@link encode} back. Nobody may read them any more. */
  free(chunks: readonly Buffer[]): void {
    if (!isNode) return;
    for (const { buffer } of chunks) this.#free.push(Buffer.from(buffer));
    if (this.#free.length > this.#lastTaken) this.#free.length = this.#lastTaken;
  }

  #take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
  }
}
