import type { Answer } from '../../prometheus.js';
import { isPromqlError, parsePromql } from '../../promql/parser.js';
import { type Aggregate, type Promql, partsOf, type Selector, selectorsIn } from '../../promql/promql.js';
import { answerOf, isEmpty } from './answer.js';
import { OUTCOMES, outcomesOf, valuesOf } from './outcome.js';
import type { Query } from './query.js';
import type { World } from './world.js';

/** Returns parts that are empty in a world, with the sum that contains them. */
export function gapsIn(query: Query, world: World): readonly { readonly part: Promql; readonly all: string }[] {
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

/** Returns the first sum in a part, over all outcomes. */
export function allOf(query: Query, part: Promql): string | undefined {
  const parts = partsOf(part);
  const summing =
    parts.find((each): each is Aggregate => each.kind === 'aggregate') ?? parts.find(({ kind }) => kind === 'call');
  const selectors = summing === undefined ? [] : selectorsIn(summing);
  if (summing === undefined || selectors.length === 0) return undefined;
  const [selector] = selectors as [Selector];
  const matchers = selector.matchers.filter((matcher) => valuesOf(matcher) === undefined).map(query.textOf);
  const text = query.textOf(summing);
  return text.replace(query.textOf(selector), () => selectorText(query, selector, matchers));
}

/**
 * Returns the edits with which a query returns one element: sums without groups, and sums around parts that have none.
 */
export function sumParts(query: Query, node: Promql): readonly { from: number; to: number; text: string }[] {
  if (node.kind === 'binary') return [...sumParts(query, node.left), ...sumParts(query, node.right)];
  if (node.kind === 'negative' || node.kind === 'subquery') return sumParts(query, node.of);
  if (node.kind === 'aggregate') {
    return node.grouping === undefined ? [] : [{ ...node, text: sumText(query, node) }];
  }
  if (node.kind === 'selector') return [{ ...node, text: `sum(${query.textOf(node)})` }];
  if (node.kind !== 'call') return [];
  if (node.name === 'histogram_quantile') {
    const [, of] = node.args;
    const inner = of?.kind === 'aggregate' ? of.args.at(-1) : of;
    return of === undefined || inner === undefined ? [] : [{ ...of, text: `sum by (le) (${query.textOf(inner)})` }];
  }
  if (node.args[0]?.kind === 'selector') return [{ ...node, text: `sum(${query.textOf(node)})` }];
  return node.args.flatMap((arg) => sumParts(query, arg));
}

/** Returns a sum without groups. */
export function sumText(query: Query, node: Promql): string {
  if (node.kind !== 'aggregate') return node.kind === 'call' ? `sum(${query.textOf(node)})` : query.textOf(node);
  return `${node.operator}(${node.args.map(query.textOf).join(', ')})`;
}

/** Returns an edited query as the repair, if it repairs. */
export function repair(query: Query, text: string, isRepaired: (text: string) => boolean): string {
  return isRepaired(text)
    ? `query: ${text}`
    : `${query.tree.kind === 'binary' ? 'each side of it' : 'it'} must return one number: put sum() around it, and 0 * sum(…) of all requests for an empty result`;
}

/** Returns the result of a text with placeholders. */
export function answerOfText(text: string, world: World): Answer | undefined {
  const tree = parsePromql(text.replace(/\[\s*\{\{.*?\}\}\s*\]/g, '[5m]'));
  return isPromqlError(tree) ? undefined : answerOf(tree, partsOf(tree), world);
}

/** Returns the text of a selector with other matchers. */
export function selectorText(query: Query, selector: Selector, matchers: readonly string[]): string {
  const range = selector.range === undefined ? '' : `[${query.textOf(selector.range)}]`;
  return `${selector.metric}${matchers.length === 0 ? '' : `{${matchers.join(',')}}`}${range}`;
}
