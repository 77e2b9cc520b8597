import { createJudge } from '../../controllers/argo/measure.js';
import type { Place } from '../../controllers/objects.js';
import type { Phase } from '../../controllers/verdict.js';
import { NotKnownHereError } from '../../not-known-here.js';
import type { Answer } from '../../prometheus.js';
import type { TemplateRule } from '../rules.js';
import { NOTHING, vectorOf } from './answer.js';
import type { Report } from './findings.js';
import type { Emptiness } from './query-answers.js';

/** The conditions of a metric of Argo Rollouts, with known values for `{{args.…}}`. */
export interface Conditions {
  readonly successCondition: string;
  readonly failureCondition: string;
}

/** Returns the phase that conditions give to a result, and why; an error is a phase. */
export type PhaseOf = (answer: Answer) => { readonly phase: Phase; readonly message?: string };

/** Returns a function that judges a result by the conditions. */
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

/** Whether a condition has a part that is not known here. */
export function isNotKnown(condition: string): boolean {
  try {
    createJudge({ successCondition: condition, failureCondition: '' })(vectorOf(1));
    return false;
  } catch (error) {
    return error instanceof NotKnownHereError;
  }
}

interface Use {
  readonly conditions: Conditions;
  readonly phaseOf: PhaseOf;
  /** The conditions as they are written. */
  readonly written: Conditions;
  readonly isScalar: boolean;
  /** Whether the result has a number for each time of a range. */
  readonly isRange: boolean;
  /** Whether every argument of the conditions has a value. */
  readonly isKnown: boolean;
  /** Whether the query is reported as one that no healthy canary passes. */
  readonly isCondemned: boolean;
  /** Whether the query may return `NaN`. */
  readonly mayBeNaN: boolean;
  readonly emptiness: Emptiness;
  /** The number of Errors in a row that abort; `NaN` if an argument sets it. */
  readonly abortingErrors: number;
  /** Whether the measurements decide nothing. */
  readonly isDryRun: boolean;
  /** The place of the conditions, otherwise of the metric. */
  readonly place: Place;
  readonly report: Report;
}

