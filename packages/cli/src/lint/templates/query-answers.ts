import type { Answer } from '../../analyze/prometheus.js';
import { answerOf } from './answer.js';
import { OUTCOMES, outcomesOf, sideOf, valuesOf } from './outcome.js';
import {
  type Aggregate,
  type Binary,
  isPromqlError,
  type Promql,
  parsePromql,
  partsOf,
  type Selector,
} from './promql.js';
import type { Query } from './query.js';
import { selectorText } from './query-form.js';
import type { QueryUse } from './query-use.js';
import type { World } from './world.js';

const BUSY: World = { volume: 1000, failing: () => 0, isInitialised: true };

/** Worlds that tell queries apart. */
const WORLDS = {
  healthy: BUSY,
  bornHealthy: { ...BUSY, isInitialised: false },
  failing: { ...BUSY, failing: () => 0.5 },
  bornFailing: { ...BUSY, failing: () => 1, isInitialised: false },
  idle: { ...BUSY, volume: 0 },
} as const satisfies Record<string, World>;

/** Asks a query what it answers in worlds that tell, and the controller what it makes of it. */
export function lintAnswers(use: QueryUse): void {
  const { query, say, judge } = use;
  const { tree, parts } = query;
  const ask = (world: World | undefined): Answer | undefined => answerOf(tree, parts, world);
  const failing = ask(WORLDS.failing);
  if (failing === undefined) return;
  if (failing.type === 'scalar') return lintScalar(use);
  if (isEmpty(failing)) return;

  const divisions = parts.filter((part): part is Binary => part.kind === 'binary' && part.operator === '/');
  const isBlind = divisions.some((division) => lintDivision(use, division));
  if (!isBlind) lintSeries(use, failing);
  for (const [name, rule, when] of [
    ['bornHealthy', 'empty-when-healthy', 'as long as nothing has failed'],
    ['bornFailing', 'empty-when-failing', 'when every request fails'],
  ] as const) {
    const world = WORLDS[name];
    const gaps = isEmpty(ask(world)) ? gapsIn(query, world) : [];
    if (gaps.length === 0) continue;
    const edits = gaps.map(({ part, all }) => ({ ...part, text: `(${query.textOf(part)} or 0 * ${all})` }));
    say(
      rule,
      gaps[0]?.part ?? tree,
      `the answer is empty ${when}, because the series that it adds up is not there yet: ${consequence(use)}`,
      repair(query, query.edited(edits), (text) => !isEmpty(answerOfText(text, world))),
    );
  }
  const unscraped = ask(undefined);
  if (unscraped !== undefined && !isEmpty(unscraped) && (judge === undefined || judge(unscraped) === 'Successful')) {
    lintFallback(use);
  }
  if (valuesIn(ask(WORLDS.idle)).some(Number.isNaN)) lintIdle(use);
  const sides = new Set(selectorsIn(tree).map(sideOf));
  // Of two sides that fail alike, neither is to blame.
  if (judge !== undefined && !isBlind && sides.size === 1 && isShare(query)) lintVerdict(use, judge);
  lintStable(use, divisions);
}

/** Whether a query can answer `NaN`, as far as is known. */
export function mayBeNaN({ tree, parts }: Query): boolean {
  const idle = answerOf(tree, parts, WORLDS.idle);
  return idle === undefined || valuesIn(idle).some(Number.isNaN);
}

/** Whether the answer of a query is a scalar. */
export function isScalar({ tree, parts }: Query): boolean {
  return answerOf(tree, parts, WORLDS.failing)?.type === 'scalar';
}

function lintScalar({ query, say, controller }: QueryUse): void {
  const scalars = query.parts.filter((part) => part.kind === 'call' && part.name === 'scalar');
  const edits = scalars.map((part) => ({
    ...part,
    text: part.kind === 'call' ? sumOf(query, part.args[0] ?? part) : '',
  }));
  say(
    'scalar-query',
    query.tree,
    controller === 'flagger'
      ? 'the answer is a scalar, which Flagger cannot decode: every check fails'
      : 'the answer is a scalar: result[0] does not compile, and of no data scalar() makes NaN',
    scalars.length === 0 ? 'ask for a vector with one element' : `query: ${query.edited(edits)}`,
  );
}

/** Whether a division cannot see failures: by what it divides, the answer is always the same. */
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
      'the same is above and below the line: the ratio is always 1, whatever fails',
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
    'without sum() each series is divided by itself: the ratio is 1 of every status, and a canary that fails 99 % looks like one that fails none',
    `query: ${query.edited(summed(query, query.tree))}`,
  );
  return true;
}

