import { memoize } from '../memoize.js';
import type { Matcher } from './matcher.js';

/** A part of a query, and its position in the text. */
export type Promql = {
  readonly from: number;
  readonly to: number;
  /** The seconds of `offset`, if any: negative into the future. */
  readonly offsetSeconds?: number;
  /** Whether `@` names a fixed time, and not the start or the end of the query. */
  readonly isPinned?: boolean;
} & (
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'negative'; readonly of: Promql }
  | { readonly kind: 'subquery'; readonly of: Promql; readonly range: Range; readonly stepSeconds?: number }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Promql[] }
  | Selector
  | Aggregate
  | Binary
);

export interface Selector {
  readonly kind: 'selector';
  readonly from: number;
  readonly to: number;
  readonly metric: string;
  readonly matchers: readonly PlacedMatcher[];
  /** Absent if the latest samples are read. */
  readonly range?: Range;
}

export interface Aggregate {
  readonly kind: 'aggregate';
  readonly from: number;
  readonly to: number;
  readonly operator: string;
  readonly grouping?: { readonly isWithout: boolean; readonly labels: readonly string[] };
  readonly args: readonly Promql[];
}

export interface Binary {
  readonly kind: 'binary';
  readonly from: number;
  readonly to: number;
  readonly operator: string;
  readonly isBool: boolean;
  readonly matching?: {
    readonly isOn: boolean;
    readonly labels: readonly string[];
    /** The side of which several elements may match one of the other; absent if neither has several. */
    readonly many?: 'left' | 'right';
    /** Labels that the results copy from the side with one element. */
    readonly included: readonly string[];
  };
  readonly left: Promql;
  readonly right: Promql;
}

/** A matcher, and its position. */
export interface PlacedMatcher extends Matcher {
  readonly from: number;
  readonly to: number;
}

/** Seconds of a window. */
export interface Range {
  readonly seconds: number;
  readonly from: number;
  readonly to: number;
}

/** Returns a part and all parts within it, outermost first. */
export const partsOf: (node: Promql) => readonly Promql[] = memoize((node) => {
  const parts: Promql[] = [];
  const add = (part: Promql): void => {
    parts.push(part);
    for (const inner of innerOf(part)) add(inner);
  };
  add(node);
  return parts;
});

/** Returns the selectors within a part. */
export function selectorsIn(node: Promql): readonly Selector[] {
  return partsOf(node).filter((part): part is Selector => part.kind === 'selector');
}

/** Returns the parts that a part directly consists of. */
export function innerOf(node: Promql): readonly Promql[] {
  switch (node.kind) {
    case 'number':
    case 'string':
    case 'selector':
      return [];
    case 'negative':
    case 'subquery':
      return [node.of];
    case 'binary':
      return [node.left, node.right];
    default:
      return node.args;
  }
}
