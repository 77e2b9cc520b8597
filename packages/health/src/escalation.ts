import { warn } from '@coalmine/options';
import { parseProof } from './check-answer.js';
import type { LivenessSettings } from './check-options.js';
import { createPoll } from './poll.js';

/** Decides whether the process should be restarted because of a check that fails. */
export interface Escalation {
  /** Receives the verdict on the check, after each run of the check. */
  judge(isGood: boolean): void;
  /** Whether the check has failed for long enough, while its witness passed all that time. */
  readonly isDue: boolean;
  /** Stops asking the witness until the next verdict. */
  stop(): void;
}

export interface EscalationOptions extends LivenessSettings {
  /** The name of the check. */
  readonly name: string;
  /** Seconds between runs of the witness. */
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
}

// The longest wait, as a multiple of the shortest: pods that get stuck by one cause are not restarted together.
const SPREAD = 1.5;

/**
 * The witness is asked only while the check fails. Time counts only while the check fails and the witness passes.
 * During an outage of something that pods share, the witness fails too, and after the outage the check has the whole
 * time to recover.
 */
export function createEscalation(options: EscalationOptions): Escalation {
  const { name, witness, afterSeconds, periodSeconds, timeoutSeconds } = options;
  const waitSeconds = afterSeconds * (1 + (SPREAD - 1) * Math.random());
  let hasPassed = false;
  let isFailing = false;
  let stuckSince: number | undefined;
  let isDue = false;

  const poll = createPoll<boolean>({
    periodSeconds,
    timeoutSeconds,
    ask: async (signal) => parseProof(await witness(signal)).status === 'pass',
    answered: testify,
    failed: () => testify(false),
    isUrgent: () => false,
  });

  return {
    judge(isGood) {
      hasPassed ||= isGood;
      // A check that has never passed shows a mistake in the release or its configuration, which no restart corrects.
      isFailing = hasPassed && !isGood;
      if (isFailing) {
        poll.start();
        weigh();
      } else {
        stop();
      }
    },
    get isDue() {
      return isDue;
    },
    stop,
  };

  function stop(): void {
    poll.stop();
    stuckSince = undefined;
    isDue = false;
  }

  function testify(isWell: boolean): void {
    stuckSince = isWell && isFailing ? (stuckSince ?? poll.now()) : undefined;
    weigh();
  }

  function weigh(): void {
    const seconds = stuckSince === undefined ? 0 : (poll.now() - stuckSince) / 1000;
    const wasDue = isDue;
    isDue = stuckSince !== undefined && seconds >= waitSeconds;
    if (isDue && !wasDue) {
      warn(
        'COALMINE_NOT_LIVE',
        `The check ${name} has failed for ${Math.round(seconds)} s while its witness passed, so liveness fails until the check passes`,
      );
    }
  }
}
