import { warn } from '@coalmine/options';
import type { CombinedRouteOptions } from './combined-options.js';
import { pathTaken } from './endpoint.js';
import type { Instrument } from './instrument.js';
import type { RoutePattern } from './route-pattern.js';

// For a route that takes every method: the methods that an app most likely means.
const COMMON_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
// More methods than anybody lists; a router lists every method that Node knows.
const MANY_METHODS = 10;

/**
 * Returns the pattern of a route that an adapter finds while the app runs. Never throws: an objective that cannot be
 * used is a warning, and the objective of the service counts.
 */
export function foundPattern(
  instrument: Instrument,
  label: string,
  { exclude, objective }: CombinedRouteOptions = { exclude: false, objective: undefined },
): RoutePattern {
  if (objective === undefined) return instrument.pattern(label, { exclude });
  try {
    return instrument.pattern(label, { exclude, objective });
  } catch (error) {
    const message = `coalmine.route() on ${label} has no effect on the objective: ${String(error)}`;
    warn('COALMINE_INVALID_OPTION', message, objective);
    return instrument.pattern(label, { exclude });
  }
}

/** Returns the methods of a route, in upper case, whose series exist before their first request. */
export function methodsWithZeros(methods: readonly string[] | 'all'): readonly string[] {
  if (methods === 'all' || methods.length > MANY_METHODS) return COMMON_METHODS;
  // A router usually adds HEAD to GET.
  return methods.filter((method) => method !== 'HEAD');
}

/** Warns, once for `route`, that a route is never reached because an endpoint of Coalmine has its path. */
export function warnOfTakenPath(
  { endpoints }: Pick<Instrument, 'endpoints'>,
  label: string,
  methods: readonly string[],
  route: object,
): void {
  const endpoint = endpoints.find(({ path }) => path === label);
  if (endpoint === undefined || !methods.includes('GET')) return;
  warn('COALMINE_PATH_TAKEN', `${pathTaken(endpoint)}. The app's route is never reached.`, route);
}

/**
 * Warns, once, that the internals of a future framework differ: routes lose their names, but the app loses no response.
 */
export function warnOfUnreadRoutes(instrument: Instrument, framework: string, error: unknown): void {
  warn('COALMINE_ROUTES_UNREAD', `The routes of ${framework} could not be read: ${String(error)}`, instrument);
}
