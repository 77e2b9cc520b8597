import { NotKnownHereError } from '../not-known-here.js';
import { formatFloat } from './number.js';
import { compareTexts, isAscii } from './text.js';

/** A value of a Go template: integers are `bigint`, floats are `number`, and nil is `null`. */
export type TemplateValue = null | boolean | bigint | number | string | ReadonlyMap<string, string>;

/** Prints a value as `%v` does. */
export function printed(value: TemplateValue): string {
  if (value === null) return '<nil>';
  if (typeof value === 'number') return formatFloat(value);
  if (typeof value !== 'object') return String(value);
  const entries = [...value].sort(([a], [b]) => compareTexts(a, b));
  return `map[${entries.map(([key, text]) => `${key}:${text}`).join(' ')}]`;
}

/** Prints values as `fmt.Sprint` does: with a space between two of which none is a text. */
export function sprint(values: readonly TemplateValue[]): string {
  return values.reduce<string>((text, value, i) => {
    const isSpaced = i > 0 && typeof value !== 'string' && typeof values[i - 1] !== 'string';
    return text + (isSpaced ? ' ' : '') + printed(value);
  }, '');
}

const VERB = /%([-+# 0]*)(\d*)(?:\.(\d*))?([^%]|%|$)/gsu;
// Nobody writes wider fields into a query.
const MOST_WIDTH = 1000;

/** Formats values as `fmt.Sprintf` does, which has no errors: what does not fit is said in the text. */
export function sprintf(format: string, values: readonly TemplateValue[]): string {
  let next = 0;
  const text = format.replace(VERB, (_, flags: string, width: string, precision: string | undefined, verb: string) => {
    if (verb === '%') return '%';
    if (verb === '') return '%!(NOVERB)';
    if (verb === '[' || verb === '*') throw new NotKnownHereError(`%${verb} in a format`);
    if (Number(width) > MOST_WIDTH || Number(precision) > MOST_WIDTH)
      throw new NotKnownHereError(`a width in ${format}`);
    if (next >= values.length) return `%!${verb}(MISSING)`;
    const value = values[next++] ?? null;
    return padded(formatted(verb, value, flags, precision), flags, Number(width), value);
  });
  const extra = values.slice(next).map((value) => (value === null ? '<nil>' : `${typeOf(value)}=${printed(value)}`));
  return extra.length === 0 ? text : `${text}%!(EXTRA ${extra.join(', ')})`;
}

function formatted(verb: string, value: TemplateValue, flags: string, precision: string | undefined): string {
  if (/[# ]/.test(flags) || (verb === 'v' && flags.includes('+')))
    throw new NotKnownHereError(`the flags of %${flags}${verb}`);
  const isPlain = precision === undefined && flags === '';
  if (verb === 'T') return value === null ? '<nil>' : typeOf(value);
  const scalar = formattedScalar(verb, value, flags, precision);
  if (scalar !== undefined) return scalar;
  if (verb === 'v' && isPlain) return printed(value);
  const taken: Readonly<Record<string, string>> = {
    string: 'svqxX',
    bigint: 'vbcdoOqxXU',
    number: 'vbeEfFgGxX',
    boolean: 'vt',
    object: '',
  };
  const isTaken = value instanceof Map || (taken[typeof value] ?? '').includes(verb);
  if (isTaken || !/^[a-zA-Z]$/.test(verb) || verb === 'w' || (verb === 'p' && value !== null) || !isPlain) {
    throw new NotKnownHereError(`%${verb} of ${value === null ? 'nil' : typeOf(value)} in a format`);
  }
  return value === null ? `%!${verb}(<nil>)` : `%!${verb}(${typeOf(value)}=${printed(value)})`;
}

/** A text, a number or a boolean by a verb that Go has for it; `undefined` for another verb or value. */
function formattedScalar(
  verb: string,
  value: TemplateValue,
  flags: string,
  precision: string | undefined,
): string | undefined {
  switch (typeof value) {
    case 'string':
      if (verb === 's' || verb === 'v') return cut(value, precision);
      return verb === 'q' ? quoted(cut(value, precision)) : undefined;
    case 'bigint':
      return (verb === 'd' || verb === 'v') && precision === undefined ? signed(String(value), flags) : undefined;
    case 'number':
      if (verb === 'f' || verb === 'F') return signed(fixed(value, precision), flags);
      return (verb === 'g' || verb === 'v') && precision === undefined ? signed(formatFloat(value), flags) : undefined;
    case 'boolean':
      return (verb === 't' || verb === 'v') && precision === undefined && flags === '' ? String(value) : undefined;
  }
  return undefined;
}

function cut(text: string, precision: string | undefined): string {
  return precision === undefined ? text : [...text].slice(0, Number(precision)).join('');
}

function signed(text: string, flags: string): string {
  return flags.includes('+') && !/^[+-]/.test(text) ? `+${text}` : text;
}

function fixed(value: number, precision: string | undefined): string {
  const digits = precision === undefined ? 6 : Number(precision);
  if (!Number.isFinite(value)) return formatFloat(value);
  if (Math.abs(value) >= 1e21 || digits > 100) throw new NotKnownHereError('%f of so large a number');
  const text = halfToEven(value, digits);
  return Object.is(value, -0) ? `-${text}` : text;
}

/** Go rounds what lies in the middle to the even digit, JavaScript away from zero. */
function halfToEven(value: number, digits: number): string {
  const [, kept = '', last = ''] = /^(.*?(\d)\.?)50{29}$/.exec(value.toFixed(Math.min(100, digits + 30))) ?? [];
  return last !== '' && Number(last) % 2 === 0 ? kept.replace(/\.$/, '') : value.toFixed(digits);
}

function quoted(text: string): string {
  if (!isAscii(text)) throw new NotKnownHereError('%q of a text beyond ASCII');
  const names: Readonly<Record<string, string>> = {
    '\x07': 'a',
    '\b': 'b',
    '\f': 'f',
    '\n': 'n',
    '\r': 'r',
    '\t': 't',
    '\v': 'v',
  };
  const inside = text.replace(/["\\]|[^ -~]/g, (letter) => {
    if (letter === '"' || letter === '\\') return `\\${letter}`;
    return `\\${names[letter] ?? `x${letter.charCodeAt(0).toString(16).padStart(2, '0')}`}`;
  });
  return `"${inside}"`;
}

function padded(text: string, flags: string, width: number, value: TemplateValue): string {
  const missing = width - [...text].length;
  // Of what a verb does not take, Go pads what is inside.
  if (width > 0 && text.startsWith('%!')) throw new NotKnownHereError('a width for a value that a verb does not take');
  if (missing <= 0) return text;
  if (flags.includes('-')) return text + ' '.repeat(missing);
  if (!flags.includes('0')) return ' '.repeat(missing) + text;
  if (typeof value !== 'bigint' && typeof value !== 'number') throw new NotKnownHereError('zeros before a text');
  const [, sign = '', digits = ''] = /^([+-]?)(.*)$/.exec(text) ?? [];
  if (/[^\d.]/.test(digits)) throw new NotKnownHereError(`zeros before ${text}`);
  return sign + '0'.repeat(missing) + digits;
}

function typeOf(value: Exclude<TemplateValue, null>): string {
  if (typeof value === 'object') return 'map[string]string';
  return { bigint: 'int', number: 'float64', boolean: 'bool', string: 'string' }[typeof value as 'bigint'];
}
