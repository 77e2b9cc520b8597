import type { Path, SourceObject } from '../../controllers/objects.js';
import type { Report } from './findings.js';

/** The values of arguments, by `args.<name>`. */
export type Values = Readonly<Record<string, string>>;

// What people expect to be filled in: arguments, and the placeholders of an Experiment.
const EXPECTED = /\{\{\s*(?:args|templates|experiment)\./;

/** Reports a placeholder in the value of an argument: arguments are filled into metrics, but not into each other. */
export function lintNested(object: SourceObject, path: Path, value: unknown, report: Report): void {
  const text = String(value ?? '');
  const index = text.search(EXPECTED);
  if (index < 0) return;
  report(
    'foreign-placeholder',
    object.within(path, index),
    `${text.slice(index).replace(/\}\}.*/s, '}}')} is not filled in: Argo Rollouts fills arguments into metrics, and not into other arguments`,
    'write the whole value, or put both placeholders into the metric',
  );
}

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
