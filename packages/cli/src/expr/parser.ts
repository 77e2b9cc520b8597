import { inRange, parseFloat64 } from '../go/number.js';
import { BUILTINS } from './builtins.js';
import { ExpressionError } from './expression-error.js';
import { type Token, tokensOf } from './lexer.js';
import { type Node, PREDICATES } from './syntax.js';

// How tightly each operator binds, as in expr-lang.
const PRECEDENCE: ReadonlyMap<string, number> = new Map([
  ['|', 0],
  ['or', 10],
  ['||', 10],
  ['and', 15],
  ['&&', 15],
  ['==', 20],
  ['!=', 20],
  ['<', 20],
  ['>', 20],
  ['>=', 20],
  ['<=', 20],
  ['in', 20],
  ['matches', 20],
  ['contains', 20],
  ['startsWith', 20],
  ['endsWith', 20],
  ['..', 25],
  ['+', 30],
  ['-', 30],
  ['*', 60],
  ['/', 60],
  ['%', 60],
  ['**', 100],
  ['^', 100],
  ['??', 500],
]);
const UNARY: ReadonlyMap<string, number> = new Map([
  ['not', 50],
  ['!', 50],
  ['-', 90],
  ['+', 90],
]);
const NEGATABLE: ReadonlySet<string> = new Set(['contains', 'matches', 'startsWith', 'endsWith', 'in']);
const COMPARISONS: ReadonlySet<string> = new Set(['<', '>', '>=', '<=']);
const RIGHT: ReadonlySet<string> = new Set(['**', '^']);
const MOST_NODES = 10_000;

type Kind<K extends Node['kind']> = Omit<Extract<Node, { kind: K }>, 'at' | 'kind' | 'type'>;

interface Operation {
  readonly operator: string;
  readonly precedence: number;
  readonly at: number;
}

