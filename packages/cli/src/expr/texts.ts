import { isAscii, SPACES } from '../go/text.js';
import { integerOf } from './operations.js';
import { type Builtin, demandText, invalid, overloads, taking } from './signature.js';
import { sliceOf } from './type.js';
import { List, type Value } from './value.js';

const TEXT = 'string' as const;
const MOST_REPEATED = 1_000_000n;

const onTexts = (call: (text: string, other: string) => Value, returns: 'bool' | 'int' | 'string'): Builtin =>
  taking([TEXT, TEXT], returns, ([text, other]) => call(demandText(text), demandText(other)));

const withDefault = (call: (text: string, other: string) => string): Builtin =>
  overloads(
    [
      [[TEXT, TEXT], TEXT],
      [[TEXT], TEXT],
    ],
    ([text, other]) => call(demandText(text), other === undefined ? ' ' : demandText(other)),
  );

const splitting = (isKept: boolean): Builtin =>
  overloads(
    [
      [[TEXT, TEXT], sliceOf('string')],
      [[TEXT, TEXT, 'int'], sliceOf('string')],
    ],
    ([text, separator, most]) => {
      const limit = most === undefined ? -1 : Number(integerOf(most));
      return new List(splitText(demandText(text), demandText(separator), limit, isKept), 'string', limit === 0);
    },
  );

/** The functions of expr-lang for texts. */
export const TEXTS: Readonly<Record<string, Builtin>> = {
  trim: overloads(
    [
      [[TEXT], TEXT],
      [[TEXT, TEXT], TEXT],
    ],
    ([text, cut]) =>
      cut === undefined ? trimSpace(demandText(text)) : trimCharacters(demandText(text), demandText(cut)),
  ),
  trimPrefix: withDefault((text, prefix) => (text.startsWith(prefix) ? text.slice(prefix.length) : text)),
  trimSuffix: withDefault((text, suffix) =>
    text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text,
  ),
  upper: taking([TEXT], TEXT, ([text]) => withSimpleCase(demandText(text), (letter) => letter.toUpperCase())),
  lower: taking([TEXT], TEXT, ([text]) => withSimpleCase(demandText(text), (letter) => letter.toLowerCase())),
  split: splitting(false),
  splitAfter: splitting(true),
  replace: overloads(
    [
      [[TEXT, TEXT, TEXT, 'int'], TEXT],
      [[TEXT, TEXT, TEXT], TEXT],
    ],
    ([text, old, wanted, most], { keep }) => {
      const limit = most === undefined ? -1 : Number(integerOf(most));
      return replaceIn(demandText(text), demandText(old), demandText(wanted), limit, keep);
    },
  ),
  repeat: taking([TEXT, 'int'], TEXT, ([text, times = null], { keep }) => {
    const count = integerOf(times);
    if (count < 0n || count > MOST_REPEATED) throw new Error(`a text cannot be repeated ${count} times`);
    keep(Buffer.byteLength(demandText(text)) * Number(count));
    return demandText(text).repeat(Number(count));
  }),
  join: overloads(
    [
      [[sliceOf('string'), TEXT], TEXT],
      [[sliceOf('any'), TEXT], TEXT],
      [[sliceOf('any')], TEXT],
      [[sliceOf('string')], TEXT],
    ],
    ([list = null, glue], { keep }) => {
      if (!(list instanceof List) || (list.slice !== 'string' && list.slice !== 'any')) throw invalid(list);
      const joined = list.items.map(demandText).join(glue === undefined ? '' : demandText(glue));
      keep(joined.length);
      return joined;
    },
  ),
  indexOf: onTexts((text, part) => positionIn(text, text.indexOf(part)), 'int'),
  lastIndexOf: onTexts((text, part) => positionIn(text, text.lastIndexOf(part)), 'int'),
  hasPrefix: onTexts((text, part) => text.startsWith(part), 'bool'),
  hasSuffix: onTexts((text, part) => text.endsWith(part), 'bool'),
};

function trimSpace(text: string): string {
  return text.replace(new RegExp(`^[${SPACES}]+|[${SPACES}]+$`, 'g'), '');
}

function trimCharacters(text: string, cut: string): string {
  const letters = [...text];
  const first = letters.findIndex((letter) => !cut.includes(letter));
  if (first < 0) return '';
  return letters.slice(first, letters.findLastIndex((letter) => !cut.includes(letter)) + 1).join('');
}

/** Changes the case letter by letter: `ß` stays one letter, unlike in JavaScript. */
function withSimpleCase(text: string, change: (letter: string) => string): string {
  return [...text].map((letter) => ([...change(letter)].length === 1 ? change(letter) : letter)).join('');
}

function splitText(text: string, separator: string, most: number, isKept: boolean): readonly string[] {
  if (most === 0) return [];
  const parts = separator === '' ? [...text] : text.split(separator);
  const limit = most < 0 ? parts.length : Math.min(most, parts.length);
  const rest = parts.slice(limit - 1).join(separator);
  const found = limit === 0 ? [] : [...parts.slice(0, limit - 1), rest];
  return isKept ? found.map((part, i) => (i < found.length - 1 ? part + separator : part)) : found;
}

function replaceIn(text: string, old: string, wanted: string, most: number, keep: (count: number) => void): string {
  // There is an empty text before each letter and at the end.
  const parts = old === '' ? ['', ...text] : text.split(old);
  const limit = most < 0 ? parts.length : most;
  const whole = old === '' ? [...parts, ''] : parts;
  keep(text.length + wanted.length * Math.min(limit, whole.length));
  if (old !== '')
    return whole.reduce((done, part, i) => (i === 0 ? part : done + (i <= limit ? wanted : old) + part), '');
  const letters = [...text];
  const inserted = letters.map((letter, i) => (i < limit || most < 0 ? wanted : '') + letter).join('');
  return inserted + (most < 0 || letters.length < limit ? wanted : '');
}

/** A position in bytes, as Go counts. */
function positionIn(text: string, position: number): bigint {
  if (position < 0 || isAscii(text)) return BigInt(position);
  return BigInt(Buffer.byteLength(text.slice(0, position)));
}
