import { arrayOf, isArray, isAssignable, isInteger, isNumber, isUnknown, type Type, typeName } from './type.js';

type Group = 'bool' | 'string' | 'integer' | 'number' | 'time' | 'duration';

/** Returns the type of what an operator computes; `undefined` if the operator does not take the two types. */
export function typeOfOperation(operator: string, left: Type, right: Type): Type | undefined {
  const pair = (...types: readonly Type[]): boolean => left === types[0] && right === types[1];
  const maybe = (...groups: readonly Group[]): boolean => isMaybeOf(left, right, groups);
  const areNumbers = isNumber(left) && isNumber(right);
  switch (operator) {
    case '==':
    case '!=':
      return isComparable(left, right) ? 'bool' : undefined;
    case '&&':
    case '||':
    case 'and':
    case 'or':
      return pair('bool', 'bool') || maybe('bool') ? 'bool' : undefined;
    case '<':
    case '>':
    case '<=':
    case '>=':
      return isOrdered(left, right) ? 'bool' : undefined;
    case 'contains':
    case 'startsWith':
    case 'endsWith':
    case 'matches':
      return pair('string', 'string') || maybe('string') ? 'bool' : undefined;
    case 'in':
      return typeOfIn(left, right);
    case '..':
      return (isInteger(left) && isInteger(right)) || maybe('integer') ? arrayOf('int') : undefined;
    case '??':
      return typeOfEither(left, right);
    case '/':
    case '**':
    case '^':
      return areNumbers || maybe('number') ? 'float' : undefined;
    case '%':
      return (isInteger(left) && isInteger(right)) || maybe('integer') ? 'int' : undefined;
  }
  if (areNumbers) return left === 'float' || right === 'float' ? 'float' : 'int';
  return typeOfSum(operator, left, right);
}

/** Of `+`, `-` and `*` for what is not two numbers. */
function typeOfSum(operator: string, left: Type, right: Type): Type | undefined {
  const pair = (a: Type, b: Type): boolean => left === a && right === b;
  const maybe = (...groups: readonly Group[]): Type | undefined =>
    isMaybeOf(left, right, groups) ? 'unknown' : undefined;
  switch (operator) {
    case '+':
      if (pair('string', 'string')) return 'string';
      if (pair('time', 'duration') || pair('duration', 'time')) return 'time';
      if (pair('duration', 'duration')) return 'duration';
      return maybe('number', 'string', 'time', 'duration');
    case '-':
      if (pair('time', 'time') || pair('duration', 'duration')) return 'duration';
      if (pair('time', 'duration')) return 'time';
      return maybe('number', 'time', 'duration');
    case '*': {
      const isScaled = (isNumber(left) || left === 'duration') && (isNumber(right) || right === 'duration');
      return isScaled ? 'duration' : maybe('number', 'duration');
    }
  }
  return undefined;
}

function typeOfIn(left: Type, right: Type): Type | undefined {
  if (right === 'groups') return 'bool';
  if (right === 'map') {
    if (isUnknown(left) || isAssignable(left, 'string')) return 'bool';
    throw new Error(`cannot use ${typeName(left)} as a key of a map`);
  }
  if (isArray(right)) {
    if (isComparable(left, right.of)) return 'bool';
    throw new Error(`cannot use ${typeName(left)} as type ${typeName(right.of)} in array`);
  }
  return isUnknown(right) || (isUnknown(left) && right === 'string') ? 'bool' : undefined;
}

/** Of `??`. */
function typeOfEither(left: Type, right: Type): Type {
  if (left === 'nil') return right;
  if (right === 'nil') return left;
  return isAssignable(right, left) ? left : 'unknown';
}

function isOrdered(left: Type, right: Type): boolean {
  const isPair = left === right && (left === 'string' || left === 'time' || left === 'duration');
  return (
    isPair || (isNumber(left) && isNumber(right)) || isMaybeOf(left, right, ['number', 'string', 'time', 'duration'])
  );
}

function isComparable(left: Type, right: Type): boolean {
  return (
    isUnknown(left) ||
    isUnknown(right) ||
    left === 'nil' ||
    right === 'nil' ||
    (isNumber(left) && isNumber(right)) ||
    (isArray(left) && isArray(right)) ||
    isAssignable(left, right)
  );
}

/** Whether one of two types is not known, and the other is of a group, or not known either. */
function isMaybeOf(left: Type, right: Type, groups: readonly Group[]): boolean {
  if (isUnknown(left)) return isUnknown(right) || groups.some((group) => isOf(right, group));
  return isUnknown(right) && groups.some((group) => isOf(left, group));
}

function isOf(type: Type, group: Group): boolean {
  if (group === 'number') return isNumber(type);
  return group === 'integer' ? isInteger(type) : type === group;
}
