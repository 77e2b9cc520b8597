/** The characters that count as spaces in Go's `unicode.IsSpace`, as the inside of a class. */
export const SPACES = '\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';

/** Compares texts by their bytes in UTF-8, as Go does. */
export function compareTexts(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Whether each byte of a text is a character, so that positions in Go and in JavaScript are the same. */
export function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII has them.
  return /^[\x00-\x7f]*$/.test(text);
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** Replaces the escapes in the inside of a quoted text; a code that is not a character becomes U+FFFD. */
export function unescapeText(inside: string): string {
  return inside.replace(
    /\\(?:([0-7]{3})|x([\da-fA-F]{2})|u\{([\da-fA-F]+)\}|u([\da-fA-F]{4})|U([\da-fA-F]{8})|(.))/gs,
    (_, octal?: string, byte?: string, braced?: string, short?: string, long?: string, letter = '') => {
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
      const code = byte ?? braced ?? short ?? long;
      if (code === undefined) return ESCAPES[letter] ?? letter;
      const point = Number.parseInt(code, 16);
      return point >= 0xd800 && point <= 0xdfff ? '\ufffd' : String.fromCodePoint(point);
    },
  );
}
