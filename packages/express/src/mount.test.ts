import { describe, expect, it } from 'vitest';
import type { Layer, Path } from './express.js';
import { layerOf } from './fixtures/express-of.js';
import { baseUrlsOf, knownMounts, learnMounts, mountOf, mountsOf, OPAQUE, stripSlashes } from './mount.js';

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

const pass = (): void => {};

describe('the mount of Express 4, whose paths are read back from a regular expression', () => {
  it.each([
    '/api',
    '/v1.0/a-b_c~d',
    '/:tenant',
    '/:tenant/items/:id',
    '/:from-:to',
    '/:file.json',
    '/:tenant?/items',
    '/items/:id(\\d+)',
    '/items/:id([a-z]{2,3}|all)',
    '/:path*',
    '/:path*/b/:c',
    '/files/*',
    '*',
    '/a(b)?',
    '/a(.*)/:b',
    '/(a|b)/:c',
    '/:a(.*)/:b',
    '/a+b',
    '/a$b',
    '/%20',
    '/\u00fc',
  ])('%j has this path', (path) => {
    const expected = path.startsWith('/') ? path : `/${path}`;
    expect(patternsOf(layerOf('express4', path, pass))).toEqual([expected]);
  });

  it('has each path of an array, with the parameters of each', () => {
    const paths = ['/a/:x', '/b', '/c/:y/:z?'];
    expect(patternsOf(layerOf('express4', paths, pass))).toEqual(paths);
  });

  it.each<[path: Path | readonly Path[]]>([
    [/^\/a/],
    [/^\/a\/?(?=\/|$)|^\/b/],
    [['/a', /^\/b/]],
    [[/a/, /b/]],
    [/^\/a|^\/b\/?(?=\/|$)/],
  ])('is not known if it is a regular expression of the user: %s', (path) => {
    expect(patternsOf(layerOf('express4', path, pass))).toEqual([OPAQUE]);
  });
});

describe('a mount that is not known before it matches', () => {
  /** Returns the pattern that the first Express 5 learns from paths, one after the other. */
  function learned(mount: Path | readonly Path[], ...paths: readonly string[]): readonly (string | undefined)[] {
    const layer = layerOf('express50', mount, pass);
    for (const path of paths) learnMounts(layer, path);
    return patternsOf(layer);
  }

  it.each<[mount: Path, path: string, pattern: string | undefined]>([
    ['/api', '/other', undefined],
    ['/api', '/apis', undefined],
    ['/api', '/api', '/api'],
    ['/Api', '/aPI/', '/api'],
    ['/api', '/api/items/1', '/api'],
    ['/:tenant/items', '/shop/items/1', '/:tenant/items'],
    ['/:tenant/items', '/items/items', '/:tenant/items'],
    ['/:a/:b', '/1/1', '/:a/:b'],
    ['/a/:id', '/a/%zz', undefined],
    ['/:from-:to', '/a-b', OPAQUE],
    ['/a{/:b}', '/a/1', OPAQUE],
    ['/a{/:b}', '/a', OPAQUE],
    ['/files/*path', '/files/a/b', OPAQUE],
    [/^\/a(?<b>.)/, '/ab', OPAQUE],
  ])('%s learns from %j the pattern %j', (mount, path, pattern) => {
    expect(learned(mount, path)).toEqual([pattern]);
  });

  it('is learned once, from the first path that matches', () => {
    expect(learned(['/a', '/:b', /c/], '/x/c', '/a', '/y')).toEqual(['/a', '/:b', OPAQUE]);
    const layer = layerOf('express50', ['/a', '/b'], pass);
    learnMounts(layer, '/b');
    expect(mountsOf(layer)).toEqual([undefined, { pattern: '/b', scope: '/b' }]);
    expect(knownMounts(layer)).toEqual([{ pattern: '/b', scope: '/b' }]);
  });

  it('has no scope if nothing tells which mounts are the same', () => {
    const layer = layerOf('express50', '/a{/:b}', pass);
    learnMounts(layer, '/a');
    expect(knownMounts(layer)).toEqual([{ pattern: OPAQUE, scope: undefined }]);
  });

  it('is none at the root, which is known at once', () => {
    for (const version of ['express4', 'express50', 'express53'] as const) {
      expect(mountsOf(layerOf(version, '/', pass))).toEqual([{ pattern: '', scope: '' }]);
    }
  });
});

describe('the slashes at the end of a pattern', () => {
  it('are removed, and no others', () => {
    expect(['', '/', '//', '/a', '/a/', '/a//', '/a/b'].map(stripSlashes)).toEqual([
      '',
      '',
      '',
      '/a',
      '/a',
      '/a',
      '/a/b',
    ]);
  });
});
