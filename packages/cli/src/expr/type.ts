/**
 * What is known of a value before the evaluation. Nothing is known of `unknown`; `any` is Go's `interface{}`, to which
 * every type can be assigned.
 */
export type Type =
  | 'unknown'
  | 'any'
  | 'nil'
  | 'bool'
  | 'int'
  | 'int64'
  | 'float'
  | 'string'
  | 'time'
  | 'duration'
  | 'map'
  | 'groups'
  | ArrayType
  | FunctionType;

/** The element types of slices in Go: `[]any`, `[]int`, `[]float64` or `[]string`. */
export type SliceOf = 'any' | 'int' | 'float' | 'string';

export interface ArrayType {
  readonly slice: SliceOf;
  /** Type of the elements, as far as it is known: a `[]any` may contain only integers. */
  readonly of: Type;
}

export interface FunctionType {
  readonly params: readonly Type[];
  readonly returns: Type;
}

/** Returns the type of a Go slice whose elements are not known more exactly. */
export function sliceOf(slice: SliceOf): ArrayType {
  return { slice, of: slice };
}

/** Returns a `[]any` whose elements have a type. */
export function arrayOf(of: Type): ArrayType {
  return { slice: 'any', of };
}

export function isArray(type: Type): type is ArrayType {
  return typeof type === 'object' && 'slice' in type;
}

export function isFunction(type: Type): type is FunctionType {
  return typeof type === 'object' && 'params' in type;
}

export function isUnknown(type: Type): boolean {
  return type === 'unknown' || type === 'any';
}

export function isInteger(type: Type): boolean {
  return type === 'int' || type === 'int64';
}

export function isNumber(type: Type): boolean {
  return isInteger(type) || type === 'float';
}

/** Whether a value of a type can be assigned to a variable of another. */
export function isAssignable(type: Type, to: Type): boolean {
  if (type === 'nil') return to === 'any' || to === 'map' || to === 'groups' || typeof to === 'object';
  if (type === 'unknown' || to === 'unknown' || to === 'nil') return false;
  return to === 'any' || typeName(type) === typeName(to);
}

/** Returns Go's name of a type. */
export function typeName(type: Type): string {
  if (isArray(type)) return `[]${typeName(type.slice)}`;
  if (isFunction(type)) return `func(${type.params.map(typeName).join(', ')}) ${typeName(type.returns)}`;
  const names: Readonly<Record<string, string>> = {
    any: 'interface {}',
    float: 'float64',
    time: 'time.Time',
    duration: 'time.Duration',
    map: 'map[string]interface {}',
    groups: 'map[interface {}][]interface {}',
  };
  return names[type] ?? type;
}
