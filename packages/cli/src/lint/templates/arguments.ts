/** The values of arguments, by `args.<name>`. */
export type Values = Readonly<Record<string, string>>;

/** Returns a text with the known arguments filled in. */
export function fillIn(text: string, values: Values): string {
  return text.replace(/\{\{\s*(.*?)\s*\}\}/g, (whole, name: string) => values[name] ?? whole);
}

/** Returns an integer, also from an argument; `NaN` for an argument without a value; `undefined` if there is none. */
export function wholeIn(value: number | string | undefined, values: Values): number | undefined {
  return value === undefined || value === '' ? undefined : Number(fillIn(String(value), values));
}

/** Returns a value of any shape with the known arguments filled into its texts. */
export function fillInAll<T>(value: T, values: Values): T {
  const escaped = Object.entries(values).map(([name, text]) => [name, JSON.stringify(text).slice(1, -1)]);
  return JSON.parse(fillIn(JSON.stringify(value), Object.fromEntries(escaped))) as T;
}
