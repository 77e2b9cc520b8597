import type { Path } from './yaml.js';

/** The rules by which an API server or a controller refuses an object. */
export type FaultRule =
  | 'unknown-field'
  | 'missing-field'
  | 'wrong-type'
  | 'refused-value'
  | 'refused-together'
  | 'missing-reference'
  | 'invalid-address';

/** The reason why an API server or a controller refuses an object. */
export interface Fault {
  readonly rule: FaultRule;
  /** The wrong field, or the mapping that lacks one. */
  readonly path: Path;
  /**
   * For a missing field, the names of which one is required; for an unknown field, the name that was meant. A field
   * that is only misspelt or misplaced does not count as missing as well.
   */
  readonly fields?: readonly string[];
  readonly message: string;
  readonly repair: string;
}

/** Returns a path as Kubernetes writes it: `spec.steps[0].setWeight`. */
export function showPath(path: Path): string {
  const shown = path
    .map((key) => (typeof key === 'number' ? `[${key}]` : /^[\w-]+$/.test(key) ? `.${key}` : `["${key}"]`))
    .join('');
  return shown.replace(/^\./, '');
}

/** Returns a value as a message shows it, short enough for one line. */
export function showValue(value: unknown): string {
  const text = typeof value === 'string' && value !== '' ? value : (JSON.stringify(value) ?? 'nothing');
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
