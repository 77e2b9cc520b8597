import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { versionCheck } from './version-check.js';

// A service that says its version, and one that does not answer.
const server = createServer((request, response) => {
  const path = decodeURIComponent(request.url ?? '').slice(1);
  if (path === 'hang') return;
  if (path === 'long') return response.end('1'.repeat(100_000));
  if (path === 'secret') response.statusCode = request.headers.authorization === 'Bearer it' ? 200 : 401;
  response.setHeader('x-api-version', '2.4.0');
  return response.end(path === 'secret' ? '2.0.0' : path);
});
let url: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const run = async (path: string, options: object = {}): Promise<unknown> =>
  versionCheck({ url: url + encodeURIComponent(path), supports: '^2.1.0', ...options }).run(
    AbortSignal.timeout(path === 'hang' ? 500 : 60_000),
  );

describe('a version check', () => {
  it.each<[string, object]>([
    ['{"version":"2.3.1"}', { status: 'pass', observedValue: '2.3.1' }],
    ['2.1.0\n', { status: 'pass', observedValue: '2.1.0' }],
    ['"2.1.0"', { status: 'pass' }],
    ['{"version":"2.3.0-rc.1"}', { status: 'pass' }],
    ['{"version":"2.0.9"}', { status: 'fail', observedValue: '2.0.9', output: 'this build works with ^2.1.0' }],
    ['{"version":"3.0.0"}', { status: 'fail' }],
    ['{"version":"3.0.0-rc.1"}', { status: 'fail' }],
  ])('judges the response %s', async (body, expected) => {
    await expect(run(body)).resolves.toMatchObject(expected);
  });

  it.each([
    ['{"name":"shop"}', 'responded with no version: undefined'],
    ['hello', 'responded with no version: "hello"'],
    ['secret', 'responded with 401'],
    ['long', 'responded with more than 64 KiB'],
    ['hang', 'aborted'],
  ])('fails on %s', async (path, message) => {
    await expect(run(path)).rejects.toThrow(message);
  });

  it('finds the version with the given function, and sends the given headers', async () => {
    await expect(run('secret', { headers: { authorization: 'Bearer it' }, supports: '2.0.0' })).resolves.toMatchObject({
      status: 'pass',
    });
    const version = (_: string, response: Response): string | undefined =>
      response.headers.get('x-api-version') ?? undefined;
    await expect(run('x', { version })).resolves.toMatchObject({ observedValue: '2.4.0' });
  });

  it('is advisory, and less frequent than others', () => {
    expect(versionCheck({ url, supports: '*' })).toMatchObject({ kind: 'advisory', periodSeconds: 30 });
    expect(versionCheck({ url, supports: '*', kind: 'joining', periodSeconds: 5 })).toMatchObject({
      kind: 'joining',
      periodSeconds: 5,
    });
  });

  it.each<[object, string]>([
    [
      { supports: '^1' },
      'versionCheck.url must be an http or https URL without a user and a password, which belong in the headers, got undefined',
    ],
    [
      { url: 'ftp://x', supports: '^1' },
      'versionCheck.url must be an http or https URL without a user and a password, which belong in the headers, got "ftp://x"',
    ],
    [
      { url: 'http://x', supports: 'newest' },
      'versionCheck.supports must be a semver range such as ^2.1.0, got "newest"',
    ],
    [{ url: 'http://x', supports: '' }, 'versionCheck.supports must be a semver range such as ^2.1.0, got ""'],
    [{ url: 'http://x', supports: '1', every: 1 }, 'versionCheck.every must be left out'],
  ])('%j is refused', (options, message) => {
    expect(() => versionCheck(options as never)).toThrow(message);
  });
});
