import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Format } from '@coalmine/metrics';

/** Renders an exposition, a chunk at a time. */
export type Render = (format: Format) => AsyncIterable<string>;

/** The body of a response to a scrape: one copy for all scrapes at the same time. */
export interface Body {
  readonly chunks: readonly Buffer[];
  readonly length: number;
}

interface Rendering {
  readonly text: Promise<Body>;
  gzip: Promise<Body> | undefined;
}

/**
 * Renders once for all scrapes at the same time, and never twice at the same time. Scrapes that asked before a
 * rendering began share it, so that nobody gets numbers older than the request.
 */
export class Renderings {
  readonly #render: Render;
  /** Renderings that have not begun, by format. */
  readonly #waiting = new Map<Format, Rendering>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(render: Render) {
    this.#render = render;
  }

  /** Renders as soon as the current rendering is done. Rejects with what the rendering throws. */
  body(format: Format, isGzip: boolean): Promise<Body> {
    const rendering = this.#waiting.get(format) ?? this.#queue(format);
    if (!isGzip) return rendering.text;
    rendering.gzip ??= rendering.text.then(compress);
    return rendering.gzip;
  }

  #queue(format: Format): Rendering {
    const text = this.#last.then(() => {
      this.#waiting.delete(format);
      return encode(this.#render(format));
    });
    const rendering: Rendering = { text, gzip: undefined };
    this.#waiting.set(format, rendering);
    this.#last = untilSettled(rendering);
    return rendering;
  }
}

/** Resolves once there is nothing more to do for a rendering: compressing holds all of its text. */
async function untilSettled(rendering: Rendering): Promise<void> {
  try {
    await rendering.text;
    // Every scrape that asks for it has asked before the text was begun.
    await rendering.gzip;
  } catch {
    // The scrapes that wait for it get the error.
  }
}

async function encode(slices: AsyncIterable<string>): Promise<Body> {
  const chunks: Buffer[] = [];
  for await (const slice of slices) chunks.push(Buffer.from(slice));
  return bodyOf(chunks);
}

/** Compresses a body off the event loop. */
function compress({ chunks }: Body): Promise<Body> {
  return pipeline(Readable.from(chunks), createGzip(), async (compressed: AsyncIterable<Buffer>) => {
    const packed: Buffer[] = [];
    for await (const chunk of compressed) packed.push(chunk);
    return bodyOf(packed);
  });
}

function bodyOf(chunks: readonly Buffer[]): Body {
  return { chunks, length: chunks.reduce((length, chunk) => length + chunk.length, 0) };
}
