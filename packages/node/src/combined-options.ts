import { parseRouteOptions, type RouteOptions } from './options.js';

/** The options of a route from several places, combined. */
export interface CombinedRouteOptions {
  readonly exclude: boolean;
  readonly objective: Exclude<RouteOptions, false>['objective'];
}

/** Returns the options of a route with one more place, which overrides the places before it. */
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

/** Checks everything that can be checked before the objective of the service is known. Throws `CoalmineError`. */
export function checkRouteOptions(options: RouteOptions): void {
  // No latency is below this one, so only conflicts between the options themselves are refused.
  parseRouteOptions(options, { objective: { latency: Number.MIN_VALUE, patience: Number.MIN_VALUE } });
}
