// Control characters, C1 among them; those that turn the direction of text or have no width; other ends of a line.
const UNPRINTABLE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A text whose control characters are shown and not obeyed. Line feeds and tabs stay. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** A text in one line, whose control characters are shown and not obeyed. */
export function printableLine(text: string): string {
  return printable(text.replace(/\s*\n\s*/g, ' ').replaceAll('\t', ' '));
}

/** A value with each text in it, names included, as one printable line. */
export function printableTexts<T>(value: T): T {
  if (typeof value === 'string') return printableLine(value) as T;
  if (Array.isArray(value)) return value.map(printableTexts) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [printableLine(key), printableTexts(each)]),
  ) as T;
}

/** JSON that says the same and has no character that a terminal obeys. */
export function printableJson(json: string): string {
  return json.replace(UNPRINTABLE, (character) =>
    Array.from({ length: character.length }, (_, i) => {
      const unit = character.charCodeAt(i).toString(16).padStart(4, '0');
      return `\\u${unit}`;
    }).join(''),
  );
}
