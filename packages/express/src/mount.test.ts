import { describe, expect, it } from 'vitest';
import type { Layer } from './express.js';
import { baseUrlsOf, mountOf, mountsOf, OPAQUE } from './mount.js';

/** Returns a layer of a router that keeps the path of each mount. */
function layerAt(rawPath: NonNullable<Layer['rawPath']>): Layer {
  return { rawPath, handle: () => {} } as unknown as Layer;
}

const patternsOf = (layer: Layer): readonly (string | undefined)[] => mountsOf(layer).map((mount) => mount?.pattern);

describe('the mount at a path', () => {
  it.each([
    ['/', ''],
    ['', ''],
    ['/api', '/api'],
    ['/api/', '/api'],
    ['api', '/api'],
    ['/:tenant/items', '/:tenant/items'],
  ])('%j is the pattern %j', (path, pattern) => {
    expect(mountOf(path)).toEqual({ pattern, scope: pattern });
    expect(patternsOf(layerAt(path))).toEqual([pattern]);
  });

  it('has no pattern if it is a regular expression, but differs from the mount at another expression', () => {
    const [one, other] = [mountOf(/^\/a/), mountOf(/^\/b/)];
    expect([one.pattern, other.pattern]).toEqual([OPAQUE, OPAQUE]);
    expect(one.scope).not.toBe(other.scope);
  });

  it('has a pattern for each of several paths', () => {
    expect(patternsOf(layerAt(['/a', /^\/b/, '/c/:id']))).toEqual(['/a', OPAQUE, '/c/:id']);
  });
});

describe('the expression for the base URLs of a pattern', () => {
  it.each<[pattern: string, matching: readonly string[], others: readonly string[]]>([
    ['', ['', '/'], ['/a']],
    ['/api', ['/api', '/API/'], ['/api/v1', '/ap', '/apis']],
    ['/v1.0', ['/v1.0'], ['/v1x0']],
    ['/:tenant/items', ['/shop/items'], ['/items', '/a/b/items']],
    ['/:tenant?/items', ['/shop/items', '/a/b/items'], ['/shop']],
    [`/a/${OPAQUE}`, ['/a/b', '/a/b/c'], ['/b']],
  ])('%j matches %j, and not %j', (pattern, matching, others) => {
    const expression = baseUrlsOf(pattern);
    expect(matching.filter((url) => !expression.test(url))).toEqual([]);
    expect(others.filter((url) => expression.test(url))).toEqual([]);
  });
});
