import { createJudge } from '../../controllers/argo/measure.js';
import type { Place } from '../../controllers/objects.js';
import type { Phase } from '../../controllers/verdict.js';
import { NotKnownHereError } from '../../not-known-here.js';
import type { Answer } from '../../prometheus.js';
import type { Report, Rule } from './rules.js';

/** The conditions of a metric of Argo Rollouts, with what could be known of `{{args.…}}` in them. */
export interface Conditions {
  readonly successCondition: string;
  readonly failureCondition: string;
}

/** Tells what conditions make of an answer, and why; an error is a phase. */
export type PhaseOf = (answer: Answer) => { readonly phase: Phase; readonly message?: string };

/** Returns a function that tells what the conditions make of an answer. */
export function createPhaseOf(conditions: Conditions): PhaseOf {
  const judge = createJudge(conditions);
  return (answer) => {
    try {
      return judge(answer);
    } catch (error) {
      return { phase: 'Error', message: (error as Error).message };
    }
  };
}

/** Whether a condition has a part of which it is not known here what the controller makes of it. */
export function isNotKnown(condition: string): boolean {
  try {
    createJudge({ successCondition: condition, failureCondition: '' })(vectorOf(1));
    return false;
  } catch (error) {
    return error instanceof NotKnownHereError;
  }
}

export const NOTHING: Answer = { type: 'vector', values: [] };

export function vectorOf(...values: readonly number[]): Answer {
  return { type: 'vector', values: values.map((value) => ({ labels: {}, value })) };
}

interface Use {
  readonly conditions: Conditions;
  readonly phaseOf: PhaseOf;
  /** As they are written. */
  readonly written: Conditions;
  readonly isScalar: boolean;
  /** Whether the query may answer `NaN`. */
  readonly mayBeNaN: boolean;
  /** Whether nothing comes of what is measured. */
  readonly isDryRun: boolean;
  /** Where the conditions stand, or else the metric. */
  readonly place: Place;
  readonly report: Report;
}

/** Asks the conditions of a metric what they make of answers that tell. Answers whether they can be evaluated at all. */
export function lintConditions({
  conditions,
  phaseOf,
  written,
  isScalar,
  mayBeNaN,
  isDryRun,
  place,
  report,
}: Use): boolean {
  const { successCondition, failureCondition } = written;
  const repair = repaired(written);
  const say = (rule: Rule, message: string): void =>
    report(rule, place, isDryRun ? `${message}; the metric is a dry run, which decides nothing` : message, repair);
  if (successCondition === '' && failureCondition === '') {
    say('no-condition', 'without a condition every measurement that Prometheus answers is a success');
    return false;
  }
  const asked = (value: number): Answer => (isScalar ? { type: 'scalar', value } : vectorOf(value));
  const answers = numbersIn(conditions).map((value) => phaseOf(asked(value)));
  if (answers.every(({ phase }) => phase === 'Error')) {
    say(
      'invalid-condition',
      `every measurement is an Error${isDryRun ? '' : ', five of which abort'}: ${answers[0]?.message}`,
    );
    return false;
  }
  if (isScalar) return true;
  const none = phaseOf(NOTHING);
  if (none.phase === 'Error') {
    const isGuarded = /\blen\s*\(/.test(`${successCondition} ${failureCondition}`);
    say(
      isGuarded ? 'guard-order' : 'error-on-empty',
      isGuarded
        ? `the guard comes after what it guards: without data result[0] is an Error all the same${isDryRun ? '' : ', and five abort within 40 s'}`
        : `without data the measurement is an Error${isDryRun ? '' : '; it is tried again every 10 s, and the fifth aborts the rollout'}`,
    );
  }
  if (none.phase === 'Successful') {
    say(
      'success-on-empty',
      `without data the measurement is a success${isDryRun ? '' : ': a canary that is not scraped is promoted'}`,
    );
  }
  const canFail = answers.some(({ phase }) => phase === 'Failed');
  if (mayBeNaN && canFail && phaseOf(vectorOf(Number.NaN)).phase === 'Successful') {
    say('success-on-nan', 'NaN, as 0 / 0 is without traffic, is a success');
  }
  return true;
}

/** Whether conditions cannot be evaluated on any number. */
export function areRefused(conditions: Conditions): boolean {
  const phaseOf = createPhaseOf(conditions);
  return numbersIn(conditions).every((value) =>
    [vectorOf(value), { type: 'scalar', value } as const].every((answer) => phaseOf(answer).phase === 'Error'),
  );
}

/** A comparison of the result, not of its length. */
interface Comparison {
  readonly operator: string;
  readonly bound: string;
}

/** What a condition compares the result with. */
export function comparisonIn(condition: string): Comparison | undefined {
  const found = [...condition.matchAll(/(<=|>=|<|>)\s*(-?[\d.]+(?:e-?\d+)?|\{\{.*?\}\})/g)];
  const [, operator, bound] = found.find(({ index }) => !/\blen\([^)]*\)\s*$/.test(condition.slice(0, index))) ?? [];
  return operator === undefined || bound === undefined ? undefined : { operator, bound };
}

const OPPOSITE: Readonly<Record<string, string>> = { '<': '>=', '<=': '>', '>': '<=', '>=': '<' };

/** The pair that makes no data and `NaN` inconclusive. */
function pairOf(good: Comparison, bad?: Comparison): string {
  const { operator, bound } = bad ?? { operator: OPPOSITE[good.operator] ?? '<', bound: good.bound };
  return `successCondition: len(result) == 1 && result[0] ${good.operator} ${good.bound}
failureCondition: len(result) == 1 && result[0] ${operator} ${bound}`;
}

function repaired({ successCondition, failureCondition }: Conditions): string {
  const [good, bad] = [comparisonIn(successCondition), comparisonIn(failureCondition)];
  if (good !== undefined) return pairOf(good, bad);
  if (bad !== undefined) return pairOf({ ...bad, operator: OPPOSITE[bad.operator] ?? '<' }, bad);
  return 'compare the one number: successCondition `len(result) == 1 && result[0] <= …`, failureCondition `len(result) == 1 && result[0] > …`';
}

/** Numbers on both sides of all that conditions compare with. */
function numbersIn({ successCondition, failureCondition }: Conditions): readonly number[] {
  const named = [...`${successCondition} ${failureCondition}`.matchAll(/\d+(?:\.\d+)?(?:e-?\d+)?/g)].map(Number);
  return [0, 1, ...named].flatMap((value) => [value, value - 0.001, value + 0.001, 1e9, -1e9]);
}
