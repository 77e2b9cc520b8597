import type { RoutedContext } from './koa.js';

/** The text for a part of a pattern that cannot be known: a path is never a label. */
const OPAQUE = '(mounted)';

/**
 * Returns where `koa-mount` has mounted the router that has a request; empty for a router that is not mounted.
 * `koa-mount` names only the nearest mount, also after a request has left that mount, so the name is compared with the
 * path.
 */
export function mountOf({ mountPath, originalUrl, path }: RoutedContext): string {
  if (mountPath === undefined) return '';
  const [whole = ''] = originalUrl.split('?', 1);
  const inMount = path === '/' && !whole.endsWith('/') ? mountPath : mountPath + path;
  if (whole === inMount) return mountPath;
  return whole.endsWith(inMount) ? OPAQUE + mountPath : '';
}
