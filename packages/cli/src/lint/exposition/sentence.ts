/** Returns some of many values for a sentence. */
export function listSome(values: readonly string[]): string {
  const shown = values.slice(0, 3).map((value) => (value.length > 80 ? `${value.slice(0, 77)}...` : value));
  return values.length <= 3 ? shown.join(', ') : `${shown.join(', ')} and ${values.length - 3} more`;
}

/** Returns text for a message, cut if it is long. */
export function quoteShort(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}
