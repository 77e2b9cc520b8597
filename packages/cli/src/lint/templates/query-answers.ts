import type { Answer } from '../../prometheus.js';
import { type Binary, type Promql, partsOf, type Selector, selectorsIn } from '../../promql/promql.js';
import { answerOf, isEmpty, NOTHING, valuesIn, vectorOf } from './answer.js';
import { sideOf } from './outcome.js';
import type { Query } from './query.js';
import { allOf, answerOfText, gapsIn, repair, selectorText, sumParts, sumText } from './query-repairs.js';
import type { QueryUse } from './query-use.js';
import { isShare, lintQuiet, lintStable, lintVerdict } from './query-verdict.js';
import { WORLDS, type World } from './world.js';

/** Evaluates a query in typical worlds, and checks the controller's verdict on each result. */
export function lintAnswers(use: QueryUse): void {
  const { query, judge } = use;
  const { tree, parts } = query;
  if (parts.some((part) => isArgument(query, part))) return;
  const ask = (world: World | undefined): Answer | undefined => answerOf(tree, parts, world);
  const failing = ask(WORLDS.failing);
  if (failing === undefined) return;
  if (failing.type === 'scalar') return lintScalar(use);
  const unscraped = ask(undefined);
  const isGoodUnscraped = unscraped !== undefined && !isEmpty(unscraped) && judge?.(unscraped) === 'Successful';
  const isUnmatched = parts.some((part) => lintPartners(use, part));
  if (isUnmatched || isEmpty(failing)) {
    if (isGoodUnscraped) lintFallback(use);
    else if (!isUnmatched && !isEmpty(ask(WORLDS.healthy))) lintGaps(use, ['bornHealthy']);
    return;
  }

  const divisions = parts.filter((part): part is Binary => part.kind === 'binary' && part.operator === '/');
  const isBlind = divisions.some((division) => lintDivision(use, division));
  if (!isBlind) lintSeries(use, failing);
  lintGaps(use, ['bornHealthy', 'bornFailing']);
  if (isGoodUnscraped || (judge === undefined && unscraped !== undefined && !isEmpty(unscraped))) lintFallback(use);
  if (valuesIn(ask(WORLDS.idle)).some(Number.isNaN)) lintIdle(use);
  const sides = new Set(selectorsIn(tree).map(sideOf));
  // If two sides fail alike, neither is to blame.
  const isOne = valuesIn(failing).length === 1 || use.judgesAll === true;
  if (judge !== undefined && !isBlind && isOne && sides.size === 1 && isShare(query)) lintVerdict(use, judge);
  lintQuiet(use, divisions);
  lintStable(use, divisions);
}

const GAPS = {
  bornHealthy: ['empty-when-healthy', 'as long as nothing has failed'],
  bornFailing: ['empty-when-failing', 'if every request fails'],
} as const;

/** Reports series that do not exist yet in some worlds, so that the result of the query is empty. */
function lintGaps(use: QueryUse, worlds: readonly (keyof typeof GAPS)[]): void {
  const { query, say } = use;
  const { tree, parts } = query;
  for (const name of worlds) {
    const [rule, when] = GAPS[name];
    const world = WORLDS[name];
    const gaps = isEmpty(answerOf(tree, parts, world)) ? gapsIn(query, world) : [];
    const isHealthy = name === 'bornHealthy';
    // A condition may accept an empty result.
    if (gaps.length === 0 || (isHealthy && use.judge?.(NOTHING) === 'Successful')) continue;
    const edits = gaps.map(({ part, all }) => ({ ...part, text: `(${query.textOf(part)} or 0 * ${all})` }));
    say(
      rule,
      gaps[0]?.part ?? tree,
      `the result is empty ${when}, because the series that the query sums does not exist yet: ${consequence(use)}`,
      repair(query, query.edited(edits), (text) => !isEmpty(answerOfText(text, world))),
      isHealthy && use.controller === 'argo' && use.judge === undefined ? 'warning' : undefined,
    );
  }
}

const ARITHMETIC: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%', '^']);

/** Reports an operation on two sums by different labels, whose elements never match. Returns whether it is one. */
function lintPartners({ query, say }: QueryUse, part: Promql): boolean {
  if (part.kind !== 'binary' || !ARITHMETIC.has(part.operator) || part.matching !== undefined) return false;
  const [left, right] = [labelsOf(part.left), labelsOf(part.right)];
  if (left === undefined || right === undefined || left === right) return false;
  const shown = (labels: string): string =>
    labels === '' ? 'no label' : `the label${labels.includes(',') ? 's' : ''} ${labels}`;
  say(
    'empty-when-healthy',
    part,
    `the left side of ${part.operator} has ${shown(left)}, and the right side ${shown(right)}: no elements match, and the result of ${part.operator} is always empty`,
    `query: ${query.edited(sumParts(query, part))}`,
  );
  return true;
}

