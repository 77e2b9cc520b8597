import { inRange, parseFloat64 } from '../../go/number.js';
import { unescapeText } from '../../go/text.js';
import { NotKnownHereError } from '../../not-known-here.js';
import { TemplateError } from './template-error.js';
import type { Item } from './template-lexer.js';

/** Returns the value of a number. Throws `TemplateError` and `NotKnownHereError`. */
export function parseNumber({ text, at }: Item): bigint | number {
  if (text.includes('_') || text.endsWith('i')) throw new NotKnownHereError(`the number ${text}`);
  const [, sign = '', digits = ''] = /^([+-]?)(.*)$/.exec(text) ?? [];
  try {
    if (/^0[xX].*[.pP]/.test(digits)) throw new NotKnownHereError(`the number ${text}`);
    if (/[.eE]/.test(digits) && !/^0[xX]/.test(digits)) return parseFloat64(text);
    const size = BigInt(/^0\d/.test(digits) ? `0o${digits.slice(1)}` : digits === '' ? 'none' : digits);
    return inRange(sign === '-' ? -size : size, text);
  } catch (error) {
    if (error instanceof NotKnownHereError) throw error;
    throw new TemplateError(`${text} is not a number that Go accepts`, at);
  }
}

const ESCAPES =
  /\\(?:[abfnrtv\\]|[0-3][0-7]{2}|x[\da-fA-F]{2}|u[\da-fA-F]{4}|U00(?:10|0[\da-fA-F])[\da-fA-F]{4}|(["']))/g;

/** Returns the text of a string, or the code point of a character. Throws `TemplateError` and `NotKnownHereError`. */
export function parseQuoted({ text, at }: Item): string | bigint {
  const quote = text[0];
  if (quote === '`') return text.slice(1, -1).replaceAll('\r', '');
  const inside = text.slice(1, -1);
  const rest = inside.replace(ESCAPES, (_, other?: string) => (other === undefined || other === quote ? '' : '\\'));
  const isWrong = rest.includes('\\') || /\\u[dD][89a-fA-F]|\\U0000[dD][89a-fA-F]/.test(inside);
  if (isWrong) throw new TemplateError(`${text} has an invalid escape`, at);
  if (/\\(?:x[89a-fA-F]|[2-3]\d\d)/.test(inside)) throw new NotKnownHereError(`${text}, which has bytes in it`);
  if (quote === '"') return unescapeText(inside);
  const letters = [...unescapeText(inside)];
  if (letters.length !== 1) throw new TemplateError(`${text} is not one character`, at);
  return BigInt(letters[0]?.codePointAt(0) ?? 0);
}
