import { showCount, showPlural, showShare } from '../../controllers/shown.js';
import { PERSISTENCE } from '../../queries/persistence.js';
import { LEFT } from '../../queries/responses.js';
import { CATCH_ALL } from '../../queries/series.js';
import type { Counts, RouteCounts } from '../result.js';
import { shareOf } from './counts.js';

/** Returns whether a route responds to paths that no other route knows, or stable does not know it. */
export function isUnmatched({ route, stable }: RouteCounts): boolean {
  return IS_CATCH_ALL.test(route) || (stable?.requests ?? 0) === 0;
}

const IS_CATCH_ALL = new RegExp(`^(?:${CATCH_ALL})$`);

/** Returns whether middleware respond on a route: to paths that no other route knows, or where no request is served. */
export function isOfMiddleware(counts: RouteCounts): boolean {
  return IS_CATCH_ALL.test(counts.route) || servesNothing(counts, /^[34]/);
}

/** Returns the responses that are no 404. */
export function servedBy({ requests, answers }: Counts): number {
  return requests - (answers['404'] ?? 0);
}

/** One kind of responses of a route, on both sides. */
export interface Part {
  readonly excess: number;
  readonly text: string;
}

/** How many routes a sentence names. */
export const MOST = 3;

/** Returns the routes that differ most, in words: as many as the metric counted. */
export function ofRoutes(
  routes: readonly RouteCounts[],
  value: number,
  said: string,
  partsOf: (counts: RouteCounts) => readonly (Part | undefined)[],
  most: number = Math.round(value),
): string | undefined {
  if (value === 0) return undefined;
  const differing = routes
    .flatMap((counts) => partsOf(counts).flatMap((part) => (part === undefined ? [] : [{ ...counts, ...part }])))
    .sort((a, b) => b.excess - a.excess)
    .slice(0, most);
  const texts = differing.slice(0, MOST).map(({ method, route, text }) => `${method} ${route}: ${text}`);
  return texts.length === 0
    ? `${showPlural(value, 'route', 'routes')} ${said} beside stable`
    : texts.join('; ') + more(differing);
}

/** The requests with a method to all routes, on both sides. */
interface Totals {
  readonly canary: number;
  readonly stable: number;
}

export function totalsOf(routes: readonly RouteCounts[], { method }: Pick<RouteCounts, 'method'>): Totals {
  const sum = (side: 'canary' | 'stable'): number =>
    routes.reduce((total, counts) => total + (counts.method === method ? (counts[side]?.requests ?? 0) : 0), 0);
  return { canary: sum('canary'), stable: sum('stable') };
}

/**
 * Returns whether a route serves nothing on both sides, as the mount of a middleware does: all requests fail or have
 * responses of some kinds, usually 4xx.
 */
export function servesNothing({ canary, stable = canary }: RouteCounts, kinds: RegExp = /^4/): boolean {
  return [canary, stable].every(({ requests, failed, answers }) => {
    const refused = Object.entries(answers).reduce((sum, [kind, count]) => (kinds.test(kind) ? sum + count : sum), 0);
    return requests - failed - refused < 0.5;
  });
}

/** Tells of the responses of each kind, as a share of the requests to the route, or with its method. */
export function answersOf({ canary, stable }: RouteCounts, all?: Totals): readonly (Part | undefined)[] {
  return Object.entries(canary.answers)
    .filter(([kind]) => kind !== LEFT)
    .map(([kind, answered]) =>
      parts(
        `got ${kind}`,
        answered,
        all?.canary ?? canary.requests,
        stable?.answers[kind] ?? 0,
        all?.stable ?? stable?.requests,
      ),
    );
}

/** Tells of the requests that failed. */
export function failedOf({ canary, stable }: RouteCounts): Part | undefined {
  return parts('failed', canary.failed, canary.requests, stable?.failed, stable?.requests);
}

/** Tells of clients that left before the response, if they are so many that a rollout pauses. */
export function leftOf({ canary, stable }: RouteCounts): Part | undefined {
  const [left, ofStable] = [canary.answers[LEFT] ?? 0, stable?.answers[LEFT] ?? 0];
  const part = parts('lost their client before the response (499)', left, canary.requests, ofStable, stable?.requests);
  return part === undefined || part.excess <= PERSISTENCE.left ? undefined : part;
}

/** Tells of a route that nobody reaches on the canary: after all others, because a quiet route looks the same. */
export function unreachedOf({ canary, stable }: RouteCounts): Part | undefined {
  if (canary.requests >= 0.5 || stable === undefined) return undefined;
  return { excess: 0, text: `no request reached it (stable: ${showCount(stable.requests)})` };
}

/** Returns what happened to some of the requests of a route more often than on stable; `undefined` if it did not. */
export function parts(said: string, bad: number, all: number, badOfStable = 0, allOfStable = 0): Part | undefined {
  const excess = shareOf(bad, all) - shareOf(badOfStable, allOfStable);
  if (excess <= 0 || bad < 0.5) return undefined;
  return {
    excess,
    text: `${showCount(bad)} of ${showPlural(all, 'request', 'requests')} ${said} (${showShare(shareOf(bad, all))}), stable: ${showCount(badOfStable)} of ${showCount(allOfStable)}`,
  };
}

/** Returns how many of them {@link MOST} leaves out, in words. */
export function more(all: readonly unknown[]): string {
  return all.length > MOST ? `, and ${all.length - MOST} more` : '';
}
