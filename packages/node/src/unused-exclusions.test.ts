import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type UnusedExclusions, watchUnusedExclusions } from './unused-exclusions.js';

/** Returns the warnings of a watch of patterns, in an app with a page, once some routes are known. */
async function warningsAfter(
  patterns: readonly string[],
  act: (unused: UnusedExclusions) => void = () => {},
): Promise<readonly string[]> {
  const texts: string[] = [];
  const listen = (warning: Error & { readonly code?: string }) => texts.push(`${warning.code} ${warning.message}`);
  process.on('warning', listen);
  onTestFinished(() => void process.off('warning', listen));
  const unused = watchUnusedExclusions(patterns, ['/metrics', '/livez']);
  unused.found('/page');
  act(unused);
  unused.warn();
  unused.warn();
  await setImmediate();
  return texts;
}

describe('patterns that exclude nothing', () => {
  it('are named once each, with their place in the option', async () => {
    expect(await warningsAfter(['/page', '/jobs/*', '/jbos'])).toEqual([
      'COALMINE_INVALID_OPTION traffic.exclude.routes[1] excludes nothing so far: no known route has the pattern "/jobs/*", and patterns are compared as text, with the label `route`',
      'COALMINE_INVALID_OPTION traffic.exclude.routes[2] excludes nothing so far: no known route has the pattern "/jbos", and patterns are compared as text, with the label `route`',
    ]);
  });

  it.each<[kind: string, pattern: string, act?: (unused: UnusedExclusions) => void]>([
    ['a route', '/page'],
    ['a route, but for a slash', '/page/'],
    ['an endpoint of ours', '/livez'],
    ['a route that is found late', '/late', (unused) => unused.found('/late')],
    ['a name that the app gives', 'a name', (unused) => unused.named('a name')],
  ])('are not those of %s', async (_kind, pattern, act) => {
    expect(await warningsAfter([pattern], act)).toEqual([]);
  });

  it('are not named if a route that is not known yet may have them', async () => {
    const mayHaveRoute = (pattern: string) => pattern === '/later';
    const warnings = await warningsAfter(['/later', '/jbos'], (unused) => unused.warn(mayHaveRoute));
    expect(warnings).toEqual([expect.stringContaining('"/jbos"')]);
  });

  it('are not known in an app whose routes no adapter finds', async () => {
    const unused = watchUnusedExclusions(['/jobs'], []);
    unused.named('/page');
    expect(await warningsAfter([], () => unused.warn())).toEqual([]);
  });
});
