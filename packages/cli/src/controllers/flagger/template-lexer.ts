import { NotKnownHereError } from '../../not-known-here.js';
import { TemplateError } from './template-error.js';

type Kind =
  | 'text'
  | 'left'
  | 'right'
  | 'space'
  | 'identifier'
  | 'keyword'
  | 'field'
  | 'variable'
  | 'dot'
  | 'bool'
  | 'number'
  | 'char'
  | 'string'
  | 'symbol'
  | 'end';

/** A word of a Go template. */
export interface Item {
  readonly kind: Kind;
  readonly text: string;
  /** Where it starts in the source. */
  readonly at: number;
}

const KEYWORDS: ReadonlySet<string> = new Set(
  'block break continue define else end if nil range template with'.split(' '),
);
const WORD = '[\\p{L}\\p{Nd}_]';
const SPACE = /[ \t\r\n]+/y;
const QUOTED = /"(?:[^"\\\n]|\\[^\n])*"/y;
const RAW = /`[^`]*`/y;
const CHAR = /'(?:[^'\\\n]|\\[^\n])*'/y;
const NUMBER =
  /[+-]?(?:0[xX][\da-fA-F_]*(?:\.[\da-fA-F_]*)?(?:[pP][+-]?[\d_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|(?=\.?\d|[+-])[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?[\d_]*)?|(?=\.)\.[\d_]*)i?/y;
const NAME = new RegExp(`${WORD}+`, 'uy');
const FIELD = new RegExp(`\\.${WORD}*`, 'uy');
const VARIABLE = new RegExp(`\\$${WORD}*`, 'uy');

/** Splits a Go template into words. Throws `TemplateError`. */
export function itemsOf(source: string): readonly Item[] {
  const items: Item[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  const fail = (message: string): never => {
    throw new TemplateError(message, at);
  };
  const push = (kind: Kind, text: string): void => {
    items.push({ kind, text, at });
    at += text.length;
  };

  while (at < source.length) {
    const start = source.indexOf('{{', at);
    const text = source.slice(at, start < 0 ? undefined : start);
    const isTrimmed = start >= 0 && /^-[ \t\r\n]/.test(source.slice(start + 2, start + 4));
    const kept = isTrimmed ? text.replace(/[ \t\r\n]+$/, '') : text;
    if (kept !== '') items.push({ kind: 'text', text: kept, at });
    if (start < 0) break;
    at = start + 2 + (isTrimmed ? 2 : 0);
    if (source.startsWith('/*', at)) comment();
    else action(start);
  }
  items.push({ kind: 'end', text: '', at: source.length });
  return items;

  function comment(): void {
    const end = source.indexOf('*/', at + 2);
    if (end < 0) fail('a comment is not closed');
    at = end + 2;
    const closing = closingHere() ?? fail('a comment ends before its action does');
    at += closing.length;
  }

  /** The end of an action, with what it trims of the text behind. */
  function closingHere(): string | undefined {
    return take(/[ \t\r\n]-\}\}[ \t\r\n]*|\}\}/y);
  }

  function action(start: number): void {
    items.push({ kind: 'left', text: '{{', at: start });
    let depth = 0;
    for (;;) {
      const closing = closingHere();
      if (closing !== undefined) {
        if (depth > 0) fail('a parenthesis is not closed');
        push('right', closing);
        return;
      }
      if (at >= source.length) fail('an action is not closed');
      const item = read();
      if (item.text === '(' && item.kind === 'symbol') depth += 1;
      if (item.text === ')' && item.kind === 'symbol') depth -= 1;
      if (depth < 0) fail('a parenthesis is closed that was not opened');
    }
  }

  function read(): Item {
    const [kind, text] = wordHere();
    push(kind, text);
    return { kind, text, at };
  }

  function wordHere(): readonly [Kind, string] {
    const space = take(SPACE);
    if (space !== undefined) return ['space', spaceBefore(at + space.length, space)];
    const quoted = take(QUOTED) ?? take(RAW);
    if (quoted !== undefined) return ['string', quoted];
    const char = take(CHAR);
    if (char !== undefined) return ['char', char];
    if (/^(?:[\d+-]|\.\d)/.test(source.slice(at, at + 2))) return ['number', numberHere()];
    const variable = take(VARIABLE);
    if (variable !== undefined) return ['variable', terminated(variable)];
    const field = take(FIELD);
    if (field !== undefined) return field === '.' ? ['dot', terminated(field)] : ['field', terminated(field)];
    const name = take(NAME);
    return name === undefined ? ['symbol', symbolHere()] : [kindOfName(name), terminated(name)];
  }

  /** The last space belongs to what trims, ` -}}`. */
  function spaceBefore(end: number, space: string): string {
    const isTrimming = source.startsWith('-}}', end) && space.length > 1;
    return isTrimming ? space.slice(0, -1) : space;
  }

  function symbolHere(): string {
    const symbol = take(/:=|[!-~]/y) ?? fail(`${JSON.stringify(source[at] ?? '')} cannot stand in an action`);
    if (['"', '`', "'"].includes(symbol)) fail('a text is not closed');
    if (symbol === ':') fail('expected :=');
    return symbol;
  }

  function numberHere(): string {
    const number = take(NUMBER) ?? '';
    const rest = source.slice(at + number.length);
    if (/^[+-]/.test(rest)) throw new NotKnownHereError(`the complex number that starts with ${number}`);
    if (number === '' || new RegExp(`^${WORD}`, 'u').test(rest)) fail(`${number} is no number with what follows it`);
    return number;
  }

  function terminated(word: string): string {
    const rest = source.slice(at + word.length, at + word.length + 2);
    if (rest !== '' && rest !== '}}' && !/^[ \t\r\n.,|:)(]/.test(rest)) {
      fail(
        `bad character ${JSON.stringify(String.fromCodePoint(source.codePointAt(at + word.length) ?? 0))} after ${word}`,
      );
    }
    return word;
  }
}

function kindOfName(name: string): Kind {
  if (KEYWORDS.has(name)) return 'keyword';
  return name === 'true' || name === 'false' ? 'bool' : 'identifier';
}
