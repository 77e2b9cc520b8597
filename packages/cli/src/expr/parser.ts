import { ExpressionError } from './expression-error.js';
import { type Token, tokensOf } from './lexer.js';

/** What an expression is made of; `at` is where in the source. */
export type Node = { readonly at: number } & (
  | { readonly kind: 'literal'; readonly value: number | string | boolean | null; readonly isInteger?: boolean }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'element' }
  | { readonly kind: 'array'; readonly items: readonly Node[] }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Node }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Node; readonly right: Node }
  | { readonly kind: 'choice'; readonly condition: Node; readonly yes: Node; readonly no: Node }
  | { readonly kind: 'index'; readonly of: Node; readonly index: Node; readonly isOptional: boolean }
  | { readonly kind: 'slice'; readonly of: Node; readonly from: Node | undefined; readonly to: Node | undefined }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Node[] }
);

// How tightly each binds: those of expr-lang.
const PRECEDENCE: Readonly<Record<string, number>> = {
  '|': 0,
  or: 10,
  '||': 10,
  and: 15,
  '&&': 15,
  '==': 20,
  '!=': 20,
  '<': 20,
  '>': 20,
  '<=': 20,
  '>=': 20,
  in: 20,
  'not in': 20,
  '..': 25,
  '+': 30,
  '-': 30,
  '*': 60,
  '/': 60,
  '%': 60,
  '**': 100,
  '^': 100,
  '??': 500,
};
const NOT = 50;
const SIGN = 90;

/** Parses an expression of the subset of expr-lang that analyses use. Throws `ExpressionError`. */
export function parse(source: string): Node {
  const tokens = tokensOf(source);
  let next = 0;
  const node = expression(0);
  if (peek().kind !== 'end') fail(`unexpected ${described(peek())}`);
  return node;

  function expression(least: number): Node {
    let left = prefix();
    for (;;) {
      const operator = operatorHere();
      const precedence = operator === undefined ? undefined : PRECEDENCE[operator];
      if (operator === undefined || precedence === undefined || precedence < least) break;
      const { at } = peek();
      next += operator === 'not in' ? 2 : 1;
      if (operator === '|') {
        left = piped(left);
        continue;
      }
      const isRight = operator === '**' || operator === '^';
      left = { kind: 'binary', operator, left, right: expression(isRight ? precedence : precedence + 1), at };
    }
    return least === 0 ? choiceAfter(left) : left;
  }

  function choiceAfter(condition: Node): Node {
    const { at } = peek();
    if (!skip('?')) return condition;
    const yes = expression(0);
    demand(':');
    return { kind: 'choice', condition, yes, no: expression(0), at };
  }

  function prefix(): Node {
    const { text, at, kind } = peek();
    if (kind === 'string' || kind === 'number') return postfix(primary());
    if (text === '!' || text === 'not') {
      next += 1;
      return { kind: 'unary', operator: '!', operand: expression(NOT), at };
    }
    if (text === '-' || text === '+') {
      next += 1;
      return { kind: 'unary', operator: text, operand: expression(SIGN), at };
    }
    return postfix(primary());
  }

  function primary(): Node {
    const token = peek();
    const { kind, text, at } = token;
    next += 1;
    if (kind === 'number') return numberAt(token);
    if (kind === 'string') return { kind: 'literal', value: unquoted(text), at };
    if (text === '(') {
      const inner = expression(0);
      demand(')');
      return inner;
    }
    if (text === '[') return { kind: 'array', items: listUntil(']'), at };
    if (text === '#') return { kind: 'element', at };
    if (kind !== 'name') return fail(`unexpected ${described(token)}`, at);
    if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true', at };
    if (text === 'nil') return { kind: 'literal', value: null, at };
    if (skip('(')) return { kind: 'call', name: text, args: listUntil(')'), at };
    return { kind: 'name', name: text, at };
  }

  function postfix(start: Node): Node {
    let node = start;
    for (;;) {
      const { text, at } = peek();
      if (text === '[') {
        next += 1;
        node = indexed(node, at, false);
      } else if (text === '?.') {
        next += 1;
        demand('[');
        node = indexed(node, at, true);
      } else if (text === '.') return fail('members are not part of what analyses can ask: the result is numbers');
      else return node;
    }
  }

  function indexed(of: Node, at: number, isOptional: boolean): Node {
    const from = peek().text === ':' ? undefined : expression(0);
    if (skip(':')) {
      const to = peek().text === ']' ? undefined : expression(0);
      demand(']');
      return { kind: 'slice', of, from, to, at };
    }
    demand(']');
    return from === undefined ? fail('an index is missing') : { kind: 'index', of, index: from, isOptional, at };
  }

  function piped(argument: Node): Node {
    const { kind, text, at } = peek();
    if (kind !== 'name') return fail('a pipe must end in a function');
    next += 1;
    demand('(');
    return { kind: 'call', name: text, args: [argument, ...listUntil(')')], at };
  }

  function listUntil(end: string): readonly Node[] {
    const items: Node[] = [];
    while (!skip(end)) {
      if (items.length > 0) demand(',');
      if (items.length > 0 && skip(end)) break;
      items.push(argument());
    }
    return items;
  }

  /** A predicate may stand in braces. */
  function argument(): Node {
    if (!skip('{')) return expression(0);
    const inner = expression(0);
    demand('}');
    return inner;
  }

  function operatorHere(): string | undefined {
    const { kind, text } = peek();
    if (text === 'not') return tokens[next + 1]?.text === 'in' ? 'not in' : undefined;
    return kind === 'operator' || kind === 'name' ? text : undefined;
  }

  function peek(): Token {
    return tokens[next] ?? { kind: 'end', text: '', at: source.length };
  }

  function skip(text: string): boolean {
    if (peek().text !== text || peek().kind === 'string') return false;
    next += 1;
    return true;
  }

  function demand(text: string): void {
    if (!skip(text)) fail(`expected ${text}, got ${described(peek())}`);
  }

  function fail(message: string, at: number = peek().at): never {
    throw new ExpressionError(message, at);
  }
}

function numberAt({ text, at }: Token): Node {
  const plain = text.replaceAll('_', '');
  const isInteger = /^(?:\d+|0[xXbBoO].*)$/.test(plain);
  return { kind: 'literal', value: Number(plain), isInteger, at };
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

function unquoted(text: string): string {
  const inner = text.slice(1, -1);
  return text.startsWith('`') ? inner : inner.replace(/\\(.)/gs, (_, letter: string) => ESCAPES[letter] ?? letter);
}

function described({ kind, text }: Token): string {
  return kind === 'end' ? 'the end' : JSON.stringify(text);
}
