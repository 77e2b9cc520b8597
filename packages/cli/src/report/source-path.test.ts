import { describe, expect, it } from 'vitest';
import { pathOf, uriOf } from './source-path.js';

describe('a source', () => {
  it.each([
    ['deploy/a.yaml', 'deploy/a.yaml', 'deploy/a.yaml'],
    ['./deploy//a.yaml', 'deploy/a.yaml', 'deploy/a.yaml'],
    ['deploy/../a b#1.yaml', 'a b#1.yaml', 'a%20b%231.yaml'],
    ['../a.yaml', '../a.yaml', '../a.yaml'],
    ['/etc/a b.yaml', '/etc/a b.yaml', 'file:///etc/a%20b.yaml'],
    ['-', undefined, 'stdin'],
    ['http://shop/metrics?a=b c', undefined, 'http://shop/metrics?a=b%20c'],
    ['HTTPS://shop/metrics', undefined, 'HTTPS://shop/metrics'],
    ['http:/a.yaml', 'http:/a.yaml', 'http%3A/a.yaml'],
  ])('%s has the path %s and the URI %s', (source, path, uri) => {
    expect(pathOf(source)).toBe(path);
    expect(uriOf(source)).toBe(uri);
  });
});
