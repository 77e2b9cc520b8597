import { messageOf, textOf } from '@coalmine/options';
import { directCausesOf } from './error.js';

const ERRORS_AT_MOST = 8;

/**
 * Returns why something failed, on one line: the message of a wrapper, then of its cause. Drizzle's wrapper contains
 * only the query, and Prisma's begins with a piece of the caller's code; both are left out. Never throws.
 */
export function reasonOf(error: unknown): string {
  try {
    return textOf(describe(error, new Set()) || oneLine(messageOf(error)));
  } catch {
    // The members of this error cannot be read.
    return oneLine(messageOf(error));
  }
}

/** Returns a text without a stack, line breaks and other control characters. */
export function oneLine(text: string): string {
  const [message = ''] = text.split(/\n\s+at /, 1);
  return message.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}

function describe(error: unknown, seen: Set<unknown>): string {
  if (typeof error !== 'object' || error === null || seen.has(error) || seen.size >= ERRORS_AT_MOST) return '';
  seen.add(error);
  const record = error as Readonly<Record<string, unknown>>;
  const own = wordsOf(record);
  const causes = directCausesOf(record)
    .map((cause) => describe(cause, seen))
    .filter((text, i, all) => text !== '' && all.indexOf(text) === i && !own.includes(text));
  const cause = causes.join('; ');
  if (cause === '') return isQuery(own) ? '' : own;
  return own === '' || isQuery(own) || cause.includes(own) ? cause : `${own.replace(/[.:]$/, '')}: ${cause}`;
}

/** Returns the message of an error, or the text that Prisma has in its place. */
function wordsOf({ message, originalMessage }: Readonly<Record<string, unknown>>): string {
  for (const text of [message, originalMessage]) {
    if (typeof text === 'string' && text !== '') return oneLine(withoutInvocation(text));
  }
  return '';
}

/** Returns Prisma's message without the failed call and the code around it. */
function withoutInvocation(text: string): string {
  const header = /^\s*Invalid `[^`]*` invocation(?: in\n[^\n]*)?:?/.exec(text);
  if (header === null) return text;
  const lines = text.slice(header[0].length).split('\n');
  return lines.filter((line) => !/^(?:→| )\s*\d+ /.test(line)).join('\n');
}

function isQuery(text: string): boolean {
  return text.startsWith('Failed query:');
}
