import type { IncomingMessage, ServerResponse } from 'node:http';

/** What one function notes about the request that it has. */
export interface Notes {
  note(text: string): void;
  /** Reports that no response will come, so that the client leaves when it has read `text`. */
  hang(text?: string): void;
}

/** What happened to an app and to its requests, in order. The header `x-id` distinguishes requests. */
export class Trace {
  /** Notes that concern no request. */
  readonly app: string[] = [];
  /** Warnings of the process, which come later than their causes. */
  readonly warnings: string[] = [];
  readonly requests: Record<string, string[]> = {};
  readonly #watched = new WeakSet<object>();
  readonly #isWatching: boolean;
  readonly #hang: (id: string, text: string) => void;
  #count = 0;

  /** With `isWatching`, events of requests and responses are noted: a listener for `error` changes what Node does. */
  constructor(isWatching: boolean, hang: (id: string, text: string) => void) {
    this.#isWatching = isWatching;
    this.#hang = hang;
  }

  /** Resolves when nothing more is noted about requests. */
  async settled(): Promise<void> {
    for (let before = -1; before !== this.#count; ) {
      before = this.#count;
      // The app may still read a file for a client that has left.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  of(request: IncomingMessage, response: ServerResponse): Notes {
    const id = String(request.headers['x-id'] ?? 'none');
    this.requests[id] ??= [];
    const lines = this.requests[id];
    const note = (text: string): void => {
      lines.push(text);
      this.#count++;
    };
    if (this.#isWatching && !this.#watched.has(request)) {
      this.#watched.add(request);
      noteEvents('request', request, ['end', 'close', 'error', 'aborted', 'pause', 'resume'], note);
      noteEvents('response', response, ['prefinish', 'finish', 'close', 'error', 'pipe', 'unpipe'], note);
    }
    return { note, hang: (text = '') => this.#hang(id, text) };
  }
}

/** Returns what an app sees of an error. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return `${typeof error} ${JSON.stringify(error)}`;
  const { code, statusCode, status, expose } = error as {
    readonly [name in 'code' | 'statusCode' | 'status' | 'expose']?: unknown;
  };
  return [error.name, code, statusCode ?? status, expose, error.message].map(String).join(' | ');
}

/** Returns the own properties of an object, without the symbols of Coalmine, which docs/architecture.md lists. */
export function keysOf(object: object): string {
  const symbols = Object.getOwnPropertySymbols(object).map((symbol) => symbol.description ?? '');
  return [...Object.keys(object), ...symbols.filter((symbol) => !symbol.startsWith('coalmine.'))].join(' ');
}

interface Emitter {
  on(event: string, listener: (argument?: unknown) => void): unknown;
}

function noteEvents(name: string, emitter: Emitter, events: readonly string[], note: (text: string) => void): void {
  for (const event of events) {
    emitter.on(event, (argument) => {
      note(`${name} emits ${event}${argument instanceof Error ? `: ${describeError(argument)}` : ''}`);
    });
  }
}