/** Tries the conditions of a metric on typical results. Returns whether they can be evaluated at all. */
export function lintConditions({
  conditions,
  phaseOf,
  written,
  isScalar,
  isRange,
  isKnown,
  isCondemned,
  mayBeNaN,
  emptiness,
  abortingErrors,
  isDryRun,
  place,
  report,
}: Use): boolean {
  const { successCondition, failureCondition } = written;
  const repair = isRange ? repairForRange(written) : repairConditions(written);
  const say = (rule: TemplateRule, message: string): void =>
    report(rule, place, isDryRun ? `${message}; the metric is a dry run, which decides nothing` : message, repair);
  if (successCondition === '' && failureCondition === '') {
    say('no-condition', 'without a condition every measurement with a response of Prometheus is a success');
    return false;
  }
  const answerWith = (value: number): Answer => (isScalar ? { type: 'scalar', value } : vectorOf(value));
  const answers = numbersIn(conditions).map((value) => phaseOf(answerWith(value)));
  if (answers.every(({ phase }) => phase === 'Error')) {
    const said = [answers[0]?.message, ...(isCutOff(written) ? ['in YAML, # after a space begins a comment'] : [])];
    say(
      'invalid-condition',
      `every measurement is an Error${isDryRun ? '' : `, ${abortingClause(abortingErrors)}`}: ${said.join('; ')}`,
    );
    return false;
  }
  if (isKnown && !isCondemned && areHopeless(conditions)) {
    const message = 'no result is a success by these conditions: the metric fails, or pauses the rollout';
    report(
      'condemns-health',
      place,
      message,
      'write a successCondition that a healthy canary fulfils, and a failureCondition that it does not',
    );
    return false;
  }
  if (isScalar) return true;
  const none = phaseOf(NOTHING);
  if (none.phase === 'Error' && emptiness.mayBeEmpty) {
    const isGuarded = /\blen\s*\(/.test(`${successCondition} ${failureCondition}`);
    say(
      isGuarded ? 'guard-order' : 'error-on-empty',
      isGuarded
        ? `the guard comes after the access that it guards: without data result[0] is still an Error${isDryRun ? '' : `, and ${abortingTime(abortingErrors)}`}`
        : `without data the measurement is an Error${isDryRun ? '' : `; ${retries(abortingErrors)}`}`,
    );
  }
  if (none.phase === 'Successful' && emptiness.mayBeEmptyUnscraped) {
    say(
      'success-on-empty',
      `without data the measurement is a success${isDryRun ? '' : ': a canary that is not scraped is promoted'}`,
    );
  }
  const canFail = answers.some(({ phase }) => phase === 'Failed');
  if (mayBeNaN && canFail && phaseOf(vectorOf(Number.NaN)).phase === 'Successful') {
    say('success-on-nan', 'NaN, which is 0 / 0 without traffic, is a success');
  }
  return true;
}

/** Whether a condition ends as one does whose rest YAML takes for a comment: `all(result, # < 1)`. */
function isCutOff(conditions: Conditions): boolean {
  return Object.values(conditions).some((condition) => /[,({|&]\s*$/.test(condition));
}

function abortingClause(errors: number): string {
  if (Number.isNaN(errors)) return 'which aborts after a few';
  return errors === 1 ? 'and the first aborts' : `${errors === 5 ? 'five' : errors} of which abort`;
}

function abortingTime(errors: number): string {
  if (Number.isNaN(errors)) return 'a few abort';
  return errors === 1 ? 'the first aborts' : `${errors === 5 ? 'five' : errors} abort within ${10 * (errors - 1)} s`;
}

function retries(errors: number): string {
  if (errors === 1) return 'the first Error aborts the rollout';
  const last = Number.isNaN(errors)
    ? 'the last allowed Error'
    : errors === 5
      ? 'the fifth'
      : `Error ${errors} in a row`;
  return `the controller retries every 10 s, and ${last} aborts the rollout`;
}

/** Whether conditions cannot be evaluated on any number. */
export function areRefused(conditions: Conditions): boolean {
  const phaseOf = createPhaseOf(conditions);
  return numbersIn(conditions).every((value) =>
    [vectorOf(value), { type: 'scalar', value } as const].every((answer) => phaseOf(answer).phase === 'Error'),
  );
}

/** Whether conditions judge some results, but none of them is a success. */
function areHopeless(conditions: Conditions): boolean {
  const phaseOf = createPhaseOf(conditions);
  const phases = [...numbersIn(conditions), Number.NaN]
    .flatMap((value): readonly Answer[] => [
      { type: 'scalar', value },
      ...[1, 2, 3, 10].map((length) => vectorOf(...Array.from({ length }, () => value))),
    ])
    .concat(NOTHING)
    .map((answer) => phaseOf(answer).phase);
  return !phases.includes('Successful') && phases.some((phase) => phase !== 'Error');
}

/** A comparison of the result, not of its length. */
interface Comparison {
  readonly operator: string;
  readonly bound: string;
}

/** Returns the comparison of the result in a condition. */
export function comparisonIn(condition: string): Comparison | undefined {
  const found = [...condition.matchAll(/(<=|>=|<|>)\s*(-?[\d.]+(?:e-?\d+)?|\{\{.*?\}\})/g)];
  const [, operator, bound] = found.find(({ index }) => !/\blen\([^)]*\)\s*$/.test(condition.slice(0, index))) ?? [];
  return operator === undefined || bound === undefined ? undefined : { operator, bound };
}

const OPPOSITE: Readonly<Record<string, string>> = { '<': '>=', '<=': '>', '>': '<=', '>=': '<' };

/** Returns the pair of conditions with which missing data and `NaN` are inconclusive. */
function pairOf(good: Comparison, bad: Comparison): Conditions {
  const compare = ({ operator, bound }: Comparison): string => `len(result) == 1 && result[0] ${operator} ${bound}`;
  return { successCondition: compare(good), failureCondition: compare(bad) };
}

/** Returns conditions that judge one number as the given ones do, and need one number. */
function repairConditions(written: Conditions): string {
  const filled = withNumber(written);
  const phases = (conditions: Conditions): readonly Phase[] => {
    const phaseOf = createPhaseOf(withNumber(conditions));
    return numbersIn(filled).map((value) => phaseOf(vectorOf(value)).phase);
  };
  const wanted = phases(written);
  const repaired = [...pairsFor(written, wanted)].find((pair) =>
    phases(pair).every((phase, i) => wanted[i] === 'Error' || phase === wanted[i]),
  );
  if (repaired !== undefined) return showConditions(repaired);
  return 'compare the one number: successCondition `len(result) == 1 && result[0] <= …`, failureCondition `len(result) == 1 && result[0] > …`';
}

/** Returns conditions that judge the numbers of a range as the given ones do, and need one at least. */
function repairForRange({ successCondition, failureCondition }: Conditions): string {
  const guard = (condition: string, other: string): string =>
    `len(result) > 0 && ${condition === '' ? `!(${other})` : `(${condition})`}`;
  if (areRefused({ successCondition, failureCondition }))
    return "judge each number: successCondition: 'len(result) > 0 && all(result, # <= …)'";
  return showConditions({
    successCondition: guard(successCondition, failureCondition),
    failureCondition: guard(failureCondition, successCondition),
  });
}

/** Returns conditions as YAML, in quotes if YAML would take a part of them for a comment or a mapping. */
function showConditions({ successCondition, failureCondition }: Conditions): string {
  const show = (text: string): string => (/\s#|:\s/.test(text) ? `'${text.replaceAll("'", "''")}'` : text);
  return `successCondition: ${show(successCondition)}\nfailureCondition: ${show(failureCondition)}`;
}

/** Yields possible repairs of conditions, the simplest first. */
function* pairsFor(
  { successCondition, failureCondition }: Conditions,
  wanted: readonly Phase[],
): Generator<Conditions> {
  const [good, bad] = [comparisonIn(successCondition), comparisonIn(failureCondition)];
  const opposite = ({ operator, bound }: Comparison): Comparison => ({ operator: OPPOSITE[operator] ?? '<', bound });
  if (good !== undefined) {
    yield pairOf(good, bad ?? opposite(good));
    // The comparison may be in a predicate, such as in none().
    yield pairOf(opposite(good), bad ?? good);
  } else if (bad !== undefined) {
    yield pairOf(opposite(bad), bad);
    yield pairOf(bad, opposite(bad));
  }
  if (!wanted.includes('Successful') || !wanted.includes('Failed')) return;
  const [success, failure] = [successCondition, failureCondition].map((text) => text.trim().replace(/\s*\n\s*/g, ' '));
  yield {
    successCondition: `len(result) == 1 && ${success === '' ? `!(${failure})` : `(${success})`}`,
    failureCondition: `len(result) == 1 && ${failure === '' ? `!(${success})` : `(${failure})`}`,
  };
}

/** Returns conditions with a number in place of each argument. */
function withNumber({ successCondition, failureCondition }: Conditions): Conditions {
  const fill = (text: string): string => text.replace(/\{\{.*?\}\}/g, '0.5');
  return { successCondition: fill(successCondition), failureCondition: fill(failureCondition) };
}

// More bounds than anybody writes; each of them costs a few evaluations of the conditions.
const MOST_BOUNDS = 100;

/** Returns numbers on both sides of the bounds in the conditions. */
function numbersIn({ successCondition, failureCondition }: Conditions): readonly number[] {
  const named = [...`${successCondition} ${failureCondition}`.matchAll(/\d+(?:\.\d+)?(?:e-?\d+)?/g)].map(Number);
  const bounds = [...new Set([0, 1, ...named])].slice(0, MOST_BOUNDS);
  return [...bounds.flatMap((value) => [value, value - 0.001, value + 0.001]), 1e9, -1e9];
}
