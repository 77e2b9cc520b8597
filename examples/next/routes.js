import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Reads the routes that `next build` has written: their patterns, and a function that finds the pattern of a URL. */
export function readRoutes(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, '.next/routes-manifest.json'), 'utf8'));
  // Static routes come first, and Next has sorted the dynamic routes: Next uses the first route that matches.
  const routes = [...manifest.staticRoutes, ...manifest.dynamicRoutes]
    .filter(({ page }) => !page.startsWith('/_'))
    .map(({ page, regex }) => ({ pattern: page, regex: new RegExp(regex) }));
  return {
    patterns: routes.map(({ pattern }) => pattern),
    patternOf(url) {
      const [path] = url.split('?', 1);
      if (path.startsWith('/_next/')) return '/_next/*';
      return routes.find(({ regex }) => regex.test(path))?.pattern;
    },
  };
}
