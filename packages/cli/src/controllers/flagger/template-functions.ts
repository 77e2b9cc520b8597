import { printValue, sprint, sprintf, type TemplateValue } from '../../go/print.js';
import { compareTexts, isAscii } from '../../go/text.js';
import { NotKnownHereError } from '../../not-known-here.js';

/** The functions that Flagger gives to a query, besides `variables`. */
export const MODEL_FUNCTIONS = ['name', 'namespace', 'target', 'service', 'ingress', 'route', 'interval'] as const;

/** A function of Go's templates. Throws if it does not take its arguments. */
interface TemplateFunction {
  readonly least: number;
  readonly most: number;
  /** Whether the first argument must be a text. */
  readonly isFormat?: boolean;
  call(...args: readonly TemplateValue[]): TemplateValue;
}

const several = (least: number, call: TemplateFunction['call']): TemplateFunction => ({
  least,
  most: Number.POSITIVE_INFINITY,
  call,
});
const comparison = (call: (a: TemplateValue, b: TemplateValue) => boolean): TemplateFunction => ({
  least: 2,
  most: 2,
  call: (a = null, b = null) => call(a, b),
});
const escaping = (call: (text: string) => string): TemplateFunction =>
  several(0, (...args) => {
    const [first] = args;
    if (args.length === 1 && typeof first === 'string') return call(first);
    return call(sprint(args.map((arg) => arg ?? '<no value>')));
  });

/** The functions of Go's templates, without `and` and `or`, which do not evaluate all of their arguments. */
export const TEMPLATE_FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  print: several(0, (...args) => sprint(args)),
  println: several(0, (...args) => `${args.map(printValue).join(' ')}\n`),
  printf: { ...several(1, (format, ...args) => sprintf(format as string, args)), isFormat: true },
  html: escaping((text) => text.replace(/[\0"'&<>]/g, (letter) => HTML[letter] ?? letter)),
  js: escaping(escapeForJavaScript),
  urlquery: escaping(escapeForUrl),
  len: { least: 1, most: 1, call: (value = null) => BigInt(lengthOf(value)) },
  index: several(1, (of = null, ...keys) => keys.reduce<TemplateValue>(getIndex, demandValue(of))),
  slice: several(1, takeSlice),
  not: { least: 1, most: 1, call: (value = null) => !isTrue(value) },
  eq: several(1, (first = null, ...others) => {
    if (others.length === 0) throw new Error('there is nothing to compare with');
    return others.some((other) => isSame(first, other));
  }),
  ne: comparison((a, b) => !isSame(a, b)),
  lt: comparison(isLess),
  le: comparison((a, b) => isLess(a, b) || isSame(a, b)),
  gt: comparison((a, b) => !(isLess(a, b) || isSame(a, b))),
  ge: comparison((a, b) => !isLess(a, b)),
  call: several(1, () => {
    throw new Error('there is no function to call');
  }),
};

export function isFunctionName(name: string): boolean {
  const isModel = MODEL_FUNCTIONS.some((function_) => function_ === name) || name === 'variables';
  return isModel || name === 'and' || name === 'or' || Object.hasOwn(TEMPLATE_FUNCTIONS, name);
}

/** Whether a value counts as true: a value that is not zero, empty or nil. */
export function isTrue(value: TemplateValue): boolean {
  if (value instanceof Map) return value.size > 0;
  return typeof value === 'number' ? value !== 0 : Boolean(value);
}

const HTML: Readonly<Record<string, string>> = {
  '\0': '\ufffd',
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
};

function escapeForJavaScript(text: string): string {
  return text.replace(/[\\'"<>&=\p{C}\p{Z}]/gu, (letter) => {
    if (letter === ' ') return letter;
    if (letter === '\\' || letter === "'" || letter === '"') return `\\${letter}`;
    return `\\u${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  });
}

function escapeForUrl(text: string): string {
  const encoded = encodeURIComponent(text).replaceAll('%20', '+');
  return encoded.replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
}

function lengthOf(value: TemplateValue): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (value instanceof Map) return value.size;
  throw new Error(`${kindOf(value)} has no length`);
}

function demandValue(value: TemplateValue): TemplateValue {
  if (value === null) throw new Error('there is nothing to look into');
  return value;
}

function getIndex(of: TemplateValue, key: TemplateValue): TemplateValue {
  if (of instanceof Map) {
    if (typeof key !== 'string') throw new Error(`a key is a text, got ${kindOf(key)}`);
    return of.get(key) ?? '';
  }
  if (typeof of !== 'string') throw new Error(`${kindOf(of)} cannot be indexed`);
  if (positionOf(key, of) === of.length) throw new Error('index out of range');
  throw new NotKnownHereError('a byte of a text');
}

function takeSlice(of: TemplateValue = null, ...ends: readonly TemplateValue[]): TemplateValue {
  if (typeof of !== 'string' || ends.length > 2) throw new Error(`${kindOf(of)} cannot be sliced so`);
  const [from = 0, to = of.length] = ends.map((end) => positionOf(end, of));
  if (from > to) throw new Error(`invalid slice index: ${from} > ${to}`);
  return of.slice(from, to);
}

function positionOf(index: TemplateValue, text: string): number {
  if (typeof index !== 'bigint') throw new Error(`an index is an integer, got ${kindOf(index)}`);
  if (index < 0n || index > BigInt(Buffer.byteLength(text))) throw new Error(`index out of range: ${index}`);
  if (!isAscii(text)) throw new NotKnownHereError('a part of a text beyond ASCII');
  return Number(index);
}

function isSame(a: TemplateValue, b: TemplateValue): boolean {
  const [kind, other] = [basicKind(a), basicKind(b)];
  if (kind !== other) {
    if (a !== null && b !== null) throw new Error(`incompatible types for comparison: ${kindOf(a)} and ${kindOf(b)}`);
    return false;
  }
  if (kind !== 'none') return a === b;
  // Variables that are not set are nil.
  const [isNothing, isOtherNothing] = [!isTrue(a), !isTrue(b)];
  if (!isNothing && !isOtherNothing) throw new Error('variables cannot be compared');
  return isNothing === isOtherNothing;
}

function isLess(a: TemplateValue, b: TemplateValue): boolean {
  const kind = basicKind(a);
  if (kind === 'none' || kind === 'boolean' || kind !== basicKind(b)) {
    throw new Error(`${kindOf(a)} and ${kindOf(b)} have no order`);
  }
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b) < 0;
  return (a as number) < (b as number);
}

function basicKind(value: TemplateValue): string {
  return value === null || typeof value === 'object' ? 'none' : typeof value;
}

function kindOf(value: TemplateValue): string {
  if (value === null) return 'nothing';
  if (typeof value === 'object') return 'variables';
  return { bigint: 'an integer', number: 'a float', boolean: 'a truth value', string: 'a text' }[
    typeof value as 'bigint'
  ];
}
