import { blankSource } from './blank-source.js';

// TypeORM reads a timestamp out of the last 13 characters, and refuses a migration without one.
const STAMPED = /\d.{12}$/s;
const CLASS = /\bclass\b(?:\s+(?!extends\b|implements\b)([\w$]+))?[^{;()]*(?:\([^{]*\)[^{;]*)?\{/g;
// The form in which TypeScript compiles a class for old targets.
const CONSTRUCTOR = /\bfunction\s+([\w$]*\d{13})\s*\([^)]*\)\s*\{/g;
const ASSIGNED = /(?:\.|\b(?:const|let|var)\s+)([\w$]+)\s*=\s*$/;
// A field, a getter, an assignment in the constructor, and the helpers of compilers for those.
const FIELD = /(?:^|[\s;{}])name\s*[?!]?\s*(?::[^=;{}]*)?=\s*/g;
const GETTER = /\bget\s+name\s*\(\s*\)[^{]*\{\s*return\s*/g;
const ASSIGNMENT = /\bthis\.name\s*=\s*/g;
const HELPER = /\(\s*this\s*,\s*(["'])name\1\s*,\s*/g;

/**
 * Returns the names under which TypeORM records the migrations of a file of JavaScript or TypeScript: the names of its
 * classes, or the value of their `name`. Returns `undefined` if the file has a migration whose name cannot be read.
 */
export function typeormNames(source: string): readonly string[] | undefined {
  const code = blankSource(source);
  const names: string[] = [];
  let isUnread = false;
  for (const { name, start, end, isAbstract } of classesOf(code)) {
    const given = nameIn(source, code, start, end);
    const recorded = given ?? name;
    if (recorded !== undefined && STAMPED.test(recorded)) names.push(recorded);
    else if (!isAbstract && isMigration(code.slice(start, end))) isUnread = true;
  }
  return isUnread ? undefined : names;
}

interface Class {
  readonly name: string | undefined;
  /** The start of the text between its braces. */
  readonly start: number;
  readonly end: number;
  readonly isAbstract: boolean;
}

function classesOf(code: string): readonly Class[] {
  return [...code.matchAll(CLASS), ...code.matchAll(CONSTRUCTOR)].map((match) => {
    const before = code.slice(0, match.index);
    const start = match.index + match[0].length;
    return {
      name: match[1] ?? ASSIGNED.exec(before)?.[1],
      start,
      end: endOfBlock(code, start),
      isAbstract: /\babstract\s+$/.test(before),
    };
  });
}

/** Returns the `name` that a class gives to its instances; `undefined` if it is not a plain text. */
function nameIn(source: string, code: string, start: number, end: number): string | undefined {
  const body = code.slice(start, end);
  const places = [
    ...withoutBlocks(body).matchAll(FIELD),
    ...body.matchAll(GETTER),
    ...body.matchAll(ASSIGNMENT),
    ...source.slice(start, end).matchAll(HELPER),
  ];
  for (const { index, 0: text } of places) {
    const at = start + index + text.length;
    const quote = /["'`]/.exec(source[at] ?? '')?.[0];
    if (quote !== undefined) return source.slice(at + 1, code.indexOf(quote, at + 1));
  }
  return undefined;
}

function isMigration(body: string): boolean {
  return /\bup\s*\(/.test(body) && /\bdown\s*\(/.test(body);
}

/** Returns the body of a class with blanks in place of its nested blocks. */
function withoutBlocks(body: string): string {
  let depth = 0;
  return body.replace(/[\s\S]/g, (character) => {
    if (character === '}') depth--;
    const shown = depth === 0 ? character : ' ';
    if (character === '{') depth++;
    return shown;
  });
}

function endOfBlock(code: string, start: number): number {
  let depth = 1;
  for (let i = start; i < code.length; i++) {
    if (code[i] === '{') depth++;
    else if (code[i] === '}' && --depth === 0) return i;
  }
  return code.length;
}
