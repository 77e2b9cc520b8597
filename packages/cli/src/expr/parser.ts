import { inRange, parseFloat64 } from '../go/number.js';
import { BUILTINS } from './builtins.js';
import { ExpressionError } from './expression-error.js';
import type { Token } from './lexer.js';
import { COMPARISONS, NEGATABLE, PRECEDENCE, RIGHT, UNARY } from './precedence.js';
import { type Node, PREDICATES } from './syntax.js';
import { createTokenCursor, describeToken, describeUnexpected } from './token-cursor.js';

const MOST_NODES = 10_000;

type Kind<K extends Node['kind']> = Omit<Extract<Node, { kind: K }>, 'at' | 'kind' | 'type'>;

interface Operation {
  readonly operator: string;
  readonly precedence: number;
  readonly at: number;
}

/** Parses an expression of expr-lang. Throws `ExpressionError`. */
export function parse(source: string): Node {
  const { peek, advance, isOperator, isBracket, skip, demand, demandName, fail } = createTokenCursor(source);
  let count = 0;
  /** Predicates around the next token that are still open. */
  let depth = 0;
  const node = sequence();
  if (peek().kind !== 'end') fail(describeUnexpected(peek()));
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
      const { at } = peek(isNegated ? 1 : 0);
      advance(isNegated ? 2 : 1);
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

  /** Returns the operator at the next token, with or without `not` before it. */
  function operatorHere(): { readonly isNegated: boolean; readonly operator: string | undefined } {
    const { kind, text } = peek();
    if (kind !== 'operator') return { isNegated: false, operator: undefined };
    if (text !== 'not') return { isNegated: false, operator: text };
    const { text: negated } = peek(1);
    if (!NEGATABLE.has(negated)) fail(describeUnexpected(peek(1)));
    return { isNegated: true, operator: negated };
  }

  /** Parses `1 < x < 3` as `1 < x && x < 3`. */
  function comparisons(first: Node, operator: string, at: number, precedence: number): Node {
    let right = expression(precedence + 1);
    let all = made('binary', at, { operator, left: first, right });
    while (peek().kind === 'operator' && COMPARISONS.has(peek().text)) {
      const { text, at: there } = peek();
      advance();
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
      advance();
      const operand = expression(precedence);
      return postfix(made('unary', at, { operator: text === 'not' ? '!' : text, operand }));
    }
    if (skip('(')) {
      const inner = sequence();
      demand(')');
      return postfix(inner);
    }
    if (depth > 0 && isOperator('#')) {
      advance();
      const name = peek().kind === 'name' ? peek().text : '';
      if (name !== '') advance();
      return postfix(made('pointer', at, { name }));
    }
    if (depth > 0 && isOperator('.')) return postfix(made('pointer', at, { name: '' }));
    if (skip('::')) return postfix(call(demandName(), []));
    return primary();
  }

  function primary(): Node {
    const token = peek();
    const { kind, text, at } = token;
    advance();
    if (kind === 'number') return made('literal', at, { value: parseNumber(token) });
    if (kind === 'string') return postfix(made('literal', at, { value: text }));
    if (kind === 'bracket' && text === '[') return postfix(made('array', at, { items: listUntil(']') }));
    if (kind === 'bracket' && text === '{') return postfix(made('map', at, { pairs: pairs() }));
    if (kind !== 'name') return fail(describeUnexpected(token), at);
    if (text === 'true' || text === 'false') return made('literal', at, { value: text === 'true' });
    if (text === 'nil') return made('literal', at, { value: null });
    return postfix(isBracket('(') ? call(token, []) : made('name', at, { name: text }));
  }

  function postfix(start: Node): Node {
    let node = start;
    for (;;) {
      const { at } = peek();
      if (isOperator('?.') && isBracket('[', 1)) {
        advance(2);
        node = parseIndex(node, at, true);
      } else if (isOperator('.') || isOperator('?.')) node = property(node);
      else if (skip('[')) node = parseIndex(node, at, false);
      else return node;
    }
  }

  function property(of: Node): Node {
    const isOptional = isOperator('?.');
    advance();
    const { kind, text, at } = peek();
    if (kind !== 'name' && !(kind === 'operator' && /^\p{L}/u.test(text)))
      return fail(`expected a name, got ${describeToken(peek())}`);
    advance();
    const isChain = of.kind === 'chain';
    const name = made('literal', at, { value: text });
    let node = made('member', at, { of: isChain ? of.of : of, property: name, isOptional });
    if (skip('(')) node = made('call', at, { callee: node, args: listUntil(')') });
    return isChain || isOptional ? made('chain', at, { of: node }) : node;
  }

  function parseIndex(of: Node, at: number, isOptional: boolean): Node {
    const from = isOperator(':') ? undefined : expression(0);
    if (skip(':')) {
      const to = isBracket(']') ? undefined : expression(0);
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
      const isClosed = isBracket(')');
      if (isClosed && args.length >= least) break;
      if (isClosed) fail(`${name} takes at least ${least} arguments`);
      if (args.length > given.length) demand(',');
      args.push(args.length === 1 ? predicate() : expression(0));
    }
    skip(',');
    demand(')');
    return args;
  }

  /** Parses a predicate, which may be in braces. */
  function predicate(): Node {
    depth += 1;
    const body = isBracket('{') ? block() : expression(0);
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
      const isExpression = isBracket('(');
      if (!isExpression && kind !== 'name' && kind !== 'string' && kind !== 'number') {
        fail(`a key of a map must be a name, a string, a number or in parentheses, got ${describeToken(peek())}`);
      }
      if (!isExpression) advance();
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
}

function parseNumber({ text, at }: Token): bigint | number {
  const plain = text.replaceAll('_', '').toLowerCase();
  try {
    if (/^0[xob]/.test(plain) && (plain.startsWith('0x') || !/[.e]/.test(plain))) return inRange(BigInt(plain), text);
    return /[.e]/.test(plain) ? parseFloat64(plain) : inRange(BigInt(plain), text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new ExpressionError(`${text} is not a number`, at);
    throw new ExpressionError((error as Error).message, at);
  }
}
