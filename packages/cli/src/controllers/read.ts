import { isMapping } from '@coalmine/options';

/** A mapping of YAML, with any content. */
export type Mapping = Readonly<Record<string, unknown>>;

/** Returns the mapping at a path of names, or an empty one if there is none. */
export function mappingAt(value: unknown, ...names: readonly string[]): Mapping {
  const found = valueAt(value, ...names);
  return isMapping(found) ? found : {};
}

/** Returns the list at a path of names, or an empty one if there is none. */
export function listAt(value: unknown, ...names: readonly string[]): readonly unknown[] {
  const found = valueAt(value, ...names);
  return Array.isArray(found) ? found : [];
}

/** Returns the text at a path of names, or an empty one if there is none. */
export function textAt(value: unknown, ...names: readonly string[]): string {
  const found = valueAt(value, ...names);
  return typeof found === 'string' ? found : '';
}

/** Returns the number at a path of names, or `undefined` if there is none. */
export function numberAt(value: unknown, ...names: readonly string[]): number | undefined {
  const found = valueAt(value, ...names);
  return typeof found === 'number' ? found : undefined;
}

/** Whether a mapping has a field with a value. In Kubernetes, `null` means no value. */
export function has(value: unknown, ...names: readonly string[]): boolean {
  return valueAt(value, ...names) != null;
}

/** Returns the value at a path of names, or `undefined` if there is none. */
export function valueAt(value: unknown, ...names: readonly string[]): unknown {
  let found = value;
  for (const name of names) found = isMapping(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  return found;
}