/** Returns the labels of a sum, or of a sum and a number; `undefined` if they are not known. */
function labelsOf(part: Promql): string | undefined {
  if (part.kind === 'negative') return labelsOf(part.of);
  if (part.kind === 'binary' && ARITHMETIC.has(part.operator)) {
    if (part.left.kind === 'number') return labelsOf(part.right);
    return part.right.kind === 'number' ? labelsOf(part.left) : undefined;
  }
  if (part.kind !== 'aggregate' || !/^(?:sum|avg|min|max|count)$/.test(part.operator)) return undefined;
  const { isWithout = false, labels = [] } = part.grouping ?? {};
  return isWithout ? undefined : [...new Set(labels)].sort().join(', ');
}

/** Whether a part is an argument without a value, which may be any expression. */
function isArgument(query: Query, part: Promql): boolean {
  return part.kind === 'selector' && query.isGuessed(part) && /^\{\{[^{}]*\}\}$/.test(query.textOf(part));
}

/** Whether a query can return `NaN`, as far as is known. */
export function mayBeNaN({ tree, parts }: Query): boolean {
  const idle = answerOf(tree, parts, WORLDS.idle);
  return idle === undefined || valuesIn(idle).some(Number.isNaN);
}

/** What is known about when the result of a query is empty. */
export interface Emptiness {
  /** Whether the result can be empty at all. */
  readonly mayBeEmpty: boolean;
  /** Whether the result can be empty if nothing is scraped. */
  readonly mayBeEmptyUnscraped: boolean;
}

/** Returns when the result of a query can be empty. A result that is not known here can be empty. */
export function emptinessOf(query: Query | undefined): Emptiness {
  if (query === undefined) return { mayBeEmpty: true, mayBeEmptyUnscraped: true };
  const { tree, parts } = query;
  const mayBeEmptyIn = (world: World | undefined): boolean => {
    const answer = answerOf(tree, parts, world);
    return answer === undefined || isEmpty(answer);
  };
  const mayBeEmptyUnscraped = mayBeEmptyIn(undefined);
  return {
    mayBeEmptyUnscraped,
    mayBeEmpty: mayBeEmptyUnscraped || Object.values(WORLDS).some(mayBeEmptyIn),
  };
}

/** Whether the result of a query is a scalar. */
export function isScalar({ tree, parts }: Query): boolean {
  return answerOf(tree, parts, WORLDS.failing)?.type === 'scalar';
}

function lintScalar({ query, say, controller }: QueryUse): void {
  const scalars = query.parts.filter((part) => part.kind === 'call' && part.name === 'scalar');
  const edits = scalars.map((part) => ({
    ...part,
    text: part.kind === 'call' ? sumText(query, part.args[0] ?? part) : '',
  }));
  say(
    'scalar-query',
    query.tree,
    controller === 'flagger'
      ? 'the result is a scalar, which Flagger cannot decode: every check fails'
      : 'the result is a scalar: result[0] does not compile, and scalar() turns missing data into NaN',
    scalars.length === 0 ? 'query a vector with one element' : `query: ${query.edited(edits)}`,
  );
}

/**
 * Reports a division that cannot show failures, because its operands give the same result in every case. Returns whether
 * it is one.
 */
function lintDivision({ query, say }: QueryUse, division: Binary): boolean {
  const { left, right } = division;
  const [above, below] = [selectorsIn(left), selectorsIn(right)];
  if (above.length === 0 || below.length === 0) return false;
  if (query.textOf(left) === query.textOf(right)) {
    const [selector] = above;
    const edits = above.map((part) => ({
      ...part,
      text: selectorText(query, part, [...part.matchers.map(query.textOf), 'status!~"5.."']),
    }));
    say(
      'same-above-and-below',
      selector ?? division,
      'both sides of the division are the same: the ratio is always 1, even if every request fails',
      `query: ${query.edited(edits)}`,
    );
    return true;
  }
  const isUnsummed = (side: Promql): boolean => !partsOf(side).some(({ kind }) => kind === 'aggregate');
  if (!isUnsummed(left) || !isUnsummed(right) || division.matching !== undefined) return false;
  if (above[0]?.metric !== below[0]?.metric || sideOf(above[0] as Selector) !== sideOf(below[0] as Selector))
    return false;
  say(
    'divided-by-itself',
    division,
    'without sum() each series is divided by itself: the ratio is 1 for every status, and a canary that fails 99 % looks like one that fails nothing',
    `query: ${query.edited(sumParts(query, query.tree))}`,
  );
  return true;
}

