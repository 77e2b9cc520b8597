import { setMaxListeners } from 'node:events';
import type { Server } from 'node:net';
import { warn } from '@coalmine/options';
import { openLoopback } from './loopback.js';
import { type Outgoing, type PrimeOptions, parsePrime } from './prime-options.js';

/** The progress of priming. */
export interface Progress {
  /** Whether priming has started, and how it ended: `failed` only if it is `required`. */
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  /** How many requests will be sent in all. */
  readonly count: number;
  /** How many requests have been sent and have ended. */
  readonly sent: number;
  /** How many of the sent requests got a status of 400 or above, or no response. */
  readonly failed: number;
  /** The first failed request, such as `GET /items/1 500`. */
  readonly firstFailure: string | undefined;
}

/** Requests that a service sends to itself, through its own server, so that users meet warm code. */
export interface Priming {
  readonly progress: Progress;
  /** Whether the pod may be ready: priming is over, and has not failed if it is `required`. */
  readonly isDone: boolean;
  /** Starts as soon as `server` listens, once: later calls do nothing. Never throws. */
  start(server: object): void;
}

export interface PrimingHooks {
  /** Returns headers that mark one request as not a user's. @defaultValue none */
  readonly mark?: (request: { method: string; path: string; host: string }) => Readonly<Record<string, string>>;
  /** Receives messages about the progress. @defaultValue none */
  readonly debug?: (message: string) => void;
}

// A server that has not responded to ten requests will not respond to a thousand.
const UNANSWERED_AT_MOST = 10;
const LOOK_MILLISECONDS = 50;

/** Prepares priming. Throws `InvalidOption`, which names the option by its path below `warmup`. */
export function createPriming(options: PrimeOptions, { mark, debug }: PrimingHooks = {}): Priming {
  const { requests, count, maxSeconds, concurrency, required } = parsePrime(options);
  const tellEvery = Math.max(1, Math.ceil(count / 10));
  let state: Progress['state'] = 'waiting';
  let begun = 0;
  let sent = 0;
  let failed = 0;
  let unanswered = 0;
  let firstFailure: string | undefined;
  let isStarted = false;

  return {
    get progress() {
      return { state, count, sent, failed, firstFailure };
    },
    get isDone() {
      return state === 'done';
    },
    start(server) {
      if (isStarted) return;
      isStarted = true;
      const own = server as Server;
      if (own.listening) void run(own);
      else own.once('listening', () => void run(own));
    },
  };

  async function run(server: Server): Promise<void> {
    state = 'running';
    debug?.(`coalmine is priming: ${count} requests, ${maxSeconds} s at most`);
    const over = new AbortController();
    // One listener for each request in flight, and more than the ten of which Node would warn.
    setMaxListeners(0, over.signal);
    const timeout = setTimeout(() => over.abort(), 1000 * maxSeconds).unref();
    // A server emits nothing when it stops listening: its `close` event waits for our own connections.
    const look = setInterval(() => server.listening || over.abort(), LOOK_MILLISECONDS).unref();
    try {
      await sendAll(server, over.signal);
      if (sent === 0 && server.listening) fail(`no response within ${maxSeconds} s`);
    } catch (error) {
      fail(`no connection: ${String(error)}`);
    } finally {
      clearTimeout(timeout);
      clearInterval(look);
    }
    state = required && failed > 0 ? 'failed' : 'done';
    debug?.(`coalmine has primed: ${sent} requests sent, ${failed} failed`);
    if (failed > 0) warnOfFailures();
  }

  async function sendAll(server: Server, over: AbortSignal): Promise<void> {
    const loopback = await openLoopback(server, concurrency);
    const isOver = (): boolean => begun >= count || over.aborted || unanswered >= UNANSWERED_AT_MOST;
    const sender = async (): Promise<void> => {
      while (!isOver()) {
        const request = requests[begun++ % requests.length] as Outgoing;
        const status = await loopback.send(markRequest(request), over).catch((error: Error) => error);
        // A request that was cut short, by the time or by a server that stops listening, says nothing.
        if (over.aborted || (typeof status !== 'number' && !server.listening)) return;
        countEnd(request, status);
      }
    };
    try {
      await Promise.all(Array.from({ length: Math.min(concurrency, count) }, sender));
    } finally {
      loopback.close();
    }
  }

  function markRequest(request: Outgoing): Outgoing {
    const { method, path, host, headers } = request;
    if (mark === undefined) return request;
    return { ...request, headers: { ...headers, ...mark({ method, path, host }) } };
  }

  function countEnd({ method, path }: Outgoing, status: number | Error): void {
    sent++;
    const isAnswered = typeof status === 'number';
    unanswered = isAnswered ? 0 : unanswered + 1;
    if (!isAnswered || status >= 400) fail(`${method} ${path} ${isAnswered ? status : status.message}`);
    if (sent % tellEvery === 0) debug?.(`coalmine is priming: ${sent} of ${count} requests sent, ${failed} failed`);
  }

  function fail(what: string): void {
    failed++;
    firstFailure ??= what;
  }

  function warnOfFailures(): void {
    const consequence = required ? 'the pod stays unready' : 'the pod becomes ready anyway';
    warn(
      'COALMINE_PRIMING_FAILED',
      `Priming failed ${failed} times with ${sent} requests sent, first with: ${firstFailure}; ${consequence}`,
    );
  }
}
