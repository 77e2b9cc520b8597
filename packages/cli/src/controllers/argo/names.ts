import { compileRegExp } from '../../go/regexp.js';
import { NotKnownHereError } from '../../not-known-here.js';

/**
 * Whether a rule of `dryRun` or `measurementRetention` applies to a metric: its name is a regular expression of Go for
 * a part of the name. An expression that Go refuses applies to none. Throws `NotKnownHereError`.
 */
export function isRuleFor(pattern: string, metric: string): boolean {
  try {
    return compileRegExp(pattern).test(metric);
  } catch (error) {
    if (error instanceof NotKnownHereError) throw error;
    return false;
  }
}

/** Whether a rule applies to a metric, or has an expression that is not known here. */
export function mayBeRuleFor(pattern: string, metric: string): boolean {
  try {
    return isRuleFor(pattern, metric);
  } catch (error) {
    if (error instanceof NotKnownHereError) return true;
    throw error;
  }
}

/** Returns the first name that is in a list twice: the controller refuses two metrics, or two rules, with one name. */
export function firstRepeated<Name extends string | undefined>(names: readonly Name[]): Name | undefined {
  const seen = new Set<Name>();
  return names.find((name) => seen.size === seen.add(name).size);
}
