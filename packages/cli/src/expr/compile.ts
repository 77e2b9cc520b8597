import { ExpressionError } from './expression-error.js';
import { type Callable, FUNCTIONS } from './functions.js';
import { type Node, parse } from './parser.js';
import { isArray, isNumber, type Type, typeName, type Value } from './type.js';

/** What names an expression can use, and their types. */
export type Names = Readonly<Record<string, Type>>;

/** An expression that was checked against types, and can be asked with values of these. */
export interface Program {
  readonly type: Type;
  /** Throws `ExpressionError`. `now` is what `now()` answers. */
  run(values: Readonly<Record<string, Value>>, now?: Date): Value;
}

/**
 * Compiles an expression of the subset of expr-lang that analyses use. As there, types are checked before anything is
 * evaluated: `true || result` is an error where the result is an array. Throws `ExpressionError`.
 */
export function compile(source: string, names: Names): Program {
  const { type, run } = compiled(parse(source), names, undefined);
  return { type, run: (values, now = new Date()) => run({ values, now, element: null }) };
}

interface Scope {
  readonly values: Readonly<Record<string, Value>>;
  /** What `now()` answers. */
  readonly now: Date;
  /** `#` within a predicate. */
  readonly element: Value;
}

interface Part {
  readonly type: Type;
  run(scope: Scope): Value;
}

/** Functions whose second argument is asked of each element. */
const PREDICATES: Readonly<Record<string, (values: readonly Value[], answers: readonly Value[]) => Value>> = {
  all: (_, answers) => answers.every((answer) => answer === true),
  any: (_, answers) => answers.includes(true),
  none: (_, answers) => !answers.includes(true),
  one: (_, answers) => answers.filter((answer) => answer === true).length === 1,
  count: (_, answers) => answers.filter((answer) => answer === true).length,
  filter: (values, answers) => values.filter((_value, i) => answers[i] === true),
  map: (_, answers) => answers,
};
const PREDICATE_TYPES: Readonly<Record<string, (of: Type, answer: Type) => Type>> = {
  count: () => 'int',
  filter: (of) => ({ of }),
  map: (_, of) => ({ of }),
};

