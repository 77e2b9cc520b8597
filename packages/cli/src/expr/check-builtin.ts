import { NotKnownHereError } from '../not-known-here.js';
import { BUILTINS } from './builtins.js';
import { type Check, type Checked, isEnvironment, literalTextOf, type Scope } from './scope.js';
import { type BuiltinCall, type Node, PREDICATES } from './syntax.js';
import { arrayOf, isArray, isUnknown, sliceOf, type Type, typeName } from './type.js';

type Call = BuiltinCall & { readonly at: number };

/** Checks a call of a function of expr-lang; `check` checks its arguments. Throws if the function does not take its arguments. */
export function checkBuiltin(node: Call, scope: Scope, check: Check): Checked {
  return Object.hasOwn(PREDICATES, node.name) ? predicateCall(node, scope, check) : plainCall(node, scope, check);
}

function plainCall(node: Call, scope: Scope, check: Check): Checked {
  const args = node.args.map((arg) => check(arg, scope));
  const type = typeOfNamed(node.name, args, scope);
  if (type !== undefined) return { ...node, args, type };
  const builtin = BUILTINS[node.name];
  if (builtin === undefined) throw new Error(`unknown name ${node.name}`);
  try {
    return { ...node, args, type: builtin.check(args.map(({ type }) => type)) };
  } catch (error) {
    if (error instanceof NotKnownHereError) throw error;
    throw new Error(`${node.name} ${(error as Error).message}`);
  }
}

/** Returns the type of `get($env, "name")`, which is the type of the name. */
function typeOfNamed(name: string, [of, key, ...rest]: readonly Checked[], { names }: Scope): Type | undefined {
  if (name !== 'get' || of === undefined || key === undefined || rest.length > 0 || !isEnvironment(of))
    return undefined;
  return names.get(literalTextOf(key) ?? '') ?? 'unknown';
}

// Functions whose predicate may return anything but nil.
const MAPPINGS: ReadonlySet<string> = new Set(['map', 'sum', 'groupBy', 'sortBy', 'reduce']);

function predicateCall(node: Call, scope: Scope, check: Check): Checked {
  const { name } = node;
  const [first, second, third] = node.args;
  if (first === undefined) throw new Error(`${name} takes an array`);
  const list = check(first, scope);
  if (!isArray(list.type) && !isUnknown(list.type)) {
    throw new Error(`builtin ${name} takes only array (got ${typeName(list.type)})`);
  }
  const of = isArray(list.type) ? list.type.of : 'unknown';
  const predicate = second === undefined ? undefined : check(second, { ...scope, pointers: pointersOf(name, of) });
  const last = third === undefined ? undefined : check(third, scope);
  if (predicate !== undefined) demandAnswer(name, predicate);
  const args: Node[] = [list, ...(predicate === undefined ? [] : [predicate]), ...(last === undefined ? [] : [last])];
  return { ...node, args, type: typeOfResult(name, list.type, predicate?.type) };
}

function pointersOf(name: string, of: Type): ReadonlyMap<string, Type> {
  return new Map<string, Type>([
    ['', of],
    ...(name === 'map' || name === 'reduce' ? ([['index', 'int']] as const) : []),
    ...(name === 'reduce' ? ([['acc', 'unknown']] as const) : []),
  ]);
}

function demandAnswer(name: string, { type }: Checked): void {
  const isMapping = MAPPINGS.has(name);
  if (isMapping ? type === 'nil' : type !== 'bool' && !isUnknown(type)) {
    throw new Error(`the predicate of ${name} must return ${isMapping ? 'a value' : 'bool'}, got ${typeName(type)}`);
  }
}

function typeOfResult(name: string, list: Type, predicate: Type | undefined): Type {
  const of = isArray(list) ? list.of : 'unknown';
  switch (name) {
    case 'filter':
      return isArray(list) ? arrayOf(of) : sliceOf('any');
    case 'map':
      return arrayOf(predicate ?? 'unknown');
    case 'sum':
      return predicate === undefined ? of : plain(predicate);
    case 'find':
    case 'findLast':
      return of;
    case 'findIndex':
    case 'findLastIndex':
    case 'count':
      return 'int';
    case 'groupBy':
      return 'groups';
    case 'sortBy':
      return list;
    case 'reduce':
      return predicate ?? 'unknown';
  }
  return 'bool';
}

/** Returns a type as Go has it, without more exact types of the elements of an array. */
function plain(type: Type): Type {
  if (type === 'unknown') return 'any';
  return isArray(type) ? sliceOf(type.slice) : type;
}
