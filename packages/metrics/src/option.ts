import { CoalmineError } from './coalmine-error.js';

/**
 * An option that cannot be used: `name` is the path a user typed (`metrics.buckets`), `accepted` completes the
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
 * Runs `parse`, whose options a user typed below `group`, so that its complaints name `group.option`.
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

/** The value as an object whose keys are all in `keys`; `{}` when absent. Throws {@link InvalidOption}. */
export function objectOption<T extends object>(
  name: string,
  value: T | undefined,
  keys: readonly string[],
): Partial<T> {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidOption(name, `an object with ${list(keys)}`, value);
  }
  for (const key of Object.keys(value)) {
    if (!keys.includes(key)) {
      throw new InvalidOption(`${name}.${key}`, `left out: ${name} takes ${list(keys)}`, (value as never)[key]);
    }
  }
  return value;
}

/** The value as a finite number of seconds above zero. Throws {@link InvalidOption}. */
export function secondsOption(name: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) {
    throw new InvalidOption(name, 'a finite number of seconds above 0', value);
  }
  return value;
}

/** The value as an integer of at least `least`. Throws {@link InvalidOption}. */
export function integerOption(name: string, value: number | undefined, fallback: number, least: number): number {
  if (value === undefined) return fallback;
  if (!Number.isInteger(value) || value < least) {
    throw new InvalidOption(name, `an integer of at least ${least}`, value);
  }
  return value;
}

/** The value as a function, or `undefined` when absent. Throws {@link InvalidOption}. */
export function functionOption<T>(name: string, value: T | undefined): T | undefined {
  if (value !== undefined && typeof value !== 'function') throw new InvalidOption(name, 'a function', value);
  return value;
}

/** The value as a boolean. Throws {@link InvalidOption}. */
export function booleanOption(name: string, value: boolean | undefined, fallback: boolean): boolean {
  if (value !== undefined && typeof value !== 'boolean') throw new InvalidOption(name, 'true or false', value);
  return value ?? fallback;
}

function list(keys: readonly string[]): string {
  return keys.join(', ');
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}
