import { compileRegExp } from '../go/regexp.js';
import { NotKnownHereError } from '../not-known-here.js';
import { BUILTINS } from './builtins.js';
import { checkBuiltin } from './check-builtin.js';
import { locating } from './expression-error.js';
import { typeOfOperation } from './operators.js';
import { type Checked, isEnvironment, literalTextOf, type Scope } from './scope.js';
import { isTaken } from './signature.js';
import { ENVIRONMENT, type Node, PREDICATES } from './syntax.js';
import {
  arrayOf,
  isArray,
  isAssignable,
  isFunction,
  isInteger,
  isNumber,
  isUnknown,
  sliceOf,
  type Type,
  typeName,
} from './type.js';

/**
 * Checks the types of an expression before anything is evaluated, as expr-lang does: `true || result` is refused if the
 * result is an array. Returns the tree with its types. Throws `ExpressionError` and `NotKnownHereError`.
 */
export function check(node: Node, scope: Scope): Checked {
  return locating(node.at, () => checkNode(node, scope));
}

function checkNode(node: Node, scope: Scope): Checked {
  switch (node.kind) {
    case 'literal':
      return { ...node, type: typeOfLiteral(node.value) };
    case 'name':
      return { ...node, type: typeOfName(node.name, scope) };
    case 'pointer':
      return { ...node, type: typeOfPointer(node.name, scope) };
    case 'array':
      return array(node, scope);
    case 'map': {
      const pairs = node.pairs.map(([key, value]) => [check(key, scope), check(value, scope)] as const);
      return { ...node, pairs, type: 'map' };
    }
    case 'unary':
      return unary(node, scope);
    case 'binary':
      return binary(node, scope);
    case 'choice':
      return choice(node, scope);
    case 'chain': {
      const of = check(node.of, scope);
      return { ...node, of, type: of.type };
    }
    case 'member': {
      const [of, property] = [check(node.of, scope), check(node.property, scope)];
      const named = isEnvironment(of) ? literalTextOf(property) : undefined;
      if (named !== undefined) return { ...node, of, property, type: typeInEnvironment(named, node.isOptional, scope) };
      return { ...node, of, property, type: typeOfMember(of.type, property) };
    }
    case 'slice':
      return slice(node, scope);
    case 'let':
      return declaration(node, scope);
    case 'sequence': {
      const nodes = node.nodes.map((each) => check(each, scope));
      return { ...node, nodes, type: nodes.at(-1)?.type ?? 'nil' };
    }
    case 'call':
      return call(node, scope);
    case 'builtin':
      return checkBuiltin(node, scope, check);
  }
}

type Kind<K extends Node['kind']> = Extract<Node, { kind: K }>;

function typeOfLiteral(value: Kind<'literal'>['value']): Type {
  if (value === null) return 'nil';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float';
  return typeof value === 'boolean' ? 'bool' : 'string';
}

function typeOfName(name: string, { names, variables }: Scope): Type {
  const type = variables.get(name) ?? names.get(name);
  if (type !== undefined) return type;
  if (name === ENVIRONMENT) return 'unknown';
  if (isBuiltinName(name)) throw new NotKnownHereError(`the function ${name} that is not called`);
  throw new Error(`unknown name ${name}`);
}

function typeInEnvironment(name: string, isOptional: boolean, { names }: Scope): Type {
  const type = names.get(name);
  if (type === undefined && !isOptional) throw new Error(`unknown name ${name}`);
  return type ?? 'unknown';
}

function isBuiltinName(name: string): boolean {
  return Object.hasOwn(BUILTINS, name) || Object.hasOwn(PREDICATES, name);
}

function typeOfPointer(name: string, { pointers }: Scope): Type {
  if (pointers.size === 0) throw new Error('# is outside of a predicate');
  const type = pointers.get(name);
  if (type === undefined) throw new Error(`unknown pointer #${name}`);
  return type;
}

function array(node: Kind<'array'>, scope: Scope): Checked {
  const items = node.items.map((item) => check(item, scope));
  const kinds = items.map(({ type }) => kindOf(type));
  const isSame = kinds.every((kind) => kind === kinds[0]);
  return { ...node, items, type: isSame ? arrayOf(items.at(-1)?.type ?? 'unknown') : sliceOf('any') };
}

/** Returns the name of a type's kind in Go: one for all arrays, and none for unknown and nil. */
function kindOf(type: Type): string {
  if (isArray(type)) return 'slice';
  if (isFunction(type)) return 'func';
  if (type === 'duration') return 'int64';
  if (type === 'groups') return 'map';
  return type === 'unknown' || type === 'nil' ? 'none' : type;
}

function unary(node: Kind<'unary'>, scope: Scope): Checked {
  const operand = check(node.operand, scope);
  const { type } = operand;
  const isTruth = node.operator === '!';
  if (isUnknown(type)) return { ...node, operand, type: isTruth ? 'bool' : 'unknown' };
  if (isTruth ? type !== 'bool' : !isNumber(type)) {
    throw new Error(`invalid operation: ${node.operator} (mismatched type ${typeName(type)})`);
  }
  return { ...node, operand, type };
}