function compiled(node: Node, names: Names, element: Type | undefined): Part {
  const { at } = node;
  const inner = (child: Node): Part => compiled(child, names, element);
  const fail = (message: string): never => {
    throw new ExpressionError(message, at);
  };
  /** A part that runs, with what goes wrong in it told by where it stands. */
  const part = (type: Type, run: Part['run']): Part => ({
    type,
    run(scope) {
      try {
        return run(scope);
      } catch (error) {
        if (error instanceof ExpressionError) throw error;
        throw new ExpressionError((error as Error).message, at);
      }
    },
  });

  switch (node.kind) {
    case 'literal':
      return part(literalType(node), () => node.value);
    case 'name': {
      const type = names[node.name] ?? fail(`unknown name ${node.name}`);
      return part(type, ({ values }) => values[node.name] ?? null);
    }
    case 'element':
      return part(element ?? fail('# stands outside of a predicate'), (scope) => scope.element);
    case 'array': {
      const items = node.items.map(inner);
      return part({ of: items[0]?.type ?? 'any' }, (scope) => items.map((item) => item.run(scope)));
    }
    case 'unary':
      return unary(node.operator, inner(node.operand));
    case 'binary':
      return binary(node.operator, inner(node.left), inner(node.right));
    case 'choice': {
      const [condition, yes, no] = [inner(node.condition), inner(node.yes), inner(node.no)];
      demand(condition, 'bool');
      const type = sameType(yes.type, no.type) ? yes.type : 'any';
      return part(type, (scope) => (condition.run(scope) === true ? yes : no).run(scope));
    }
    case 'index':
      return index(inner(node.of), inner(node.index), node.isOptional);
    case 'slice': {
      const [of, from, to] = [inner(node.of), node.from && inner(node.from), node.to && inner(node.to)];
      if (!isArray(of.type)) fail(`cannot slice ${typeName(of.type)}`);
      return part(of.type, (scope) =>
        (of.run(scope) as readonly Value[]).slice(
          (from?.run(scope) as number | undefined) ?? 0,
          to?.run(scope) as number | undefined,
        ),
      );
    }
    case 'call':
      return node.name in PREDICATES ? predicate(node.name, node.args) : call(node.name, node.args.map(inner));
  }

  function unary(operator: string, operand: Part): Part {
    if (operator === '!') {
      demand(operand, 'bool');
      return part('bool', (scope) => operand.run(scope) !== true);
    }
    if (!isNumber(operand.type)) fail(`invalid operation: ${operator} (mismatched type ${typeName(operand.type)})`);
    const sign = operator === '-' ? -1 : 1;
    return part(operand.type, (scope) => sign * numberIn(operand.run(scope)));
  }

  function binary(operator: string, left: Part, right: Part): Part {
    const type = binaryType(operator, left.type, right.type);
    if (type === undefined) {
      return fail(
        `invalid operation: ${operator} (mismatched types ${typeName(left.type)} and ${typeName(right.type)})`,
      );
    }
    if (operator === '&&' || operator === 'and') {
      return part(type, (scope) => left.run(scope) === true && right.run(scope) === true);
    }
    if (operator === '||' || operator === 'or') {
      return part(type, (scope) => left.run(scope) === true || right.run(scope) === true);
    }
    if (operator === '??') return part(type, (scope) => left.run(scope) ?? right.run(scope));
    const operate = OPERATIONS[operator] ?? fail(`${operator} is not part of what analyses can ask`);
    return part(type, (scope) => operate(left.run(scope), right.run(scope)));
  }

  function index(of: Part, position: Part, isOptional: boolean): Part {
    const { type } = of;
    if (!isArray(type)) {
      const hint = isNumber(type) ? ': the result is a scalar, ask for it without an index' : '';
      return fail(`type ${typeName(type)} does not support indexing${hint}`);
    }
    if (!isNumber(position.type)) fail(`cannot use ${typeName(position.type)} as an index`);
    return part(type.of, (scope) => {
      const array = of.run(scope) as readonly Value[] | null;
      if (array === null && isOptional) return null;
      const wanted = numberIn(position.run(scope));
      const found = array?.at(wanted);
      if (found === undefined) throw new Error(`index out of range: ${wanted} (array length is ${array?.length ?? 0})`);
      return found;
    });
  }

  function predicate(name: string, [array, body, ...rest]: readonly Node[]): Part {
    const combine = PREDICATES[name];
    if (combine === undefined || array === undefined || body === undefined || rest.length > 0) {
      return fail(`${name} takes an array and a predicate`);
    }
    const of = inner(array);
    if (!isArray(of.type)) return fail(`builtin ${name} takes only array (got ${typeName(of.type)})`);
    const asked = compiled(body, names, of.type.of);
    if (name !== 'map') demand(asked, 'bool');
    const type = PREDICATE_TYPES[name]?.(of.type.of, asked.type) ?? 'bool';
    return part(type, (scope) => {
      const values = of.run(scope) as readonly Value[];
      return combine(
        values,
        values.map((value) => asked.run({ ...scope, element: value })),
      );
    });
  }

  function call(name: string, args: readonly Part[]): Part {
    if (name === 'now' && args.length === 0) return part('time', ({ now }) => now);
    const callable: Callable = FUNCTIONS[name] ?? fail(`unknown name ${name}`);
    const type = callable.check(args.map((arg) => arg.type));
    if (typeof type === 'string' && type.includes(' ')) return fail(`${name} ${type}`);
    return part(type as Type, (scope) => callable.call(...args.map((arg) => arg.run(scope))));
  }

  function demand({ type }: Part, wanted: 'bool'): void {
    if (type !== wanted && type !== 'any') fail(`expected ${wanted}, but got ${typeName(type)}`);
  }
}

function literalType({ value, isInteger }: Extract<Node, { kind: 'literal' }>): Type {
  if (value === null) return 'nil';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  return isInteger === true ? 'int' : 'float';
}

