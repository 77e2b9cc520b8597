import { inspect } from 'node:util';

// Enough to find a mistake by, and too little to fill a log or a probe's answer with.
const LENGTH_AT_MOST = 1_000;
// No code of the value's own runs, except for a getter of its tag.
const INSPECTION = {
  depth: 1,
  maxArrayLength: 20,
  maxStringLength: 200,
  breakLength: Number.POSITIVE_INFINITY,
  customInspect: false,
} as const;

/** Returns an error in words, in at most 1,000 characters. Never throws, whatever was thrown. */
export function messageOf(error: unknown): string {
  try {
    if (!(error instanceof Error)) return textOf(error);
    // What Node says of a host with several addresses, none of which answers, has a code and no message.
    return textOf(error.message || (error as NodeJS.ErrnoException).code || error.name);
  } catch {
    return 'an error that cannot be read';
  }
}

/** Returns any value as text of at most 1,000 characters. Never throws. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return shortened(value);
  if (typeof value === 'bigint') return shortened(String(value));
  try {
    return shortened(inspect(value, INSPECTION));
  } catch {
    return 'a value that cannot be read';
  }
}

function shortened(text: string): string {
  return text.length <= LENGTH_AT_MOST ? text : `${text.slice(0, LENGTH_AT_MOST - 1)}…`;
}
