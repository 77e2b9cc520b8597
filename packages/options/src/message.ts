import { inspect } from 'node:util';

// Long enough to find a mistake, and short enough for a log and for the response to a probe.
const LENGTH_AT_MOST = 1_000;
// The inspection runs no code of the value, except a getter of its tag.
const INSPECTION = {
  depth: 1,
  maxArrayLength: 20,
  maxStringLength: 200,
  breakLength: Number.POSITIVE_INFINITY,
  customInspect: false,
} as const;

/** Returns an error as text of at most 1,000 characters. Never throws, whatever was thrown. */
export function messageOf(error: unknown): string {
  try {
    if (!(error instanceof Error)) return textOf(error);
    // If a host has several addresses and no address responds, the error of Node has a code and no message.
    return textOf(error.message || (error as NodeJS.ErrnoException).code || error.name);
  } catch {
    return 'an error that cannot be read';
  }
}

/** Returns any value as text of at most 1,000 characters. Never throws. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return shorten(value);
  if (typeof value === 'bigint') return shorten(String(value));
  try {
    return shorten(inspect(value, INSPECTION));
  } catch {
    return 'a value that cannot be read';
  }
}

function shorten(text: string): string {
  return text.length <= LENGTH_AT_MOST ? text : `${text.slice(0, LENGTH_AT_MOST - 1)}…`;
}
