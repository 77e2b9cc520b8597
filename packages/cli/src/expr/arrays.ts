import { NotKnownHereError } from '../not-known-here.js';
import { demandPlainKey, groupOf } from './groups.js';
import { integerOf, isEqual, isLess } from './operations.js';
import { type Builtin, byTypes, invalid, isTaken, overloads, single } from './signature.js';
import { arrayOf, isArray, isInteger, isUnknown, sliceOf, type Type } from './type.js';
import { Callable, Groups, kindName, List, type Value } from './value.js';

const ANY = arrayOf('any');
const NO_GROUP = new List([], 'any', true);

const isListed = (type: Type | undefined): boolean => type !== undefined && (isArray(type) || isUnknown(type));

const toArray = (call: (list: List) => readonly Value[]): Builtin => ({
  ...single(
    (type) => (isListed(type) ? ANY : undefined),
    (value) => value,
  ),
  call: ([value = null], { keep }) => {
    const items = call(listOf(value));
    keep(items.length);
    return new List(items);
  },
});

const ofEnd = (index: bigint): Builtin =>
  single(
    (type) => (isArray(type) ? type.slice : isUnknown(type) ? 'any' : undefined),
    (value) => {
      try {
        return fetchElement(value, index);
      } catch (error) {
        if (error instanceof NotKnownHereError) throw error;
        return null;
      }
    },
  );

/** The functions of expr-lang for arrays that take no predicate. */
export const ARRAYS: Readonly<Record<string, Builtin>> = {
  first: ofEnd(0n),
  last: ofEnd(-1n),
  get: byTypes(typeOfGot, ([of = null, index = null]) => getElement(of, index)),
  take: byTypes(
    ([list, count, ...rest]) =>
      list === undefined || count === undefined || rest.length > 0 || !isListed(list) || !isCount(count)
        ? undefined
        : isArray(list)
          ? sliceOf(list.slice)
          : 'any',
    ([value = null, count = null]) => {
      const { items, slice, isNil } = listOf(value);
      if (typeof count !== 'bigint' || count < 0n) throw invalid(count);
      return new List(items.slice(0, Number(count)), slice, isNil);
    },
  ),
  reverse: toArray(({ items }) => [...items].reverse()),
  uniq: toArray(({ items }) =>
    items.reduce<Value[]>((kept, item) => {
      if (!kept.some((other) => isEqual(item, other))) kept.push(item);
      return kept;
    }, []),
  ),
  flatten: toArray(({ items }) => flatten(items)),
  concat: byTypes(
    (args) => (args.length > 0 && args.every(isListed) ? ANY : undefined),
    (args, { keep }) => {
      const items = args.flatMap((arg) => listOf(arg).items);
      keep(items.length);
      return new List(items, 'any', items.length === 0);
    },
  ),
  sort: overloads(
    [
      ...(['any', 'int', 'float', 'string'] as const).map((slice) => [[sliceOf(slice), 'string'], ANY] as const),
      ...(['any', 'float', 'string', 'int'] as const).map((slice) => [[sliceOf(slice)], ANY] as const),
    ],
    ([value = null, order], { keep }) => {
      const isDescending = isDescendingOrder(order);
      if (!(value instanceof List)) return new List([], 'any', true);
      const items = sortBy(value.items, (item) => item, isDescending);
      keep(items.length);
      return new List(items);
    },
  ),
};

/** Whether the order is `desc`. Throws for an order that is neither `desc` nor `asc`. */
export function isDescendingOrder(order: Value | undefined): boolean {
  if (order !== undefined && order !== 'asc' && order !== 'desc') throw new Error('an order is "asc" or "desc"');
  return order === 'desc';
}

