import { isPromqlError, parsePromql } from '../../promql/parser.js';
import { innerOf, type Promql } from '../../promql/promql.js';

/** Parses queries so that equal parts, of one query or of several, are one object that is evaluated once. */
export interface Parsing {
  /** Returns the tree of a query; `undefined` if it is not PromQL. */
  parse(query: string): Promql | undefined;
}

// The position of a part does not change its meaning, and its inner parts are named by their numbers.
const LEFT_OUT: readonly string[] = ['from', 'to', 'of', 'args', 'left', 'right'];

export function createSharing(): Parsing {
  const trees = new Map<string, Promql | undefined>();
  const parts = new Map<string, Promql>();
  const ids = new Map<Promql, number>();

  return {
    parse(query) {
      if (!trees.has(query)) {
        const parsed = parsePromql(query);
        trees.set(query, isPromqlError(parsed) ? undefined : shareParts(parsed));
      }
      return trees.get(query);
    },
  };

  function shareParts(node: Promql): Promql {
    const inner = innerOf(node).map(shareParts);
    const own = JSON.stringify(node, (name, value) => (LEFT_OUT.includes(name) ? undefined : value));
    const key = `${inner.map((part) => ids.get(part)).join(' ')} ${own}`;
    const part = parts.get(key) ?? withInner(node, inner);
    parts.set(key, part);
    ids.set(part, ids.get(part) ?? ids.size);
    return part;
  }
}

function withInner(node: Promql, inner: readonly Promql[]): Promql {
  const [first = node, second = first] = inner;
  switch (node.kind) {
    case 'negative':
    case 'subquery':
      return { ...node, of: first };
    case 'binary':
      return { ...node, left: first, right: second };
    case 'call':
    case 'aggregate':
      return { ...node, args: inner };
    default:
      return node;
  }
}
