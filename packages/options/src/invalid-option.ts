import { CoalmineError } from './coalmine-error.js';

/**
 * An option that cannot be used. `name` is the path that the user typed (`metrics.buckets`). `accepted` completes the
 * sentence "must be …".
 */
export class InvalidOption extends CoalmineError {
  readonly option: string;
  readonly accepted: string;
  readonly value: unknown;

  constructor(option: string, accepted: string, value: unknown) {
    super('COALMINE_INVALID_OPTION', `${option} must be ${accepted}, got ${show(value)}`);
    this.option = option;
    this.accepted = accepted;
    this.value = value;
  }
}

/**
 * Runs `parse`, which reads options that the user typed below `group`. An error of `parse` then names `group.option`.
 * Options listed in `outside` are typed at the top level and keep their name.
 */
export function within<T>(group: string, outside: readonly string[], parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof InvalidOption)) throw error;
    const top = error.option.split('.', 1)[0] ?? '';
    if (outside.includes(top)) throw error;
    throw new InvalidOption(`${group}.${error.option}`, error.accepted, error.value);
  }
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}
