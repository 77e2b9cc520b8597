import type { KeyObject } from 'node:crypto';
import { InvalidOption, isMapping } from '@coalmine/options';
import { ACCEPTED_SECRET, createKey, isSecret, KEY_ID, sizeOf } from './signing-key.js';

/** Who may sign a marker. */
export interface SignedOptions {
  /**
   * Secrets of at least 32 characters by key id (1 to 32 letters, digits, `.`, `_` and `-`). Use two while you change
   * keys.
   */
  readonly keys: Readonly<Record<string, string>>;
}

const ACCEPTED = 'an object of key ids (1 to 32 letters, digits, ".", "_" and "-") and their secrets, at least one';

/**
 * Returns the keys by id. Throws `InvalidOption`.
 *
 * No error shows a value or a key id, because a user may have typed a secret in place of either.
 */
export function parseSigned(option: string, signed: SignedOptions | undefined): ReadonlyMap<string, KeyObject> {
  if (signed === undefined) return new Map();
  if (!isMapping(signed)) throw new InvalidOption(option, 'an object with keys', sizeOf(signed));
  const { keys, ...others } = signed;
  const other = Object.values(others);
  if (other.length > 0) {
    throw new InvalidOption(option, 'an object with keys and nothing else', `another key of ${sizeOf(other[0])}`);
  }
  if (!isMapping(keys)) throw new InvalidOption(`${option}.keys`, ACCEPTED, sizeOf(keys));
  const entries = Object.entries(keys);
  if (entries.length === 0) throw new InvalidOption(`${option}.keys`, ACCEPTED, 'none');
  return new Map(
    entries.map(([id, secret], i) => {
      const entry = `key ${i + 1} of ${entries.length}`;
      if (!KEY_ID.test(id)) throw new InvalidOption(`${option}.keys`, ACCEPTED, `an id of ${sizeOf(id)} for ${entry}`);
      if (!isSecret(secret)) {
        throw new InvalidOption(`${option}.keys`, `${ACCEPTED_SECRET} each`, `${sizeOf(secret)} for ${entry}`);
      }
      return [id, createKey(secret)];
    }),
  );
}
