import { ExpressionError } from './expression-error.js';
import { type Token, tokensOf } from './lexer.js';

/** The words of an expression, read from the first to the last. */
export interface TokenCursor {
  /** Returns the next token, or a token after it, without reading it. */
  peek(ahead?: number): Token;
  /** Reads some tokens. */
  advance(count?: number): void;
  isOperator(text: string): boolean;
  isBracket(text: string, ahead?: number): boolean;
  /** Reads the next token if it is this operator or bracket, and returns whether it is. */
  skip(text: string): boolean;
  /** Reads this operator or bracket. Throws `ExpressionError` if the next token is another. */
  demand(text: string): void;
  /** Reads a name. Throws `ExpressionError` if the next token is another. */
  demandName(): Token;
  /** Throws an `ExpressionError` for the next token, unless another place is given. */
  fail(message: string, at?: number): never;
}

/** Splits an expression into its words. Throws `ExpressionError`. */
export function createTokenCursor(source: string): TokenCursor {
  const tokens = tokensOf(source);
  let next = 0;
  const cursor: TokenCursor = {
    peek: (ahead = 0) => tokens[next + ahead] ?? { kind: 'end', text: '', at: source.length },
    advance(count = 1) {
      next += count;
    },
    isOperator: (text) => cursor.peek().kind === 'operator' && cursor.peek().text === text,
    isBracket: (text, ahead) => cursor.peek(ahead).kind === 'bracket' && cursor.peek(ahead).text === text,
    skip(text) {
      const isNext = cursor.isOperator(text) || cursor.isBracket(text);
      if (isNext) next += 1;
      return isNext;
    },
    demand(text) {
      if (!cursor.skip(text)) cursor.fail(`expected ${text}, got ${describeToken(cursor.peek())}`);
    },
    demandName() {
      const token = cursor.peek();
      if (token.kind !== 'name') cursor.fail(`expected a name, got ${describeToken(token)}`);
      next += 1;
      return token;
    },
    fail(message, at = cursor.peek().at) {
      throw new ExpressionError(message, at);
    },
  };
  return cursor;
}

export function describeToken({ kind, text }: Token): string {
  return kind === 'end' ? 'the end' : JSON.stringify(text);
}

/** Describes a token that an expression cannot have at its place. */
export function describeUnexpected(token: Token): string {
  return token.kind === 'end' ? 'unexpected end' : `unexpected ${describeToken(token)}`;
}
