// A slash after one of these begins a regular expression, and does not divide.
const BEFORE_REGEXP = /(?:^|[([{,;=:!&|?+\-*%~^<>]|\b(?:return|typeof|case|in|of|void|throw|await|yield))\s*$/;

/**
 * Returns JavaScript or TypeScript source in which comments and the contents of quotes and regular expressions are
 * blanks. The length is the same, so that an index means the same place in both.
 */
export function blankSource(source: string): string {
  let code = '';
  while (code.length < source.length) {
    const at = code.length;
    const end = endOfText(source, at, code);
    if (end === undefined) code += source[at];
    else code += isQuote(source[at]) ? blankQuoted(source, at, end) : blanks(end - at);
  }
  return code;
}

/**
 * Returns where the comment, the quotes or the regular expression that starts there ends; `undefined` if none starts
 * there.
 */
function endOfText(source: string, at: number, before: string): number | undefined {
  const pair = source.slice(at, at + 2);
  if (pair === '//') return indexAfter(source, '\n', at, 0);
  if (pair === '/*') return indexAfter(source, '*/', at + 2, 2);
  const first = source[at];
  if (isQuote(first)) return endOfQuoted(source, at, first);
  if (first === '/' && BEFORE_REGEXP.test(before.slice(-20))) return endOfRegexp(source, at);
  return undefined;
}

function endOfQuoted(source: string, at: number, quote: string): number {
  for (let i = at + 1; i < source.length; i++) {
    if (source[i] === '\\') i++;
    else if (source[i] === quote) return i + 1;
    // Only a template continues on the next line, so this was not a quote.
    else if (quote !== '`' && source[i] === '\n') return i;
    else if (quote === '`' && source.startsWith('${', i)) i = endOfPlaceholder(source, i + 2) - 1;
  }
  return source.length;
}

/** Returns the index after the brace that closes a placeholder of a template. */
function endOfPlaceholder(source: string, at: number): number {
  let depth = 1;
  for (let i = at; i < source.length; i++) {
    const first = source[i];
    if (isQuote(first)) i = endOfQuoted(source, i, first) - 1;
    else if (first === '{') depth++;
    else if (first === '}' && --depth === 0) return i + 1;
  }
  return source.length;
}

function endOfRegexp(source: string, at: number): number | undefined {
  let isInClass = false;
  for (let i = at + 1; i < source.length && source[i] !== '\n'; i++) {
    if (source[i] === '\\') i++;
    else if (source[i] === '[') isInClass = true;
    else if (source[i] === ']') isInClass = false;
    else if (source[i] === '/' && !isInClass) return i + 1;
  }
  return undefined;
}

function blankQuoted(source: string, at: number, end: number): string {
  return `${source[at]}${blanks(Math.max(0, end - at - 2))}${end - at > 1 ? source[end - 1] : ''}`;
}

function indexAfter(source: string, text: string, from: number, length: number): number {
  const index = source.indexOf(text, from);
  return index < 0 ? source.length : index + length;
}

function isQuote(character: string | undefined): character is string {
  return character === '"' || character === "'" || character === '`';
}

function blanks(length: number): string {
  return ' '.repeat(length);
}