function lintSeries({ query, say, controller, judgesAll = false }: QueryUse, answer: Answer): void {
  if (valuesIn(answer).length < 2 || judgesAll) return;
  const last = controller === 'argo' ? 'result[0] is the first of them' : 'Flagger takes the last of them';
  const condition = severalIf(query);
  say(
    'several-series',
    query.tree,
    `${condition}the result has several elements in no order, and ${last}: the others are not judged`,
    repair(
      query,
      query.edited(sumParts(query, query.tree)),
      (text) => valuesIn(answerOfText(text, WORLDS.failing)).length === 1,
    ),
    condition === '' ? undefined : 'warning',
  );
}

/** Returns the condition under which a query without a sum has several elements; an empty text if it always has. */
function severalIf({ tree, parts }: Query): string {
  if (tree.kind === 'selector' && tree.metric.includes(':')) return 'if the recording rule leaves several series, ';
  const metrics = selectorsIn(tree).map(({ metric }) => metric);
  const isCounted =
    metrics.some((metric) => /_(?:total|count|sum|bucket)$/.test(metric)) ||
    parts.some((part) => part.kind === 'call' && /^(?:i?rate|increase)$/.test(part.name));
  // A gauge may be of one pod.
  return isCounted ? '' : `if ${metrics[0]} has several series, such as one for each pod, `;
}

function lintFallback({ query, say }: QueryUse): void {
  const fallback = query.parts.find(
    (part): part is Binary =>
      part.kind === 'binary' && part.operator === 'or' && part.right.kind === 'call' && part.right.name === 'vector',
  );
  const [number] = fallback?.right.kind === 'call' ? fallback.right.args : [];
  const all = fallback === undefined ? undefined : allOf(query, fallback.left);
  const value = number === undefined ? '0' : query.textOf(number);
  say(
    'hides-unscraped',
    fallback?.right ?? query.tree,
    'if nothing is scraped the query still returns a result, and a good one: a canary without metrics is promoted',
    fallback === undefined || all === undefined
      ? 'leave the result empty if nothing is scraped'
      : `query: ${query.edited([{ ...fallback.right, text: Number(value) === 0 ? `0 * ${all}` : `${value} + 0 * ${all}` }])}`,
  );
}

function lintIdle({ query, say, controller, judge }: QueryUse): void {
  const phase = judge?.(NOT_A_NUMBER);
  const divisors = query.parts.filter(
    (part): part is Binary =>
      part.kind === 'binary' &&
      part.operator === '/' &&
      valuesIn(answerOf(part.right, query.parts, WORLDS.idle)).some((value) => value === 0),
  );
  const [good = Number.NaN] = valuesIn(answerOf(query.tree, query.parts, WORLDS.healthy));
  const all = divisors[0] === undefined ? undefined : query.textOf(divisors[0].right);
  const edits = divisors.map(({ right }) => ({ ...right, text: `(${query.textOf(right)} > 0)` }));
  const idle =
    [good, 0, 1, 100].find((value) => judge?.(vectorOf(value)) === 'Successful') ??
    (good === 1 || good === 100 ? good : 0);
  const text = `(${query.edited(edits)}) or ${idle === 0 ? '' : `${idle} + `}0 * ${all}`;
  say(
    'nan-when-idle',
    divisors[0]?.right ?? query.tree,
    `without requests the result is NaN${controller === 'flagger' ? ', which is a failed check' : phase === undefined ? '' : `, which is ${phase} by these conditions`}`,
    all === undefined || Number.isNaN(good)
      ? 'first check that there were requests: (…) and sum(increase(…_count[…])) >= 20'
      : repair(query, text, (text) => !valuesIn(answerOfText(text, WORLDS.idle)).some(Number.isNaN)),
  );
}

const NOT_A_NUMBER: Answer = vectorOf(Number.NaN);

function consequence({ controller, judge }: QueryUse): string {
  if (controller === 'flagger') return '"no values found", a failed check';
  const phase = judge?.(NOTHING);
  return phase === undefined ? 'nothing to judge' : `${phase} by these conditions`;
}
