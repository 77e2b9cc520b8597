import { parse } from '../../expr/parser.js';
import type { Node } from '../../expr/syntax.js';
import type { Threshold } from '../verdict.js';

/** Returns the bounds in conditions, for charts: plain comparisons of the result with a number, joined by `and`. */
export function thresholdsOf({
  successCondition,
  failureCondition,
}: {
  readonly successCondition: string;
  readonly failureCondition: string;
}): readonly Threshold[] {
  const found = [
    ...boundsIn(successCondition),
    ...boundsIn(failureCondition).map(({ good, bound }) => ({ good: OPPOSITE[good], bound })),
  ];
  return found.filter(({ good, bound }, i) => !found.slice(0, i).some((b) => b.good === good && b.bound === bound));
}

const OPPOSITE = { below: 'above', above: 'below' } as const;

function boundsIn(condition: string): readonly Threshold[] {
  try {
    return boundsOf(parse(condition));
  } catch {
    // There is no condition, or a measurement reports its error.
    return [];
  }
}

function boundsOf(node: Node): readonly Threshold[] {
  if (node.kind !== 'binary') return [];
  const { operator, left, right } = node;
  if (operator === '&&' || operator === 'and') return [...boundsOf(left), ...boundsOf(right)];
  const isLess = operator.startsWith('<');
  if (!isLess && !operator.startsWith('>')) return [];
  if (isResult(left) && isLiteral(right)) return [{ good: isLess ? 'below' : 'above', bound: Number(right.value) }];
  if (isResult(right) && isLiteral(left)) return [{ good: isLess ? 'above' : 'below', bound: Number(left.value) }];
  return [];
}

function isResult(node: Node): boolean {
  return node.kind === 'member' ? isResult(node.of) : node.kind === 'name' && node.name === 'result';
}

function isLiteral(node: Node): node is Extract<Node, { kind: 'literal' }> {
  return node.kind === 'literal' && (typeof node.value === 'number' || typeof node.value === 'bigint');
}
