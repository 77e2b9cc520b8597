import { parseAnswer, parseProof } from './check-answer.js';
import type { CheckAnswer, CheckKind, CheckSettings } from './check-options.js';
import { createEscalation } from './escalation.js';
import { createHysteresis } from './hysteresis.js';
import { createPoll, type Poll } from './poll.js';
import { reasonOf } from './reason.js';

/** The last result of one check, from memory. */
export interface CheckResult extends CheckAnswer {
  /** Epoch milliseconds of the last run that ended. */
  readonly checkedAt?: number;
}

/** One check, run in the background. */
export interface Check extends Pick<Poll, 'start' | 'stop' | 'refresh'> {
  readonly name: string;
  readonly kind: CheckKind;
  result(): CheckResult;
  /** Whether the process should be restarted because of the check. */
  isFatal(): boolean;
}

interface Last {
  readonly answer: CheckAnswer;
  /** On the clock of the poll. */
  readonly at: number;
  readonly checkedAt: number;
}

export function createCheck(name: string, settings: CheckSettings): Check {
  const { run, kind, periodSeconds, timeoutSeconds, failing, passing, liveness } = settings;
  const parse = kind === 'startup' ? parseProof : parseAnswer;
  const hysteresis = createHysteresis(failing, passing);
  const escalation = liveness && createEscalation({ ...liveness, name, periodSeconds, timeoutSeconds });
  let last: Last | undefined;
  let isGood = false;
  let hasPassed = false;
  let isOver = false;

  const poll = createPoll<CheckAnswer>({
    periodSeconds,
    timeoutSeconds,
    ask: async (signal) => parse(await run(signal)),
    answered: enter,
    failed: (error) => enter({ status: 'fail', output: reasonOf(error) }),
    isUrgent: () => !hasPassed,
  });

  return {
    name,
    kind,
    start() {
      if (!isOver) poll.start();
    },
    stop() {
      poll.stop();
      escalation?.stop();
    },
    refresh: poll.refresh,
    result,
    isFatal: () => escalation?.isDue === true,
  };

  function enter(answer: CheckAnswer): void {
    isGood = hysteresis.add(answer.status !== 'fail');
    hasPassed ||= isGood;
    last = { answer, at: poll.now(), checkedAt: Date.now() };
    escalation?.judge(isGood);
    if (kind === 'startup' && isGood) {
      isOver = true;
      poll.stop();
    }
  }

  function result(): CheckResult {
    if (last === undefined) return { status: 'fail', output: 'not checked yet' };
    const { answer, checkedAt } = last;
    if (isOver) return { ...answer, checkedAt };
    const age = (poll.now() - last.at) / 1000;
    const output = `last checked ${Math.round(age)} s ago`;
    if (age > settings.expiresAfterSeconds) return { status: 'fail', output, checkedAt };
    if (!isGood) return { ...answer, status: 'fail', checkedAt };
    if (age > settings.staleAfterSeconds) return { ...answer, status: 'warn', output, checkedAt };
    // The check has failed, but not often enough to count as failing.
    return { ...answer, status: answer.status === 'pass' ? 'pass' : 'warn', checkedAt };
  }
}
