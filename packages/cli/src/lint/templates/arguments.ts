/** The values of arguments, by `args.<name>`. */
export type Values = Readonly<Record<string, string>>;

/** A text with the arguments filled in that have a value. */
export function filled(text: string, values: Values): string {
  return text.replace(/\{\{\s*(.*?)\s*\}\}/g, (whole, name: string) => values[name] ?? whole);
}

/** An integer, or one that an argument gives, `NaN` of one without a value; `undefined` where there is none. */
export function wholeIn(value: number | string | undefined, values: Values): number | undefined {
  return value === undefined || value === '' ? undefined : Number(filled(String(value), values));
}

/** A value with the arguments filled in that have a value, wherever they stand. */
export function filledIn<T>(value: T, values: Values): T {
  const escaped = Object.entries(values).map(([name, text]) => [name, JSON.stringify(text).slice(1, -1)]);
  return JSON.parse(filled(JSON.stringify(value), Object.fromEntries(escaped))) as T;
}
