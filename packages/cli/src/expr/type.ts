/** What is known of a value before it is there. `any` may be nothing at all. */
export type Type = 'bool' | 'int' | 'float' | 'string' | 'nil' | 'time' | 'duration' | 'any' | { readonly of: Type };

/** A value at run time. A duration is in nanoseconds, as in Go; a time is a `Date`. */
export type Value = boolean | number | string | null | Date | readonly Value[];

/** A type by the name that Go has for it. */
export function typeName(type: Type): string {
  if (typeof type === 'object') return `[]${typeName(type.of)}`;
  return (
    { float: 'float64', time: 'time.Time', duration: 'time.Duration', any: 'interface {}' }[type as string] ?? type
  );
}

export function isNumber(type: Type): boolean {
  return type === 'int' || type === 'float' || type === 'any';
}

export function isArray(type: Type): type is { readonly of: Type } {
  return typeof type === 'object';
}