/** The type of what an operator answers; `undefined` where it does not take the two. */
function binaryType(operator: string, left: Type, right: Type): Type | undefined {
  const isEither = (type: Type, ...types: readonly Type[]): boolean => type === 'any' || types.includes(type);
  const isPair = (...types: readonly Type[]): boolean => isEither(left, ...types) && isEither(right, ...types);
  const areNumbers = isNumber(left) && isNumber(right);
  switch (operator) {
    case '&&':
    case '||':
    case 'and':
    case 'or':
      return isPair('bool') ? 'bool' : undefined;
    case '==':
    case '!=':
      return areNumbers || sameType(left, right) || [left, right].some((type) => type === 'nil' || type === 'any')
        ? 'bool'
        : undefined;
    case '<':
    case '>':
    case '<=':
    case '>=':
      return areNumbers || isPair('string') || isPair('time') || isPair('duration') ? 'bool' : undefined;
    case 'in':
    case 'not in':
      return isArray(right) ? 'bool' : undefined;
    case '??':
      return sameType(left, right) ? left : 'any';
    case '+':
      if (isPair('string')) return left === 'any' ? right : 'string';
      if (left === 'time' && right === 'duration') return 'time';
      break;
    case '-':
      if (left === 'time' && right === 'time') return 'duration';
      if (left === 'time' && right === 'duration') return 'time';
      break;
    case '%':
      return isPair('int') ? 'int' : undefined;
  }
  if (!areNumbers) return undefined;
  if (left === 'any' || right === 'any') return 'any';
  return operator === '/' || operator === '**' || operator === '^' || left === 'float' || right === 'float'
    ? 'float'
    : 'int';
}

const compare =
  (isSo: (a: number | string, b: number | string) => boolean) =>
  (left: Value, right: Value): boolean => {
    if (typeof left === 'string' && typeof right === 'string') return isSo(left, right);
    return isSo(numberIn(left), numberIn(right));
  };

const NANOSECONDS_IN_MS = 1e6;

const OPERATIONS: Readonly<Record<string, (left: Value, right: Value) => Value>> = {
  '==': (left, right) => isEqual(left, right),
  '!=': (left, right) => !isEqual(left, right),
  '<': compare((a, b) => a < b),
  '>': compare((a, b) => a > b),
  '<=': compare((a, b) => a <= b),
  '>=': compare((a, b) => a >= b),
  in: (left, right) => (right as readonly Value[]).some((item) => isEqual(left, item)),
  'not in': (left, right) => !(right as readonly Value[]).some((item) => isEqual(left, item)),
  '+': (left, right) => {
    if (typeof left === 'string') return left + String(right);
    if (left instanceof Date) return new Date(left.getTime() + numberIn(right) / NANOSECONDS_IN_MS);
    return numberIn(left) + numberIn(right);
  },
  '-': (left, right) => {
    if (left instanceof Date && right instanceof Date) return (left.getTime() - right.getTime()) * NANOSECONDS_IN_MS;
    if (left instanceof Date) return new Date(left.getTime() - numberIn(right) / NANOSECONDS_IN_MS);
    return numberIn(left) - numberIn(right);
  },
  '*': (left, right) => numberIn(left) * numberIn(right),
  '/': (left, right) => numberIn(left) / numberIn(right),
  '%': (left, right) => numberIn(left) % numberIn(right),
  '**': (left, right) => numberIn(left) ** numberIn(right),
  '^': (left, right) => numberIn(left) ** numberIn(right),
};

function isEqual(left: Value, right: Value): boolean {
  if (left instanceof Date && right instanceof Date) return left.getTime() === right.getTime();
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, i) => isEqual(item, right[i] ?? null));
  }
  return left === right;
}

function numberIn(value: Value): number {
  if (typeof value === 'number') return value;
  if (value instanceof Date) return value.getTime();
  throw new Error(
    value === null ? 'nil cannot be compared or computed with' : `a number is needed, got ${typeof value}`,
  );
}

function sameType(a: Type, b: Type): boolean {
  return typeName(a) === typeName(b);
}