function lintSeries({ query, say, controller }: QueryUse, answer: Answer): void {
  if (valuesIn(answer).length < 2) return;
  const last = controller === 'argo' ? 'result[0] is the first of them' : 'Flagger takes the last of them';
  say(
    'several-series',
    query.tree,
    `the answer has several elements, and ${last}, in no order: the others are not judged`,
    repair(
      query,
      query.edited(summed(query, query.tree)),
      (text) => valuesIn(answerOfText(text, WORLDS.failing)).length === 1,
    ),
  );
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
    'where nothing is scraped there is an answer all the same, and a good one: a canary without metrics is promoted',
    fallback === undefined || all === undefined
      ? 'leave the answer empty where nothing is scraped'
      : `query: ${query.edited([{ ...fallback.right, text: Number(value) === 0 ? `0 * ${all}` : `${value} + 0 * ${all}` }])}`,
  );
}

function lintIdle({ query, say, controller, judge }: QueryUse): void {
  const phase = judge?.(NOT_A_NUMBER);
  const verdict = controller === 'flagger' || phase === undefined ? 'a failed check' : `${phase}`;
  const divisors = query.parts.filter(
    (part): part is Binary =>
      part.kind === 'binary' &&
      part.operator === '/' &&
      valuesIn(answerOf(part.right, query.parts, WORLDS.idle)).some((value) => value === 0),
  );
  const [good = Number.NaN] = valuesIn(answerOf(query.tree, query.parts, WORLDS.healthy));
  const all = divisors[0] === undefined ? undefined : query.textOf(divisors[0].right);
  const edits = divisors.map(({ right }) => ({ ...right, text: `(${query.textOf(right)} > 0)` }));
  const text = `(${query.edited(edits)}) or ${good === 0 ? '' : `${good} + `}0 * ${all}`;
  say(
    'nan-when-idle',
    divisors[0]?.right ?? query.tree,
    `without requests the answer is NaN, which is ${controller === 'argo' && phase !== undefined ? `${verdict} by these conditions` : verdict}`,
    all === undefined || Number.isNaN(good)
      ? 'ask first whether there were requests: (…) and sum(increase(…_count[…])) >= 20'
      : repair(query, text, (text) => !valuesIn(answerOfText(text, WORLDS.idle)).some(Number.isNaN)),
  );
}

const NOT_A_NUMBER: Answer = { type: 'vector', values: [{ labels: {}, value: Number.NaN }] };

/** Holds what a share answers against what the controller makes of it. */
function lintVerdict({ query, say, controller, threshold }: QueryUse, judge: NonNullable<QueryUse['judge']>): void {
  const ask = (world: World): Answer => answerOf(query.tree, query.parts, world) ?? { type: 'string' };
  const [healthy, failing] = [ask(WORLDS.healthy), ask(WORLDS.failing)];
  const [good = 0] = valuesIn(healthy);
  const [bad = 0] = valuesIn(failing);
  if (good === bad || Number.isNaN(good) || Number.isNaN(bad)) return;
  const shown = (value: number): string => String(Number(value.toPrecision(3)));
  const isRising = bad > good;
  const whole = Math.max(good, bad) > 1 ? 100 : 1;
  const bound = threshold === undefined ? 0.05 * whole : Math.min(threshold, whole - threshold);
  const limit = shown(isRising ? bound : whole - bound);
  const change =
    controller === 'argo'
      ? `hold it against the other end: \`len(result) == 1 && result[0] ${isRising ? '<=' : '>='} ${limit}\``
      : `hold it against the other end: thresholdRange \`${isRising ? 'max' : 'min'}: ${limit}\``;
  if (judge(failing) === 'Successful') {
    say('accepts-failure', query.tree, `half of all requests failing is ${shown(bad)} here, and a success`, change);
  }
  const [mixed = 0] = valuesIn(ask({ ...BUSY, failing: () => 0.001 }));
  if (judge(healthy) === 'Failed' && judge(ask({ ...BUSY, failing: () => 0.001 })) === 'Failed') {
    say(
      'condemns-health',
      query.tree,
      `no request failing is ${shown(good)} here, one of a thousand ${shown(mixed)}, and both a failure`,
      change,
    );
  }
}

/** Whether a query measures a share of failures: the same of any number of requests, and another of more failures. */
function isShare({ tree, parts }: Query): boolean {
  const [few = 0] = valuesIn(answerOf(tree, parts, WORLDS.failing));
  const [many = 1] = valuesIn(answerOf(tree, parts, { ...WORLDS.failing, volume: 1e6 }));
  return Math.abs(few - many) <= 0.01 * Math.abs(many);
}