function binary(node: Kind<'binary'>, scope: Scope): Checked {
  const { operator } = node;
  const [left, right] = [check(node.left, scope), check(node.right, scope)];
  if (operator === 'matches' && right.kind === 'literal' && typeof right.value === 'string') compileRegExp(right.value);
  const type = typeOfOperation(operator, left.type, right.type);
  if (type === undefined) {
    throw new Error(
      `invalid operation: ${operator} (mismatched types ${typeName(left.type)} and ${typeName(right.type)})`,
    );
  }
  return { ...node, left, right, type };
}

function choice(node: Kind<'choice'>, scope: Scope): Checked {
  const condition = check(node.condition, scope);
  if (condition.type !== 'bool' && !isUnknown(condition.type)) {
    throw new Error(`expected bool, but got ${typeName(condition.type)}`);
  }
  const [yes, no] = [check(node.yes, scope), check(node.no, scope)];
  return { ...node, condition, yes, no, type: typeOfChoice(yes.type, no.type) };
}

function typeOfChoice(yes: Type, no: Type): Type {
  if (yes === 'nil') return no;
  if (no === 'nil') return yes;
  if (!isAssignable(yes, no)) return 'unknown';
  if (isArray(yes) && isArray(no) && !(isAssignable(yes.of, no.of) && isAssignable(no.of, yes.of)))
    return sliceOf('any');
  return yes;
}

function typeOfMember(of: Type, property: Checked): Type {
  const { type } = property;
  if (isUnknown(of)) return 'unknown';
  if (of === 'time' || of === 'duration') throw new NotKnownHereError(`members of ${typeName(of)}`);
  // A value of every type can be a key.
  if (of === 'groups') return sliceOf('any');
  if (of === 'map') {
    if (type === 'string' || isUnknown(type)) return 'any';
    throw new Error(`cannot use ${typeName(type)} to get an element from a map`);
  }
  if (isArray(of)) {
    if (isInteger(type) || isUnknown(type)) return of.of;
    throw new Error(`array elements can only be selected using an integer (got ${typeName(type)})`);
  }
  if (property.kind === 'literal' && typeof property.value === 'string') {
    throw new Error(`type ${typeName(of)} has no field ${property.value}`);
  }
  const hint = isNumber(of) ? ': the result is a scalar: use it without an index' : '';
  throw new Error(`type ${typeName(of)} does not support indexing${hint}`);
}

function slice(node: Kind<'slice'>, scope: Scope): Checked {
  const of = check(node.of, scope);
  if (!isUnknown(of.type) && of.type !== 'string' && !isArray(of.type))
    throw new Error(`cannot slice ${typeName(of.type)}`);
  const bound = (end: Node | undefined): Checked | undefined => {
    const found = end === undefined ? undefined : check(end, scope);
    if (found === undefined || isUnknown(of.type) || isInteger(found.type) || isUnknown(found.type)) return found;
    throw new Error(`non-integer slice index ${typeName(found.type)}`);
  };
  const [from, to] = [bound(node.from), bound(node.to)];
  return {
    ...node,
    of,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    type: isUnknown(of.type) ? 'unknown' : of.type,
  };
}

function declaration(node: Kind<'let'>, scope: Scope): Checked {
  const { name } = node;
  if (name === ENVIRONMENT) throw new NotKnownHereError(`a variable called ${ENVIRONMENT}`);
  if (scope.names.has(name) || scope.variables.has(name) || isBuiltinName(name))
    throw new Error(`cannot redeclare ${name}`);
  const value = check(node.value, scope);
  const body = check(node.body, { ...scope, variables: new Map([...scope.variables, [name, value.type]]) });
  return { ...node, value, body, type: body.type };
}

function call(node: Kind<'call'>, scope: Scope): Checked {
  const callee = check(node.callee, scope);
  const args = node.args.map((arg) => check(arg, scope));
  if (isUnknown(callee.type)) return { ...node, callee, args, type: 'unknown' };
  const name = callee.kind === 'name' ? callee.name : 'the function';
  if (!isFunction(callee.type)) throw new Error(`${name} is not callable`);
  const { params, returns } = callee.type;
  if (!params.every((param, i) => isTaken(args[i]?.type ?? 'nil', param)) || args.length !== params.length) {
    const given = args.map(({ type }) => typeName(type)).join(', ') || 'nothing';
    throw new Error(`${name} takes ${params.map(typeName).join(', ') || 'nothing'}, got ${given}`);
  }
  const passed = args.map((arg, i) => (params[i] === 'float' && isInteger(arg.type) ? withFloats(arg) : arg));
  return { ...node, callee, args: passed, type: returns };
}

/** Converts integers to floats where Go does: literals, but not computed integers. */
function withFloats(node: Checked): Checked {
  if (node.kind === 'literal' && typeof node.value === 'bigint')
    return { ...node, value: Number(node.value), type: 'float' };
  if (node.kind === 'unary') return { ...node, operand: withFloats(node.operand as Checked) };
  if (node.kind === 'binary' && ['+', '-', '*'].includes(node.operator)) {
    return { ...node, left: withFloats(node.left as Checked), right: withFloats(node.right as Checked) };
  }
  return node;
}
