import { parseRouteOptions, type RouteOptions } from './options.js';

/** What several places say of a route together. */
export interface CombinedRouteOptions {
  readonly exclude: boolean;
  readonly objective: Exclude<RouteOptions, false>['objective'];
}

/** Returns what is said of a route with one more place, whose word counts more than what was said before. */
export function combineRouteOptions(
  before: CombinedRouteOptions | undefined,
  options: RouteOptions,
): CombinedRouteOptions {
  if (options === false) return { exclude: true, objective: before?.objective };
  return {
    exclude: options.exclude ?? before?.exclude ?? false,
    objective: options.objective ?? before?.objective,
  };
}

/** Checks all that can be checked before the objective of the service is known. Throws `CoalmineError`. */
export function checkRouteOptions(options: RouteOptions): void {
  // Nothing is below it, so that only what the options say of each other is refused.
  parseRouteOptions(options, { objective: { latency: Number.MIN_VALUE, patience: Number.MIN_VALUE } });
}