function lintStable({ query, say }: QueryUse, divisions: readonly Binary[]): void {
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
      'where the side that it is divided by fails nothing, the answer is infinite: one failure of the canary is too many',
      `query: ${query.edited([{ ...right, text: `clamp_min(${query.textOf(right)}, 0.01)` }])}`,
    );
  }
}

/** Parts that are empty in a world, with what they would be a part of. */
function gapsIn(query: Query, world: World): readonly { readonly part: Promql; readonly all: string }[] {
  const isGap = (part: Promql): boolean =>
    (part.kind === 'aggregate' || (part.kind === 'call' && part.args[0]?.kind === 'selector')) &&
    !partsOf(part).some(({ kind }) => kind === 'binary') &&
    selectorsIn(part).some((selector) => outcomesOf(selector).length < OUTCOMES.length) &&
    isEmpty(answerOf(part, query.parts, world));
  const gaps = query.parts.filter(isGap);
  return gaps
    .filter((gap) => !gaps.some((other) => other !== gap && other.from <= gap.from && other.to >= gap.to))
    .flatMap((part) => {
      const all = allOf(query, part);
      return all === undefined ? [] : [{ part, all }];
    });
}

/** The first sum of a part, of all outcomes. */
function allOf(query: Query, part: Promql): string | undefined {
  const parts = partsOf(part);
  const summing =
    parts.find((each): each is Aggregate => each.kind === 'aggregate') ?? parts.find(({ kind }) => kind === 'call');
  const selectors = summing === undefined ? [] : selectorsIn(summing);
  if (summing === undefined || selectors.length === 0) return undefined;
  const [selector] = selectors as [Selector];
  const matchers = selector.matchers.filter((matcher) => valuesOf(matcher) === undefined).map(query.textOf);
  const text = query.textOf(summing);
  return text.replace(query.textOf(selector), selectorText(query, selector, matchers));
}

/** What makes a query answer one element: sums without groups, and around what has none. */
function summed(query: Query, node: Promql): readonly { from: number; to: number; text: string }[] {
  if (node.kind === 'binary') return [...summed(query, node.left), ...summed(query, node.right)];
  if (node.kind === 'negative' || node.kind === 'subquery') return summed(query, node.of);
  if (node.kind === 'aggregate') {
    return node.grouping === undefined ? [] : [{ ...node, text: sumOf(query, node) }];
  }
  if (node.kind === 'selector') return [{ ...node, text: `sum(${query.textOf(node)})` }];
  if (node.kind !== 'call') return [];
  if (node.name === 'histogram_quantile') {
    const [, of] = node.args;
    const inner = of?.kind === 'aggregate' ? of.args.at(-1) : of;
    return of === undefined || inner === undefined ? [] : [{ ...of, text: `sum by (le) (${query.textOf(inner)})` }];
  }
  if (node.args[0]?.kind === 'selector') return [{ ...node, text: `sum(${query.textOf(node)})` }];
  return node.args.flatMap((arg) => summed(query, arg));
}

function sumOf(query: Query, node: Promql): string {
  if (node.kind !== 'aggregate') return node.kind === 'call' ? `sum(${query.textOf(node)})` : query.textOf(node);
  return `${node.operator}(${node.args.map(query.textOf).join(', ')})`;
}

/** A query as the repair, where it repairs. */
function repair(query: Query, text: string, isRepaired: (text: string) => boolean): string {
  return isRepaired(text)
    ? `query: ${text}`
    : `${query.tree.kind === 'binary' ? 'each side of it' : 'it'} must answer one number: sum() around it, and 0 * sum(…) of all requests where there is nothing`;
}

/** What a text with placeholders answers. */
function answerOfText(text: string, world: World): Answer | undefined {
  const tree = parsePromql(text.replace(/\[\s*\{\{.*?\}\}\s*\]/g, '[5m]'));
  return isPromqlError(tree) ? undefined : answerOf(tree, partsOf(tree), world);
}

function consequence({ controller, judge }: QueryUse): string {
  if (controller === 'flagger') return '"no values found", a failed check';
  const phase = judge?.({ type: 'vector', values: [] });
  return phase === undefined ? 'nothing to judge' : `${phase} by these conditions`;
}

function selectorsIn(node: Promql): readonly Selector[] {
  return partsOf(node).filter((part): part is Selector => part.kind === 'selector');
}

function isEmpty(answer: Answer | undefined): boolean {
  return answer?.type === 'vector' && answer.values.length === 0;
}

function valuesIn(answer: Answer | undefined): readonly number[] {
  if (answer?.type === 'scalar') return [answer.value];
  return answer?.type === 'vector' ? answer.values.map(({ value = Number.NaN }) => value) : [];
}
