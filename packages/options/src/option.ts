import { InvalidOption } from './invalid-option.js';

/** The type of a list of keys that compiles only if the list has every key of `T`. */
export type WithAllKeys<T, Keys extends readonly PropertyKey[]> = [keyof T] extends [Keys[number]]
  ? Keys
  : Keys & { readonly missing: Exclude<keyof T, Keys[number]> };

/**
 * Returns the value as an object whose keys are all in `keys`, which must list every key of `T`; `{}` if it is absent.
 * Throws {@link InvalidOption}.
 */
export function objectOption<T extends object, const Keys extends readonly (keyof T)[]>(
  name: string,
  value: T | undefined,
  keys: WithAllKeys<T, Keys>,
): Partial<T> {
  if (value === undefined) return {};
  if (!isMapping(value)) throw new InvalidOption(name, `an object with ${keys.join(', ')}`, value);
  for (const key of Object.keys(value) as (keyof T & string)[]) {
    if (!keys.includes(key)) {
      throw new InvalidOption(`${name}.${key}`, `left out: ${name} takes ${keys.join(', ')}`, value[key]);
    }
  }
  return value;
}

/** Returns the value as a finite number of seconds above zero. Throws {@link InvalidOption}. */
export function secondsOption(name: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) {
    throw new InvalidOption(name, 'a finite number of seconds above 0', value);
  }
  return value;
}

/** Returns the value as a finite number of seconds, zero included. Throws {@link InvalidOption}. */
export function secondsOrZeroOption(name: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
    throw new InvalidOption(name, 'a finite number of seconds, 0 or above', value);
  }
  return value;
}

// Eleven days: several of them still fit into one timer.
const LONGEST_WAIT_SECONDS = 1_000_000;

/** Returns the seconds that a timer waits for, where users mean "for ever" by more: Node ends a longer timer at once. */
export function timerSeconds(seconds: number): number {
  return Math.min(seconds, LONGEST_WAIT_SECONDS);
}

/** Returns the value as an integer of at least `least`. Throws {@link InvalidOption}. */
export function integerOption(name: string, value: number | undefined, fallback: number, least: number): number {
  if (value === undefined) return fallback;
  if (!Number.isInteger(value) || value < least) {
    throw new InvalidOption(name, `an integer of at least ${least}`, value);
  }
  return value;
}

/** Returns the value as one of `choices`. Throws {@link InvalidOption}. */
export function choiceOption<T extends string>(
  name: string,
  value: T | undefined,
  choices: readonly T[],
  fallback: T,
): T {
  if (value === undefined) return fallback;
  if (!choices.includes(value)) throw new InvalidOption(name, `one of ${choices.join(', ')}`, value);
  return value;
}

/** Returns the value as a function, or `undefined` if it is absent. Throws {@link InvalidOption}. */
export function functionOption<T>(name: string, value: T | undefined): T | undefined {
  if (value !== undefined && typeof value !== 'function') throw new InvalidOption(name, 'a function', value);
  return value;
}

/** Returns the value as a boolean. Throws {@link InvalidOption}. */
export function booleanOption(name: string, value: boolean | undefined, fallback: boolean): boolean {
  if (value !== undefined && typeof value !== 'boolean') throw new InvalidOption(name, 'true or false', value);
  return value ?? fallback;
}

/**
 * Returns the value as a list whose members all pass `isValid`; the list is empty if the value is absent. `accepted`
 * says what a member must be. Throws {@link InvalidOption} for the list or for its first invalid member.
 */
export function listOption<T>(
  name: string,
  value: readonly T[] | undefined,
  accepted: string,
  isValid: (member: T) => boolean,
): readonly T[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new InvalidOption(name, `a list, of ${accepted} each`, value);
  value.forEach((member, i) => {
    if (!isValid(member)) throw new InvalidOption(`${name}[${i}]`, accepted, member);
  });
  return value;
}

/** Whether a value is an object, and no array. */
export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns the own keys of an object. */
export function keysOf<T extends object>(object: T): readonly (keyof T)[] {
  return Object.keys(object) as (keyof T)[];
}
