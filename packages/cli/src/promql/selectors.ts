import type { Matcher } from './matcher.js';
import { isPromqlError, parsePromql } from './parser.js';
import { innerOf, type Promql } from './promql.js';

/** A vector selector of a query, and how the query reads it. */
export interface LookedAt {
  /** Empty if the name is not written out. */
  readonly metric: string;
  readonly matchers: readonly Matcher[];
  /** Seconds that it looks back: its range, its offset, and the subqueries around it. */
  readonly lookbackSeconds: number;
  /** Whether the query reads the increase within its range: with `rate()`, `increase()` and the like. */
  readonly isIncrease: boolean;
}

const INCREASES = /^(?:rate|irate|increase|delta|idelta|xrate|xincrease)$/i;

/**
 * Returns the vector selectors that contribute to the numbers of a query, in their order; `undefined` if it is not
 * PromQL. An operand after `and` or `unless` is a condition, and an operand that is multiplied by 0 contributes no
 * number either.
 */
export function selectorsOf(query: string): readonly LookedAt[] | undefined {
  const parsed = parsePromql(query);
  return isPromqlError(parsed) ? undefined : findSelectors(parsed, 0, false);
}

function findSelectors(node: Promql, lookback: number, isIncrease: boolean): readonly LookedAt[] {
  const seconds = lookback + lookbackOf(node);
  if (node.kind === 'selector') {
    return [{ metric: node.metric, matchers: node.matchers, lookbackSeconds: seconds, isIncrease }];
  }
  const isAdded = isIncrease || (node.kind === 'call' && INCREASES.test(node.name));
  return listCounted(node).flatMap((part) => findSelectors(part, seconds, isAdded));
}

/** Returns the inner parts of a part that contribute to its numbers. */
function listCounted(node: Promql): readonly Promql[] {
  if (node.kind !== 'binary') return innerOf(node);
  if (node.operator === 'and' || node.operator === 'unless') return [node.left];
  return node.operator === '*' && node.left.kind === 'number' && node.left.value === 0 ? [] : innerOf(node);
}

/** Returns the seconds that a part itself looks back. An offset into the future counts as 0. */
function lookbackOf(node: Promql): number {
  const range = node.kind === 'selector' || node.kind === 'subquery' ? (node.range?.seconds ?? 0) : 0;
  const offset = Math.max(0, node.offsetSeconds ?? 0);
  return (Number.isNaN(range) ? 0 : range) + (Number.isNaN(offset) ? 0 : offset);
}
