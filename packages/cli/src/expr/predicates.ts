import { NotKnownHereError } from '../not-known-here.js';
import { isDescendingOrder, sortBy } from './arrays.js';
import { demandPlainKey, groupBy } from './groups.js';
import { add } from './operations.js';
import type { Run } from './run.js';
import type { BuiltinCall, Node } from './syntax.js';
import { Groups, isTrue, kindName, List, type Value } from './value.js';

/**
 * Evaluates a call of a function that applies a predicate to each element of an array. `evaluate` evaluates the parts
 * of the call.
 */
export function evaluatePredicateCall(
  { name, args, mapping, isDemanded }: BuiltinCall,
  run: Run,
  evaluate: (node: Node, run: Run) => Value,
): Value {
  const [list, predicate, last] = args as readonly [Node, Node | undefined, Node | undefined];
  const items = itemsOf(evaluate(list, run));
  const answerOf = (item: Value, index: number, pointers: Readonly<Record<string, Value>> = {}): Value =>
    predicate === undefined ? item : evaluate(predicate, run.within({ '': item, index: BigInt(index), ...pointers }));
  const isSo = (item: Value, index: number): boolean => isTrue(answerOf(item, index));
  const mappedOf = (item: Value): Value => (mapping === undefined ? item : evaluate(mapping, run.within({ '': item })));
  switch (name) {
    case 'all':
      return items.every(isSo);
    case 'any':
      return items.some(isSo);
    case 'none':
      return !items.some(isSo);
    case 'one':
      return items.filter(isSo).length === 1;
    case 'count':
      return BigInt(items.filter(isSo).length);
    case 'filter':
      return keepList(filterItems());
    case 'map':
      return keepList(items.map((item, i) => answerOf(item, i)));
    case 'sum':
      return items.reduce<Value>((sum, item, i) => add(answerOf(item, i), sum), 0n);
    case 'find':
    case 'findLast':
      return found(name === 'find' ? items.findIndex(isSo) : items.findLastIndex(isSo));
    case 'findIndex':
    case 'findLastIndex': {
      const index = name === 'findIndex' ? items.findIndex(isSo) : items.findLastIndex(isSo);
      return index < 0 ? null : BigInt(index);
    }
    case 'groupBy':
      return groupBy(items, (item, i) => {
        const key = answerOf(item, i);
        demandPlainKey(predicate, key);
        return key;
      });
    case 'sortBy': {
      const isDescending = isDescendingOrder(last === undefined ? undefined : evaluate(last, run));
      return keepList(sortBy(items, answerOf, isDescending));
    }
    case 'reduce':
      return reduceItems();
  }
  throw new Error(`unknown name ${name}`);

  function filterItems(): readonly Value[] {
    return items.flatMap((item, i) => (isSo(item, i) ? [mappedOf(item)] : []));
  }

  function found(index: number): Value {
    if (index < 0 && isDemanded === true) throw new Error('index out of range: nothing is found');
    return index < 0 ? null : mappedOf(items[index] ?? null);
  }

  function reduceItems(): Value {
    const hasStart = last !== undefined;
    if (!hasStart && items.length === 0) throw new Error('index out of range: 0 (array length is 0)');
    let acc = hasStart ? evaluate(last, run) : (items[0] ?? null);
    for (let i = hasStart ? 0 : 1; i < items.length; i++) acc = answerOf(items[i] ?? null, i, { acc });
    return acc;
  }

  function keepList(values: readonly Value[]): List {
    run.keep(values.length);
    return new List(values);
  }
}

/** Returns the elements of an array. An empty value has none. */
function itemsOf(value: Value): readonly Value[] {
  if (value instanceof List) return value.items;
  if (value === '' || (value instanceof Map && value.size === 0)) return [];
  if (typeof value === 'string') throw new NotKnownHereError('the bytes of a text');
  // expr-lang counts them, and fails at the first access.
  if (value instanceof Map || value instanceof Groups) throw new NotKnownHereError('the elements of a map');
  throw new Error(`an array is required, got ${kindName(value)}`);
}
