import { FUNCTIONS } from '../../expr/functions.js';

// What expr-lang has beside the functions that conditions of numbers need.
const OTHER_FUNCTIONS =
  'bitand bitnand bitnot bitor bitshl bitshr bitushr bitxor concat date find findIndex findLast findLastIndex flatten fromBase64 fromJSON fromPairs groupBy hasPrefix hasSuffix indexOf join keys lastIndexOf lower reduce repeat replace reverse sort sortBy split splitAfter string take timezone toBase64 toJSON toPairs trim trimPrefix trimSuffix type uniq upper values'
    .split(' ')
    .filter((name) => FUNCTIONS[name] === undefined);
const CALL = new RegExp(String.raw`\b(?:${OTHER_FUNCTIONS.join('|')})\s*\(`);
const SYNTAX = /\blet\s|\.\.|;|\?\.|\bif\b[^{]*\{|\b(?:contains|matches|startsWith|endsWith)\b|\bsum\s*\([^()]*,/;
const STRING = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g;

/** Whether an expression has in it what expr-lang has, and what is not evaluated here. */
export function isBeyondExpr(expression: string): boolean {
  const code = expression.replace(STRING, '""');
  return CALL.test(code) || SYNTAX.test(code);
}
