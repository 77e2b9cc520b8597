import { setMaxListeners } from 'node:events';
import type { Server } from 'node:net';
import { warn } from '@coalmine/options';
import { openLoopback } from './loopback.js';
import { type Outgoing, type PrimeOptions, parsePrime } from './prime-options.js';

/** How far priming is. */
export interface Progress {
  /** Whether it has begun, and how it ended: `failed` only where it is `required`. */
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  /** Requests to send in all. */
  readonly count: number;
  /** Requests sent so far whose end is known. */
  readonly sent: number;
  /** Those among them that were answered with a status of 400 or above, or not at all. */
  readonly failed: number;
  /** The first of these, such as `GET /items/1 500`. */
  readonly firstFailure: string | undefined;
}

/** Requests that a service sends itself, through its own server, so that users meet warm code. */
export interface Priming {
  readonly progress: Progress;
  /** Whether the pod may be ready: it is over, and has not failed where it is `required`. */
  readonly isDone: boolean;
  /** Starts as soon as `server` listens, once: later calls do nothing. Never throws. */
  start(server: object): void;
}

export interface PrimingHooks {
  /** Headers that say of a request that it is no user's; asked for each. @defaultValue none */
  readonly mark?: (request: { method: string; path: string; host: string }) => Readonly<Record<string, string>>;
  /** Where progress is told. @defaultValue nowhere */
  readonly debug?: (message: string) => void;
}

// A server that answers nobody will not start to because it is asked a thousand times.
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
    // One for each request at a time, and more than the ten of which Node would warn.
    setMaxListeners(0, over.signal);
    const timeout = setTimeout(() => over.abort(), 1000 * maxSeconds).unref();
    // A server says nothing when it stops to listen: its `close` waits for our own connections.
    const look = setInterval(() => server.listening || over.abort(), LOOK_MILLISECONDS).unref();
    try {
      await sendAll(server, over.signal);
      if (sent === 0 && server.listening) fail(`no answer within ${maxSeconds} s`);
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
        const status = await loopback.send(marked(request), over).catch((error: Error) => error);
        // A request that is cut short by the time, or by a server that stops to listen, says nothing.
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

  function marked(request: Outgoing): Outgoing {
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
    const consequence = required ? 'the pod stays unready' : 'the pod is ready all the same';
    warn(
      'COALMINE_PRIMING_FAILED',
      `Priming failed ${failed} times with ${sent} requests sent, first with: ${firstFailure}; ${consequence}`,
    );
  }
}
