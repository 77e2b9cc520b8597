import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Slice, type Turns } from '@coalmine/metrics';
import { isWrittenDirectly, type Response } from './http.js';
import type { Reader, Readers } from './readers.js';
import type { Body } from './renderings.js';

// Prometheus gives up on a scrape after 10 s by default.
const SCRAPE_MILLISECONDS = 10_000;

/**
 * One scrape and its response. A scraper that does not read holds only its connection. It is cut off at the deadline,
 * or sooner if others need the memory.
 */
export class Scrape implements Reader {
  readonly #response: ServerResponse;
  readonly #timer: NodeJS.Timeout;
  readonly #isOurs: boolean;
  #isGone = false;
  #source: Readable | undefined;

  constructor(response: Response) {
    this.#response = response as ServerResponse;
    // Other code may have responded, and passed the request on anyway.
    this.#isOurs = !response.headersSent;
    // `pipeline()` has five listeners for `close`. With those of other code, such as Sentry, Node would warn of a leak.
    response.setMaxListeners(0);
    response.once('close', () => {
      this.#isGone = true;
    });
    this.#timer = setTimeout(() => this.#expire(), SCRAPE_MILLISECONDS);
    this.#timer.unref();
  }

  /** Whether it still waits for a response. */
  get isWaiting(): boolean {
    return this.#isOurs && !this.#isGone && !this.#response.headersSent;
  }

  /** Responds with a short text. */
  say(code: number, text: string): void {
    if (!this.isWaiting) return;
    this.#response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
    this.#response.end(`${text}\n`);
  }

  /** Responds with the head only. */
  sendHead(headers: Readonly<Record<string, string | number>>): void {
    if (!this.isWaiting) return;
    this.#response.writeHead(200, headers);
    this.#response.end();
  }

  /**
   * Responds with a body, as fast as the scraper reads it, in turns with the other scrapes, and releases the body once
   * nobody has its chunks any more. Resolves with whether all of the body was read.
   */
  async send(
    headers: Readonly<Record<string, string | number>>,
    body: Body,
    readers: Readers,
    turns: Turns,
  ): Promise<boolean> {
    // Otherwise all scrapes that share the body would start to send it in one turn of the event loop.
    await turns.next();
    if (!this.isWaiting) return false;
    const { stream } = this.#response as { stream?: { readonly rstCode: number } };
    this.#response.writeHead(200, { ...headers, 'content-length': body.length });
    // A middleware that has replaced `write` may keep the chunks that it sees.
    const isDirect = isWrittenDirectly(this.#response);
    this.#source = Readable.from(inSlices(body.chunks, turns));
    readers.open(body, this);
    try {
      await pipeline(this.#source, this.#response);
      // In HTTP/2, a stream that was reset has "finished", too.
      const isWhole = stream === undefined || stream.rstCode === 0;
      if (isWhole && isDirect) body.release();
      return isWhole;
    } catch {
      // A scraper that leaves early is no reason for a warning.
      return false;
    } finally {
      readers.close(body, this);
      this.#source = undefined;
    }
  }

  cut(): void {
    this.#response.destroy();
    // A response that waits for its turn on the connection does not notice the end of the connection.
    this.#source?.destroy();
  }

  /** Ends the scrape, and its deadline. */
  end(): void {
    clearTimeout(this.#timer);
  }

  #expire(): void {
    if (this.isWaiting) this.say(503, 'Service Unavailable');
    else if (this.#isOurs) this.cut();
  }
}

/**
 * Yields chunks, and yields to the event loop between them. For a scraper that reads fast, the kernel takes each chunk
 * at once, and all of them would be written in one turn of the loop: 20 ms for the 36 MB of 5,000 routes.
 */
async function* inSlices(chunks: readonly Buffer[], turns: Turns): AsyncGenerator<Buffer, void, undefined> {
  const slice = new Slice(turns);
  for (const chunk of chunks) {
    if (slice.isOver()) await slice.next();
    yield chunk;
  }
}
