import { type Log, withoutPasswords } from './log.js';
import type { Report } from './readiness.js';

/**
 * Logs whenever the checks that keep the process from being ready change, whether anybody asks for readiness or not.
 */
export interface ReadinessLog {
  start(): void;
  stop(): void;
}

const LOOK_MILLISECONDS = 1_000;

/** Creates a log of readiness. `look` must not change anything. */
export function createReadinessLog(log: Log, look: () => Report): ReadinessLog {
  let timer: NodeJS.Timeout | undefined;
  // A process that is ready from the start has nothing to tell.
  let last = '[]';

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
    // The text of an error varies with each attempt (ports, ids, times), so only names are compared.
    const names = JSON.stringify([...new Set(failing.map(({ name }) => name))].sort());
    if (names === last) return;
    last = names;
    const causes = failing.map(({ name, output }) =>
      output === undefined ? name : `${name} (${withoutPasswords(output)})`,
    );
    log.info(causes.length === 0 ? 'ready' : `not ready because of ${causes.join('; ')}`);
  }
}
