import { createSecretKey, type KeyObject } from 'node:crypto';

/** A key that markers are signed with. */
export interface SigningKey {
  readonly id: string;
  /** At least 32 characters. Their bytes in UTF-8 are the key. */
  readonly secret: string;
}

/** Users sign with these. */
export const KEY_ID: RegExp = /^[A-Za-z0-9._-]{1,32}$/;
/** A service signs its own requests with these ids, which no key of a user can have. */
export const INTERNAL_KEY_ID: RegExp = /^\([A-Za-z0-9._-]{1,30}\)$/;

const LEAST_CHARACTERS = 32;

/** Completes the sentence "must be …". */
export const ACCEPTED_SECRET: string = `a secret of at least ${LEAST_CHARACTERS} characters`;

export function isSecret(value: unknown): value is string {
  return typeof value === 'string' && value.length >= LEAST_CHARACTERS;
}

export function createKey(secret: string): KeyObject {
  return createSecretKey(secret, 'utf8');
}

/** Returns all that an error may show of a value that may be a secret. */
export function sizeOf(value: unknown): string {
  if (typeof value === 'string') return `${value.length} characters`;
  return Array.isArray(value) ? 'a list' : `a value of type ${value === null ? 'null' : typeof value}`;
}
