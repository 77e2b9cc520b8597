/** A mapping of YAML, of whatever content. */
export type Mapping = Readonly<Record<string, unknown>>;

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The mapping at a path of names; an empty one where something else stands, or nothing. */
export function mappingAt(value: unknown, ...names: readonly string[]): Mapping {
  const found = valueAt(value, ...names);
  return isMapping(found) ? found : {};
}

/** The list at a path of names; an empty one where something else stands, or nothing. */
export function listAt(value: unknown, ...names: readonly string[]): readonly unknown[] {
  const found = valueAt(value, ...names);
  return Array.isArray(found) ? found : [];
}

/** The text at a path of names; an empty one where something else stands, or nothing. */
export function textAt(value: unknown, ...names: readonly string[]): string {
  const found = valueAt(value, ...names);
  return typeof found === 'string' ? found : '';
}

/** The number at a path of names; `undefined` where something else stands, or nothing. */
export function numberAt(value: unknown, ...names: readonly string[]): number | undefined {
  const found = valueAt(value, ...names);
  return typeof found === 'number' ? found : undefined;
}

/** Whether a mapping has a field with a value. Kubernetes takes `null` for nothing. */
export function has(value: unknown, ...names: readonly string[]): boolean {
  return valueAt(value, ...names) != null;
}

/** The value at a path of names; `undefined` where there is none. */
export function valueAt(value: unknown, ...names: readonly string[]): unknown {
  let found = value;
  for (const name of names) found = isMapping(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  return found;
}
