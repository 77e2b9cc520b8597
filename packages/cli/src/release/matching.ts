import { InvalidOption, isMapping } from '@coalmine/options';

/** Decides which text is accepted: a regular expression, or a function with its shape. */
type Pattern = Pick<RegExp, 'test'>;

/** Returns the value as a text that a pattern accepts. Throws `InvalidOption`. */
export function parseMatching(option: string, value: string | undefined, pattern: Pattern, accepted: string): string {
  if (typeof value !== 'string' || !pattern.test(value)) throw new InvalidOption(option, accepted, value);
  return value;
}

/** Returns the value as texts by names, each accepted by a pattern; `{}` if it is absent. Throws `InvalidOption`. */
export function parsePairs(
  option: string,
  value: Readonly<Record<string, string>> | undefined,
  names: { readonly pattern: Pattern; readonly accepted: string },
  values: { readonly pattern: Pattern; readonly accepted: string },
): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  if (!isMapping(value)) throw new InvalidOption(option, 'an object of names and texts', value);
  for (const [name, text] of Object.entries(value)) {
    parseMatching(option, name, names.pattern, `keyed by ${names.accepted}`);
    parseMatching(`${option}.${name}`, text, values.pattern, values.accepted);
  }
  return value;
}
