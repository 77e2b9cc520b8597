import { SPACES, unescapeText } from '../go/text.js';
import { ExpressionError } from './expression-error.js';

/** A word of an expression. */
export interface Token {
  readonly kind: 'number' | 'string' | 'name' | 'operator' | 'bracket' | 'end';
  /** The text as it is written, or the content of a string. */
  readonly text: string;
  /** The index in the source at which it starts. */
  readonly at: number;
}

const SPACE = new RegExp(`(?:[${SPACES}]|//[^\\n]*|/\\*[\\s\\S]*?\\*/)+`, 'y');
const NUMBER = /(?:0[xX][\da-fA-F_]*|0[oO][0-7_]*|0[bB][01_]*|(?=\.?\d)[\d_]*)(?:\.(?!\.)[\d_]*)?(?:[eE][+-]?[\d_]*)?/y;
const NAME = /[\p{L}_$][\p{L}\p{Nd}_$]*/uy;
const QUOTED = /"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'/y;
const RAW = /`(?:[^`]|``)*`/y;
const OPERATOR = /\?\.|\?\?|\|\||::|\.\.|[&!=*<>][&=*]?|[-,;%+^?:|./#]/y;
const BRACKET = /[()[\]{}]/y;
const ESCAPE =
  /\\(?:[abfnrtv\\"']|[0-3][0-7]{2}|x[\da-fA-F]{2}|u\{0*(?:10|[\da-fA-F])?[\da-fA-F]{1,4}\}|u[\da-fA-F]{4}|U00(?:10|0[\da-fA-F])[\da-fA-F]{4})/g;

const OPERATOR_NAMES: ReadonlySet<string> = new Set(
  'in or and not matches contains startsWith endsWith let if else'.split(' '),
);

/** Splits an expression into words. Throws `ExpressionError`. */
export function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  while (at < source.length) {
    const space = take(SPACE);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const { length, ...token } = read();
    tokens.push({ ...token, at });
    at += length;
  }
  return [...tokens, { kind: 'end', text: '', at }];

  function read(): Omit<Token, 'at'> & { readonly length: number } {
    const quoted = take(QUOTED);
    if (quoted !== undefined) return { kind: 'string', text: unquote(quoted, at), length: quoted.length };
    const raw = take(RAW);
    if (raw !== undefined) return { kind: 'string', text: raw.slice(1, -1).replaceAll('``', '`'), length: raw.length };
    const number = take(NUMBER);
    if (number !== undefined && number !== '') return readNumber(number);
    for (const [kind, pattern] of [
      ['name', NAME],
      ['operator', OPERATOR],
      ['bracket', BRACKET],
    ] as const) {
      const text = take(pattern);
      if (text === undefined) continue;
      if (text === '/' && source[at + 1] === '*') break;
      return { kind: kind === 'name' && OPERATOR_NAMES.has(text) ? 'operator' : kind, text, length: text.length };
    }
    throw new ExpressionError(
      `unrecognised character ${JSON.stringify(String.fromCodePoint(source.codePointAt(at) ?? 0))}`,
      at,
    );
  }

  function readNumber(text: string): Omit<Token, 'at'> & { readonly length: number } {
    NAME.lastIndex = at + text.length;
    if (NAME.test(source) || /^\p{Nd}/u.test(source.slice(at + text.length))) {
      throw new ExpressionError(`${text} is not a number together with the text after it`, at);
    }
    return { kind: 'number', text, length: text.length };
  }
}

function unquote(text: string, at: number): string {
  const other = text.startsWith('"') ? "\\'" : '\\"';
  const inside = text.slice(1, -1).replace(/\r\n?/g, '\n');
  const rest = inside.replace(ESCAPE, (found) => (found === other ? '\\' : ''));
  if (rest.includes('\\')) throw new ExpressionError(`${text} has an invalid escape`, at);
  return unescapeText(inside);
}
