import { warn } from '@coalmine/options';
import type { Exclusion } from './exclusion.js';
import type { Request } from './request.js';

/** A rule of the user: it returns who vouches that a request is not a user's, or `false`. */
export type When = (request: Request) => string | false;

/** Returns `when` with a guard: if it fails, the request counts as a user's, with one warning. */
export function guardWhen(when: When): (request: Request) => Exclusion | undefined {
  return (request) => {
    try {
      const said: unknown = when(request);
      if (said === false || said === '') return undefined;
      if (typeof said === 'string') return { reason: 'custom', authority: said };
      fail(`it returned ${describe(said)}, not a string or false`);
    } catch (error) {
      fail(String(error));
    }
    return undefined;
  };

  function fail(why: string): void {
    warn('COALMINE_WHEN_FAILED', `exclude.when failed, so the request counts as a user's: ${why}`, when);
  }
}

function describe(said: unknown): string {
  if (typeof said !== 'object' || said === null) return said === null ? 'null' : `a value of type ${typeof said}`;
  // Nobody else handles this promise, and an unhandled rejection ends the process.
  Promise.resolve(said).catch(() => {});
  return 'then' in said ? 'a promise' : 'an object';
}
