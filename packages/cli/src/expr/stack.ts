import { NotKnownHereError } from '../not-known-here.js';
import { type Node, PREDICATES } from './syntax.js';

// Functions that leave values on the stack of expr-lang 1.17.7, where other parts take them for their own.
const LITTERING: ReadonlySet<string> = new Set(['findLast', 'findLastIndex']);
// Functions that keep the results of their predicate on the stack until the last element.
const STACKING: ReadonlySet<string> = new Set(['filter', 'map']);

/**
 * Checks that the value of an expression does not depend on the values that `findLast` and `findLastIndex` leave on the
 * stack of expr-lang: `1 + findLast(result, true)` adds another value there. Throws `NotKnownHereError` otherwise.
 */
export function demandKnownStack(node: Node, isAlone = true): void {
  if (node.kind === 'builtin' && LITTERING.has(node.name) && !isAlone) {
    throw new NotKnownHereError(`${node.name} after another value: expr-lang mixes the two up`);
  }
  const { alone, after } = partsOf(node);
  for (const part of alone) if (part !== undefined) demandKnownStack(part, isAlone);
  for (const part of after) if (part !== undefined) demandKnownStack(part, false);
}

interface Parts {
  /** Parts that are evaluated when the node itself has nothing on the stack. */
  readonly alone: readonly (Node | undefined)[];
  readonly after: readonly (Node | undefined)[];
}

function partsOf(node: Node): Parts {
  switch (node.kind) {
    case 'unary':
      return { alone: [node.operand], after: [] };
    case 'binary': {
      // These drop the left side before they evaluate the right one.
      const isDropping = ['&&', 'and', '||', 'or', '??'].includes(node.operator);
      return isDropping ? { alone: [node.left, node.right], after: [] } : inOrder([node.left, node.right]);
    }
    case 'choice':
      return { alone: [node.condition, node.yes, node.no], after: [] };
    case 'chain':
      return { alone: [node.of], after: [] };
    case 'member':
      return inOrder([node.of, node.property]);
    case 'slice':
      return inOrder([node.of, node.from, node.to]);
    case 'let':
      return { alone: [node.value, node.body], after: [] };
    case 'sequence':
      return { alone: node.nodes, after: [] };
    case 'array':
      return inOrder(node.items);
    case 'map':
      return inOrder(node.pairs.flat());
    case 'call':
      return inOrder(node.args);
    case 'builtin': {
      if (!Object.hasOwn(PREDICATES, node.name)) return inOrder(node.args);
      const [list, predicate, last] = node.args;
      return STACKING.has(node.name)
        ? { alone: [list], after: [predicate, node.mapping] }
        : { alone: [list, predicate, node.mapping, last], after: [] };
    }
  }
  return { alone: [], after: [] };
}

function inOrder([first, ...rest]: readonly (Node | undefined)[]): Parts {
  return { alone: [first], after: rest };
}
