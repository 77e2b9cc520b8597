import { warn } from '@coalmine/options';

/** The patterns of `exclude.routes` that no route has had so far. */
export interface UnusedExclusions {
  /** Notes the pattern of a route that an adapter has found in the app. */
  found(pattern: string): void;
  /** Notes the pattern that the app has given to one request. */
  named(pattern: string): void;
  /**
   * Warns of each pattern that is left, once, unless a route that is not known yet may have it. Does nothing in an app
   * whose routes no adapter finds.
   */
  warn(mayHaveRoute?: (pattern: string) => boolean): void;
}

/**
 * Watches for patterns without a route: a spelling mistake, or a path with a wildcard, excludes nothing.
 *
 * @param patterns as the user lists them
 * @param served the paths of our endpoints, which are excluded anyway
 */
export function watchUnusedExclusions(patterns: readonly string[], served: readonly string[]): UnusedExclusions {
  const unused = new Set(patterns);
  let isAnyFound = false;
  for (const path of served) remove(path);

  return {
    found(pattern) {
      isAnyFound = true;
      remove(pattern);
    },
    named: remove,
    warn(mayHaveRoute = () => false) {
      if (!isAnyFound || unused.size === 0) return;
      for (const pattern of unused) {
        if (mayHaveRoute(pattern)) continue;
        const option = `traffic.exclude.routes[${patterns.indexOf(pattern)}]`;
        const message = `${option} excludes nothing so far: no known route has the pattern ${JSON.stringify(pattern)}, and patterns are compared as text, with the label \`route\``;
        warn('COALMINE_INVALID_OPTION', message);
      }
      unused.clear();
    },
  };

  function remove(pattern: string): void {
    if (unused.size === 0) return;
    unused.delete(pattern);
    // A slash at the end makes no difference.
    unused.delete(`${pattern}/`);
  }
}
