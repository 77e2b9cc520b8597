import type { Phase } from '../../controllers/verdict.js';
import type { Answer } from '../../prometheus.js';
import { type Binary, selectorsIn } from '../../promql/promql.js';
import { answerOf, valuesIn } from './answer.js';
import { sideOf } from './outcome.js';
import type { Query } from './query.js';
import type { QueryUse } from './query-use.js';
import { BUSY, WORLDS, type World } from './world.js';

// One request of a thousand fails.
const MIXED: World = { ...BUSY, failing: () => 0.001 };
const MANY_FAILING: World = { ...WORLDS.failing, volume: 1e6 };

/** Compares the result of a share with the controller's verdict on it. */
export function lintVerdict(
  { query, say, controller, threshold }: QueryUse,
  judge: NonNullable<QueryUse['judge']>,
): void {
  const ask = (world: World): Answer => answerOf(query.tree, query.parts, world) ?? { type: 'string' };
  const [healthy, failing] = [ask(WORLDS.healthy), ask(WORLDS.failing)];
  const [good = 0] = valuesIn(healthy);
  const [bad = 0] = valuesIn(failing);
  if (good === bad || Number.isNaN(good) || Number.isNaN(bad)) return;
  const shown = (value: number): string => String(Number(value.toPrecision(3)));
  const isRising = bad > good;
  const { limit, isScaled } = limitOf(threshold, good, bad);
  const other =
    controller === 'argo'
      ? `\`len(result) == 1 && result[0] ${isRising ? '<=' : '>='} ${shown(limit)}\``
      : `thresholdRange \`${isRising ? 'max' : 'min'}: ${shown(limit)}\``;
  const isBetween = limit >= Math.min(good, bad) && limit <= Math.max(good, bad);
  const change = isBetween
    ? `compare it with ${isScaled ? 'a bound in its scale' : 'the other end'}: ${other}`
    : 'write the bound in the unit of the result';
  if (judge(failing) === 'Successful') {
    say(
      'accepts-failure',
      query.tree,
      `if half of all requests fail, the result is ${shown(bad)}, which is a success`,
      change,
    );
  }
  const [mixed = 0] = valuesIn(ask(MIXED));
  const phases = [judge(healthy), judge(ask(MIXED))];
  if (phases.every((phase) => phase === 'Failed' || phase === 'Inconclusive')) {
    say(
      'condemns-health',
      query.tree,
      `if no request fails, the result is ${shown(good)}, and if one of a thousand fails, ${shown(mixed)}: ${phases.every((phase) => phase === 'Failed') ? 'both are a failure' : 'neither is a success, so the rollout pauses at best'}`,
      change,
    );
  }
}

interface Limit {
  readonly limit: number;
  /** Whether a ratio was compared with a percentage, or the other way round. */
  readonly isScaled: boolean;
}

/** Returns the bound between two results that a threshold means. */
function limitOf(threshold: number | undefined, good: number, bad: number): Limit {
  const most = Math.max(good, bad);
  if (most > 100) return { limit: threshold ?? Math.min(good, bad), isScaled: false };
  const whole = most > 1 ? 100 : 1;
  const given = threshold ?? 0.05 * whole;
  const isScaled = whole === 1 ? given >= 1 : given > 0 && given < 1;
  const bound = isScaled ? (whole === 1 ? given / 100 : given * 100) : given;
  return { limit: bad > good ? Math.min(bound, whole - bound) : Math.max(bound, whole - bound), isScaled };
}

/** Whether a query measures a share of failures: it does not depend on the number of requests, but on the failures. */
export function isShare({ tree, parts }: Query): boolean {
  const [few = 0] = valuesIn(answerOf(tree, parts, WORLDS.failing));
  const [many = 1] = valuesIn(answerOf(tree, parts, MANY_FAILING));
  return Math.abs(few - many) <= 0.01 * Math.abs(many);
}

/** Checks the result if one of two sides fails nothing. */
export function lintStable({ query, say }: QueryUse, divisions: readonly Binary[]): void {
  const sides = [...new Set(selectorsIn(query.tree).map(sideOf))];
  if (sides.length < 2) return;
  for (const perfect of sides) {
    const world: World = { ...BUSY, failing: (side) => (side === perfect ? 0 : 0.05) };
    const answer = answerOf(query.tree, query.parts, world);
    if (!valuesIn(answer).some((value) => !Number.isFinite(value))) continue;
    const division = divisions.find(({ right }) =>
      valuesIn(answerOf(right, query.parts, world)).some((value) => value === 0),
    );
    if (division === undefined) continue;
    const { right } = division;
    say(
      'divided-by-stable',
      right,
      'if the divisor has no failures, the result is infinite: one failure of the canary is too many',
      `query: ${query.edited([{ ...right, text: `clamp_min(${query.textOf(right)}, 0.01)` }])}`,
    );
  }
}

// Requests per second of a pod that has few of them.
const QUIET: World = { ...BUSY, volume: 0.01 };

/** Checks the result of few requests, if the divisor has a lower limit. */
export function lintQuiet({ query, say, judge }: QueryUse, divisions: readonly Binary[]): void {
  const clamped = divisions.find(({ right }) => right.kind === 'call' && right.name === 'clamp_min');
  if (clamped === undefined || clamped.right.kind !== 'call' || !isShare(query)) return;
  const number = (world: World): number => valuesIn(answerOf(query.tree, query.parts, world))[0] ?? Number.NaN;
  const [good, bad, quiet] = [number(WORLDS.healthy), number(WORLDS.failing), number(QUIET)];
  const isFallen = good === bad ? quiet < good : good > bad && quiet < bad;
  // Where labels do not tell what failed, only the bounds say that the number counts successes.
  const judgeValue = (value: number): Phase | undefined => judge?.({ type: 'vector', values: [{ labels: {}, value }] });
  const isSuccess = good === bad ? judgeValue(good) === 'Successful' : true;
  const isCondemned = judge === undefined ? good > bad : isSuccess && judgeValue(quiet) === 'Failed';
  const [divisor] = clamped.right.args;
  if (!isFallen || !isCondemned || divisor === undefined) return;
  say(
    'condemns-quiet',
    clamped.right,
    `with few requests the divisor is larger than their number: if all of ${QUIET.volume} per second succeed, the result is ${Number(quiet.toPrecision(3))}, which is a failure`,
    `query: ${query.edited([{ ...clamped.right, text: `(${query.textOf(divisor)} > 0)` }])}`,
  );
}
