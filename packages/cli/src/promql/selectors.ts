import type { Matcher } from './matcher.js';
import { innerOf, isPromqlError, type Promql, parsePromql } from './promql.js';

/** A vector selector of a query, and how the query looks at it. */
export interface LookedAt {
  /** Empty where the name is none that is written out. */
  readonly metric: string;
  readonly matchers: readonly Matcher[];
  /** Seconds that it looks back: its range, its offset, and the subqueries around it. */
  readonly lookbackSeconds: number;
  /** Whether it is read as what was added within its range: by `rate()`, `increase()` and the like. */
  readonly isIncrease: boolean;
}

const INCREASES = /^(?:rate|irate|increase|delta|idelta|xrate|xincrease)$/i;

/**
 * The vector selectors that the numbers of a query are made of, in the order in which they stand; `undefined` where it is no
 * PromQL. What stands behind `and` or `unless` is a condition, and what is multiplied by 0 gives no number either.
 */
export function selectorsOf(query: string): readonly LookedAt[] | undefined {
  const parsed = parsePromql(query);
  return isPromqlError(parsed) ? undefined : looked(parsed, 0, false);
}

function looked(node: Promql, lookback: number, isIncrease: boolean): readonly LookedAt[] {
  const seconds = lookback + lookbackOf(node);
  if (node.kind === 'selector') {
    return [{ metric: node.metric, matchers: node.matchers, lookbackSeconds: seconds, isIncrease }];
  }
  const isAdded = isIncrease || (node.kind === 'call' && INCREASES.test(node.name));
  return countedIn(node).flatMap((part) => looked(part, seconds, isAdded));
}

/** The inner parts of a part that its numbers are made of. */
function countedIn(node: Promql): readonly Promql[] {
  if (node.kind !== 'binary') return innerOf(node);
  if (node.operator === 'and' || node.operator === 'unless') return [node.left];
  return node.operator === '*' && node.left.kind === 'number' && node.left.value === 0 ? [] : innerOf(node);
}

/** Seconds that a part looks back by itself. An offset into the future is none. */
function lookbackOf(node: Promql): number {
  const range = node.kind === 'selector' || node.kind === 'subquery' ? (node.range?.seconds ?? 0) : 0;
  const offset = Math.max(0, node.offsetSeconds ?? 0);
  return (Number.isNaN(range) ? 0 : range) + (Number.isNaN(offset) ? 0 : offset);
}
