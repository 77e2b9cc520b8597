import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Format } from '@coalmine/metrics';
import { BufferPool } from './buffer-pool.js';

/** Renders an exposition, a chunk at a time. */
export type Render = (format: Format) => AsyncIterable<string>;

/** The body of a response to a scrape: one copy for all scrapes at the same time. */
export interface Body {
  readonly chunks: readonly Buffer[];
  readonly length: number;
  /** The memory that the chunks take. The last buffer of a small body is mostly empty. */
  readonly heldBytes: number;
  /**
   * Each scrape that has sent the whole body calls this once; after the last call, the chunks are used for another body.
   * A scrape that was cut does not call it: its connection may still have some of the chunks. Nor does a scrape whose
   * chunks somebody else may have kept.
   */
  release(): void;
}

interface Rendering {
  readonly text: Promise<Body>;
  gzip: Promise<Body> | undefined;
  /** How many read the text: scrapes, and the compression. */
  readers: number;
}

/**
 * Renders once for all scrapes at the same time, and never twice at the same time. Scrapes that asked before a
 * rendering started share it, so that nobody gets numbers older than the request.
 */
export class Renderings {
  readonly #render: Render;
  readonly #pool = new BufferPool();
  /** Renderings that have not started, by format. */
  readonly #waiting = new Map<Format, Rendering>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(render: Render) {
    this.#render = render;
  }

  /** Renders as soon as the current rendering is done. Rejects with what the rendering throws. */
  body(format: Format, isGzip: boolean): Promise<Body> {
    const rendering = this.#waiting.get(format) ?? this.#queue(format);
    if (isGzip && rendering.gzip !== undefined) return rendering.gzip;
    rendering.readers++;
    if (!isGzip) return rendering.text;
    rendering.gzip = rendering.text.then(compress);
    return rendering.gzip;
  }

  #queue(format: Format): Rendering {
    const text = this.#last.then(async () => {
      // Nobody reads this rendering but the scrapes that have asked for it until now.
      this.#waiting.delete(format);
      return this.#bodyOf(await this.#pool.encode(this.#render(format)), rendering.readers);
    });
    const rendering: Rendering = { text, gzip: undefined, readers: 0 };
    this.#waiting.set(format, rendering);
    this.#last = untilSettled(rendering);
    return rendering;
  }

  #bodyOf(chunks: readonly Buffer[], readers: number): Body {
    let reading = readers;
    const release = () => {
      if (--reading === 0) this.#pool.free(chunks);
    };
    return { chunks, ...sizesOf(chunks), release };
  }
}

/** Resolves once there is nothing more to do for a rendering: compressing holds all of its text. */
async function untilSettled(rendering: Rendering): Promise<void> {
  try {
    await rendering.text;
    // Every scrape that asks for it has asked before the text was started.
    await rendering.gzip;
  } catch {
    // The scrapes that wait for it get the error.
  }
}

/** Compresses a body off the event loop. */
async function compress({ chunks, release }: Body): Promise<Body> {
  const packed: Buffer[] = [];
  await pipeline(Readable.from(chunks), createGzip(), async (compressed: AsyncIterable<Buffer>) => {
    for await (const chunk of compressed) packed.push(chunk);
  });
  release();
  return { chunks: packed, ...sizesOf(packed), release: () => {} };
}

function sizesOf(chunks: readonly Buffer[]): Pick<Body, 'length' | 'heldBytes'> {
  // The compression puts several chunks into one buffer.
  const buffers = new Set(chunks.map(({ buffer }) => buffer));
  return {
    length: chunks.reduce((length, chunk) => length + chunk.length, 0),
    heldBytes: [...buffers].reduce((bytes, { byteLength }) => bytes + byteLength, 0),
  };
}