/** Parses an expression of expr-lang. Throws `ExpressionError`. */
export function parse(source: string): Node {
  const tokens = tokensOf(source);
  let next = 0;
  let count = 0;
  /** Predicates that are open around the next token. */
  let depth = 0;
  const node = sequence();
  if (peek().kind !== 'end') fail(`unexpected ${described(peek())}`);
  return node;

  function sequence(): Node {
    const nodes = [expression(0)];
    while (skip(';')) {
      if (peek().kind === 'end') break;
      nodes.push(expression(0));
    }
    const [first] = nodes;
    return nodes.length === 1 && first !== undefined ? first : made('sequence', nodes[0]?.at ?? 0, { nodes });
  }

  function expression(least: number): Node {
    if (least === 0 && isOperator('let')) return declaration();
    if (least === 0 && isOperator('if')) return conditionalIf();
    let left = prefix();
    let previous = '';
    for (;;) {
      const { isNegated, operator } = operatorHere();
      const precedence = PRECEDENCE.get(operator ?? '') ?? -1;
      if (operator === undefined || precedence < least) break;
      const { at } = tokens[isNegated ? next + 1 : next] ?? peek();
      next += isNegated ? 2 : 1;
      if (previous === '??' && !['??', '|'].includes(operator)) {
        fail(`${operator} and ?? cannot be mixed without parentheses`, at);
      }
      left = operation(left, { operator, precedence, at });
      if (isNegated) left = made('unary', at, { operator: '!', operand: left });
      previous = operator;
    }
    return least === 0 ? choices(left) : left;
  }

  function operation(left: Node, { operator, precedence, at }: Operation): Node {
    if (operator === '|') return call(demandName(), [left]);
    if (COMPARISONS.has(operator)) return comparisons(left, operator, at, precedence);
    const right = expression(RIGHT.has(operator) ? precedence : precedence + 1);
    return made('binary', at, { operator, left, right });
  }

  /** The operator at the next token, which `not` may stand before. */
  function operatorHere(): { readonly isNegated: boolean; readonly operator: string | undefined } {
    const { kind, text } = peek();
    if (kind !== 'operator') return { isNegated: false, operator: undefined };
    if (text !== 'not') return { isNegated: false, operator: text };
    const { text: negated = '' } = tokens[next + 1] ?? {};
    if (!NEGATABLE.has(negated)) fail(`unexpected ${described(tokens[next + 1] ?? peek())}`);
    return { isNegated: true, operator: negated };
  }

  /** `1 < x < 3` is `1 < x && x < 3`. */
  function comparisons(first: Node, operator: string, at: number, precedence: number): Node {
    let right = expression(precedence + 1);
    let all = made('binary', at, { operator, left: first, right });
    while (peek().kind === 'operator' && COMPARISONS.has(peek().text)) {
      const { text, at: there } = peek();
      next += 1;
      const left = right;
      right = expression(precedence + 1);
      const compared = made('binary', there, { operator: text, left, right });
      all = made('binary', there, { operator: '&&', left: all, right: compared });
    }
    return all;
  }

  function declaration(): Node {
    demand('let');
    const { text: name, at } = demandName();
    demand('=');
    const value = expression(0);
    demand(';');
    return made('let', at, { name, value, body: sequence() });
  }

  function conditionalIf(): Node {
    const { at } = peek();
    demand('if');
    const condition = expression(0);
    const yes = block();
    demand('else');
    return made('choice', at, { condition, yes, no: isOperator('if') ? conditionalIf() : block() });
  }

  function block(): Node {
    demand('{');
    const body = sequence();
    demand('}');
    return body;
  }

  function choices(start: Node): Node {
    let condition = start;
    for (;;) {
      const { at } = peek();
      if (!skip('?')) return condition;
      let yes = condition;
      if (!skip(':')) {
        yes = expression(0);
        demand(':');
      }
      condition = made('choice', at, { condition, yes, no: expression(0) });
    }
  }

  function prefix(): Node {
    const { text, at, kind } = peek();
    const precedence = kind === 'operator' ? UNARY.get(text) : undefined;
    if (precedence !== undefined) {
      next += 1;
      const operand = expression(precedence);
      return postfix(made('unary', at, { operator: text === 'not' ? '!' : text, operand }));
    }
    if (kind === 'bracket' && skip('(')) {
      const inner = sequence();
      demand(')');
      return postfix(inner);
    }
    if (depth > 0 && isOperator('#')) {
      next += 1;
      const name = peek().kind === 'name' ? peek().text : '';
      if (name !== '') next += 1;
      return postfix(made('pointer', at, { name }));
    }
    if (depth > 0 && isOperator('.')) return postfix(made('pointer', at, { name: '' }));
    if (skip('::')) return postfix(call(demandName(), []));
    return primary();
  }

  function primary(): Node {
    const token = peek();
    const { kind, text, at } = token;
    next += 1;
    if (kind === 'number') return made('literal', at, { value: parseNumber(token) });
    if (kind === 'string') return postfix(made('literal', at, { value: text }));
    if (kind === 'bracket' && text === '[') return postfix(made('array', at, { items: listUntil(']') }));
    if (kind === 'bracket' && text === '{') return postfix(made('map', at, { pairs: pairs() }));
    if (kind !== 'name') return fail(`unexpected ${described(token)}`, at);
    if (text === 'true' || text === 'false') return made('literal', at, { value: text === 'true' });
    if (text === 'nil') return made('literal', at, { value: null });
    return postfix(
      peek().text === '(' && peek().kind === 'bracket' ? call(token, []) : made('name', at, { name: text }),
    );
  }

  function postfix(start: Node): Node {
    let node = start;
    for (;;) {
      const { at } = peek();
      if (isOperator('?.') && tokens[next + 1]?.kind === 'bracket' && tokens[next + 1]?.text === '[') {
        next += 2;
        node = indexed(node, at, true);
      } else if (isOperator('.') || isOperator('?.')) node = property(node);
      else if (peek().kind === 'bracket' && skip('[')) node = indexed(node, at, false);
      else return node;
    }
  }

  function property(of: Node): Node {
    const isOptional = isOperator('?.');
    next += 1;
    const { kind, text, at } = peek();
    if (kind !== 'name' && !(kind === 'operator' && /^\p{L}/u.test(text)))
      return fail(`expected a name, got ${described(peek())}`);
    next += 1;
    const isChain = of.kind === 'chain';
    const name = made('literal', at, { value: text });
    let node = made('member', at, { of: isChain ? of.of : of, property: name, isOptional });
    if (peek().kind === 'bracket' && skip('(')) node = made('call', at, { callee: node, args: listUntil(')') });
    return isChain || isOptional ? made('chain', at, { of: node }) : node;
  }

  function indexed(of: Node, at: number, isOptional: boolean): Node {
    const from = isOperator(':') ? undefined : expression(0);
    if (skip(':')) {
      const to = peek().kind === 'bracket' && peek().text === ']' ? undefined : expression(0);
      demand(']');
      return made('slice', at, { of, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) });
    }
    demand(']');
    if (from === undefined) return fail('an index is missing');
    const member = made('member', at, { of, property: from, isOptional });
    return isOptional ? made('chain', at, { of: member }) : member;
  }

  function call({ text: name, at }: Token, given: readonly Node[]): Node {
    demand('(');
    if (Object.hasOwn(PREDICATES, name)) return made('builtin', at, { name, args: predicateArguments(name, given) });
    const args = [...given, ...listUntil(')')];
    if (Object.hasOwn(BUILTINS, name)) return made('builtin', at, { name, args });
    return made('call', at, { callee: made('name', at, { name }), args });
  }

  function predicateArguments(name: string, given: readonly Node[]): readonly Node[] {
    const { least = 0, most = 0 } = PREDICATES[name] ?? {};
    const args = [...given];
    while (args.length < most) {
      const isClosed = peek().kind === 'bracket' && peek().text === ')';
      if (isClosed && args.length >= least) break;
      if (isClosed) fail(`${name} takes at least ${least} arguments`);
      if (args.length > given.length) demand(',');
      args.push(args.length === 1 ? predicate() : expression(0));
    }
    skip(',');
    demand(')');
    return args;
  }

  /** A predicate may stand in braces. */
  function predicate(): Node {
    depth += 1;
    const body = peek().kind === 'bracket' && peek().text === '{' ? block() : expression(0);
    depth -= 1;
    return body;
  }

  function listUntil(end: string): readonly Node[] {
    const items: Node[] = [];
    while (!skip(end)) {
      if (items.length > 0) demand(',');
      if (items.length > 0 && skip(end)) break;
      items.push(expression(0));
    }
    return items;
  }

  function pairs(): readonly (readonly [Node, Node])[] {
    const found: [Node, Node][] = [];
    while (!skip('}')) {
      if (found.length > 0) demand(',');
      if (found.length > 0 && skip('}')) break;
      const { kind, text, at } = peek();
      const isExpression = kind === 'bracket' && text === '(';
      if (!isExpression && kind !== 'name' && kind !== 'string' && kind !== 'number') {
        fail(`a key of a map is a name, a string, a number or stands in parentheses, got ${described(peek())}`);
      }
      if (!isExpression) next += 1;
      const key = isExpression ? expression(0) : made('literal', at, { value: text });
      demand(':');
      found.push([key, expression(0)]);
    }
    return found;
  }

  function made<K extends Node['kind']>(kind: K, at: number, rest: Kind<K>): Node {
    count += 1;
    if (count > MOST_NODES) fail(`the expression has more than ${MOST_NODES} parts`, at);
    return { kind, at, ...rest } as unknown as Node;
  }

  function peek(): Token {
    return tokens[next] ?? { kind: 'end', text: '', at: source.length };
  }

  function isOperator(text: string): boolean {
    return peek().kind === 'operator' && peek().text === text;
  }

  function skip(text: string): boolean {
    const { kind, text: actual } = peek();
    if (actual !== text || (kind !== 'operator' && kind !== 'bracket')) return false;
    next += 1;
    return true;
  }

  function demand(text: string): void {
    if (!skip(text)) fail(`expected ${text}, got ${described(peek())}`);
  }

  function demandName(): Token {
    const token = peek();
    if (token.kind !== 'name') fail(`expected a name, got ${described(token)}`);
    next += 1;
    return token;
  }

  function fail(message: string, at: number = peek().at): never {
    throw new ExpressionError(message, at);
  }
}

function parseNumber({ text, at }: Token): bigint | number {
  const plain = text.replaceAll('_', '').toLowerCase();
  try {
    if (/^0[xob]/.test(plain) && (plain.startsWith('0x') || !/[.e]/.test(plain))) return inRange(BigInt(plain), text);
    return /[.e]/.test(plain) ? parseFloat64(plain) : inRange(BigInt(plain), text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new ExpressionError(`${text} is no number`, at);
    throw new ExpressionError((error as Error).message, at);
  }
}

function described({ kind, text }: Token): string {
  return kind === 'end' ? 'the end' : JSON.stringify(text);
}