/** Sorts by keys. A few elements are moved in the order in which Go moves them, which matters if a key is `NaN`. */
export function sortBy(
  items: readonly Value[],
  keyOf: (item: Value, index: number) => Value,
  isDescending: boolean,
): readonly Value[] {
  const rows = items.map((item, i) => ({ item, key: keyOf(item, i) }));
  type Row = (typeof rows)[number];
  const isBefore = (a: Row, b: Row): boolean => (isDescending ? isLess(b.key, a.key) : isLess(a.key, b.key));
  if (rows.length > 12) {
    return rows.sort((a, b) => (isBefore(a, b) ? -1 : isBefore(b, a) ? 1 : 0)).map(({ item }) => item);
  }
  for (let i = 1; i < rows.length; i++) {
    for (let j = i; j > 0; j--) {
      const [low, high] = [rows[j - 1], rows[j]];
      if (low === undefined || high === undefined || !isBefore(high, low)) break;
      [rows[j - 1], rows[j]] = [high, low];
    }
  }
  return rows.map(({ item }) => item);
}

/** Returns an element or an entry. Throws if an array has no such element, or if the value has no elements. */
export function fetchElement(of: Value, key: Value): Value {
  if (of instanceof Groups) return groupOf(of, key) ?? NO_GROUP;
  if (of instanceof Map) return entryOf(of, key);
  if (typeof of === 'string') {
    indexIn(Buffer.byteLength(of), key);
    throw new NotKnownHereError('a byte of a text');
  }
  if (!(of instanceof List)) throw noMember(of, key);
  return of.items[indexIn(of.items.length, key)] ?? null;
}

function noMember(of: Value, key: Value): Error {
  if (of !== null && typeof of === 'object' && !(of instanceof Callable)) {
    return new NotKnownHereError(`members of a ${kindName(of)}`);
  }
  return new Error(`cannot fetch ${typeof key === 'string' ? key : kindName(key)} from ${kindName(of)}`);
}

/** Returns an element or an entry like `fetchElement`, but nil if there is none. */
function getElement(of: Value, key: Value): Value {
  if (
    of === null ||
    of instanceof Callable ||
    typeof of === 'boolean' ||
    typeof of === 'number' ||
    typeof of === 'bigint'
  )
    return null;
  if (of instanceof List || typeof of === 'string') {
    const length = of instanceof List ? of.items.length : Buffer.byteLength(of);
    const index = Number(integerOf(key));
    const position = index < 0 ? length + index : index;
    if (position < 0 || position >= length) return null;
  }
  if (of instanceof Groups) {
    demandPlainKey(undefined, key);
    return groupOf(of, key) ?? null;
  }
  return fetchElement(of, key);
}

function entryOf(map: ReadonlyMap<string, Value>, key: Value): Value {
  // Go looks up nil as the zero value of the keys.
  if (key === null) return map.get('') ?? null;
  if (typeof key !== 'string') throw new Error(`a key of a map is a string, got ${kindName(key)}`);
  return map.get(key) ?? null;
}

function indexIn(length: number, key: Value): number {
  const index = Number(integerOf(key));
  const position = index < 0 ? length + index : index;
  if (position < 0 || position >= length)
    throw new Error(`index out of range: ${position} (array length is ${length})`);
  return position;
}

function typeOfGot([of, key, ...rest]: readonly Type[]): Type | undefined {
  if (of === undefined || key === undefined || rest.length > 0) return undefined;
  if (isUnknown(of)) return 'unknown';
  if (isArray(of)) return isInteger(key) || isUnknown(key) ? of.of : undefined;
  if (of === 'groups') return ANY;
  return of === 'map' && isTaken(key, 'string') ? 'any' : undefined;
}

function isCount(type: Type): boolean {
  return isInteger(type) || type === 'duration' || isUnknown(type);
}

function flatten(items: readonly Value[]): readonly Value[] {
  return items.flatMap((item) => (item instanceof List ? flatten(item.items) : [item]));
}

function listOf(value: Value): List {
  if (!(value instanceof List)) throw invalid(value);
  return value;
}
