import { compareTexts } from '../go/text.js';
import { NotKnownHereError } from '../not-known-here.js';
import { type Builtin, demandText, invalid, taking } from './signature.js';
import { Duration, Groups, Instant, List, type Value } from './value.js';

/** The functions of expr-lang for JSON and Base64. */
export const ENCODINGS: Readonly<Record<string, Builtin>> = {
  toJSON: taking(['any'], 'string', ([value = null], { keep }) => {
    const text = jsonOf(value, '\n');
    keep(text.length);
    return text;
  }),
  fromJSON: taking(['string'], 'any', ([text]) => valueIn(parseJson(demandText(text)))),
  toBase64: taking(['string'], 'string', ([text]) => Buffer.from(demandText(text)).toString('base64')),
  fromBase64: taking(['string'], 'string', ([text]) => decodeBase64(demandText(text))),
};

/**
 * Returns a value as `json.MarshalIndent` of Go writes it, with two spaces. `newline` is a line feed with the
 * indentation.
 */
function jsonOf(value: Value, newline: string): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error(`JSON has no ${value}`);
    return Object.is(value, -0) ? '-0' : String(value);
  }
  if (value instanceof Duration) return String(value.nanoseconds);
  if (value instanceof Instant) throw new NotKnownHereError('a time as JSON');
  const inner = `${newline}  `;
  if (value instanceof List) {
    if (value.isNil) return 'null';
    return enclose(
      '[',
      value.items.map((item) => jsonOf(item, inner)),
      newline,
      ']',
    );
  }
  if (value instanceof Map) {
    const entries = [...value].sort(([a], [b]) => compareTexts(a, b));
    return enclose(
      '{',
      entries.map(([key, each]) => `${quote(key)}: ${jsonOf(each, inner)}`),
      newline,
      '}',
    );
  }
  throw value instanceof Groups ? new Error('keys of JSON must be texts') : invalid(value);
}

function enclose(start: string, parts: readonly string[], newline: string, end: string): string {
  return parts.length === 0 ? start + end : `${start}${newline}  ${parts.join(`,${newline}  `)}${newline}${end}`;
}

/** Quotes a text. Go escapes characters that could end a script in HTML. */
function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${JSON.stringify(text.slice(0, 40))} is not JSON`, { cause: error });
  }
}

/** Returns the value of JSON: each number is a float. */
function valueIn(json: unknown): Value {
  if (typeof json === 'string') return wellFormed(json);
  if (typeof json === 'number' && !Number.isFinite(json)) throw new Error('a number in JSON is out of range');
  if (Array.isArray(json)) return new List(json.map(valueIn));
  if (typeof json === 'object' && json !== null) {
    return new Map(Object.entries(json).map(([key, value]) => [wellFormed(key), valueIn(value)]));
  }
  return json as null | boolean | number;
}

/** Returns a text without halves of surrogate pairs, which Go does not have. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

function decodeBase64(text: string): string {
  const plain = text.replace(/[\r\n]/g, '');
  if (!/^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/.test(plain)) {
    throw new Error(`${JSON.stringify(text.slice(0, 40))} is not Base64`);
  }
  const bytes = Buffer.from(plain, 'base64');
  if (Buffer.compare(Buffer.from(bytes.toString()), bytes) !== 0)
    throw new NotKnownHereError('a text that is not UTF-8');
  return bytes.toString();
}
