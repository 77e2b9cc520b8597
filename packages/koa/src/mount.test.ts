import { describe, expect, it } from 'vitest';
import type { RoutedContext } from './koa.js';
import { mountOf } from './mount.js';

describe('the mount of the router that has a request', () => {
  it.each<[mountPath: string | undefined, originalUrl: string, path: string, mount: string]>([
    // Not mounted at all.
    [undefined, '/a', '/a', ''],
    // In the mount, at its root and below.
    ['/m', '/m', '/', '/m'],
    ['/m', '/m/', '/', '/m'],
    ['/m', '/m/a', '/a', '/m'],
    ['/m', '/m/a/?q=/x', '/a/', '/m'],
    ['/m', '/m?q=1', '/', '/m'],
    // In a mount within another, whose path is not known.
    ['/in', '/out/in/a', '/a', '(mounted)/in'],
    ['/in', '/out/in', '/', '(mounted)/in'],
    // After the request has left the mount again.
    ['/m', '/m/a', '/m/a', ''],
    ['/m', '/other', '/other', ''],
    // The text of a mount that occurs by chance in the query decides nothing.
    ['/m', '/x?y=/m/a', '/a', ''],
  ])('%j for %j with the rest %j is %j', (mountPath, originalUrl, path, mount) => {
    const context = { originalUrl, path, ...(mountPath === undefined ? {} : { mountPath }) };
    expect(mountOf(context as RoutedContext)).toBe(mount);
  });
});
