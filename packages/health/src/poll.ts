import { LoopClock } from './loop-clock.js';

/** A question that is asked again and again in the background, but never twice at a time. */
export interface Poll {
  /** Starts asking. Does nothing if it has been started. */
  start(): void;
  /** Stops asking until it is started again. A question in flight is abandoned. */
  stop(): void;
  /** Asks now, or waits for the answer that is in flight. Never rejects. */
  refresh(): Promise<void>;
  /** Returns milliseconds of a monotonic clock that stands still while the event loop is held. */
  now(): number;
}

export interface PollOptions<T> {
  readonly periodSeconds: number;
  /** Seconds after which an answer no longer counts. Seconds in which the event loop was held do not count. */
  readonly timeoutSeconds: number;
  /** Asks; `signal` is aborted at the timeout. */
  ask(signal: AbortSignal): T | Promise<T>;
  answered(value: T): void;
  /** Called if there was no answer: `ask` threw, or took too long. */
  failed(error: unknown): void;
  /** Whether to ask again soon, rather than after a whole period. */
  isUrgent(): boolean;
}

/** There was no answer in time. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

// The pods of a release start together, and should not ask together.
const JITTER = 0.15;
const URGENT_SECONDS = 1;

/**
 * A question that gets no answer stays the only question: while it is in flight no other is asked, however many periods
 * pass, and each of these periods counts as a failure.
 */
export function createPoll<T>(options: PollOptions<T>): Poll {
  const { periodSeconds, timeoutSeconds, ask, answered, failed, isUrgent } = options;
  const clock = new LoopClock();
  let timer: NodeJS.Timeout | undefined;
  let state: 'idle' | 'started' | 'stopped' = 'idle';
  let starts = 0;
  let askedAt: number | undefined;
  let turn: Promise<void> | undefined;

  return {
    start() {
      if (state === 'started') return;
      state = 'started';
      void next(++starts);
    },
    stop() {
      state = 'stopped';
      clearTimeout(timer);
    },
    refresh,
    now: () => clock.now(),
  };

  /** Asks, and asks again after a period, until the start with this number is stopped. */
  async function next(start: number): Promise<void> {
    await refresh();
    if (state !== 'started' || start !== starts) return;
    const seconds = isUrgent() ? Math.min(URGENT_SECONDS, periodSeconds) : periodSeconds;
    timer = clock.after(1000 * seconds * (1 + JITTER * (2 * Math.random() - 1)), () => void next(start));
  }

  function refresh(): Promise<void> {
    turn ??= once().finally(() => {
      turn = undefined;
    });
    return turn;
  }

  async function once(): Promise<void> {
    try {
      const value = await answerInTime();
      if (state !== 'stopped') answered(value);
    } catch (error) {
      if (state !== 'stopped') failed(error);
    }
  }

  async function answerInTime(): Promise<T> {
    if (askedAt !== undefined) {
      throw new NoAnswer(
        `no answer for ${Math.round((performance.now() - askedAt) / 1000)} s, so it was not asked again`,
      );
    }
    askedAt = performance.now();
    const abort = new AbortController();
    const asked = (async () => ask(abort.signal))().finally(() => {
      askedAt = undefined;
    });
    return new Promise((resolve, reject) => {
      const cancel = clock.timeout(timeoutSeconds, () => {
        const error = new NoAnswer(`no answer within ${timeoutSeconds} s`);
        reject(error);
        abort.abort(error);
      });
      void asked.finally(cancel).then(resolve, reject);
    });
  }
}
