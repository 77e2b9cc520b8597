import { type Log, oneLine } from './log.js';
import type { Report } from './readiness.js';

/** Tells a log whenever the readiness of the process changes, whether anybody asks for it or not. */
export interface ReadinessLog {
  start(): void;
  stop(): void;
}

const LOOK_MILLISECONDS = 1_000;

/** `look` must not change anything. */
export function createReadinessLog(log: Log, look: () => Report): ReadinessLog {
  let timer: NodeJS.Timeout | undefined;
  // A process that is ready from the start has nothing to tell.
  let last = '';

  return {
    start() {
      timer ??= setInterval(tell, LOOK_MILLISECONDS).unref();
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
    },
  };

  function tell(): void {
    const failing = look().lines.filter(({ status }) => status === 'fail');
    const causes = failing.map(({ name, output }) => (output === undefined ? name : `${name} (${oneLine(output)})`));
    const text = causes.join('; ');
    // The age of a result is no news.
    const news = text.replace(/\d+/g, '');
    if (news === last) return;
    last = news;
    log.info(text === '' ? 'ready' : `not ready because of ${text}`);
  }
}
