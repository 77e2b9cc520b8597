import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { inject } from './fixtures/injected.js';
import { signExclusion } from './sign-exclusion.js';
import { createTraffic } from './traffic.js';

const secret = 'correct-horse-battery-staple-2026';
const create = () => createTraffic({ exclude: { signed: { keys: { monitor: secret } } } });
const recipe = fileURLToPath(new URL('fixtures/sign-exclusion.sh', import.meta.url));

describe('a request that signExclusion signs is accepted', () => {
  it('by its URL, as given to fetch', () => {
    const headers = signExclusion({ keyId: 'monitor', secret, url: 'https://SHOP.example:443/items?page=2#top' });
    expect(create().classify(inject({ ...headers }))).toEqual({ reason: 'signed', authority: 'monitor' });
  });

  it('by its path and host, with another method', () => {
    const headers = signExclusion({ keyId: 'monitor', secret, method: 'post', path: '/a', host: 'shop.example:8080' });
    const request = inject({ ...headers, method: 'POST', url: '/a', host: 'Shop.Example:8080' });
    expect(create().classify(request)).toEqual({ reason: 'signed', authority: 'monitor' });
  });

  it('at the path it had before a router was mounted', () => {
    const request = inject({
      ...signExclusion({ keyId: 'monitor', secret, url: 'http://shop.example/a/b' }),
      url: '/b',
    });
    Object.assign(request, { originalUrl: '/a/b' });
    expect(create().classify(request)).toEqual({ reason: 'signed', authority: 'monitor' });
  });

  it('in a format that never changes', () => {
    const url = 'http://shop.example/items?page=2';
    expect(signExclusion({ keyId: 'monitor', secret, url, now: () => 1_767_225_600_999, nonce: 'once-only' })).toEqual({
      'x-coalmine-exclude':
        'v1;monitor;1767225600;once-only;43bfd355ab60848d665bb82f88eaef186fb8b68aab30893dd91408d2482dbb2c',
    });
  });
});

describe('a marker that no service would accept is refused', () => {
  const url = 'http://shop.example/';
  it.each<[object, string]>([
    [{ keyId: 'a b', secret, url }, 'keyId must be 1 to 32 letters, digits, ".", "_" and "-", got "3 characters"'],
    [{ keyId: 'a', secret: 'tooshort', url }, 'secret must be a secret of at least 32 characters, got "8 characters"'],
    [{ keyId: 'a', secret, url, nonce: 'no;' }, 'nonce must be 8 to 64 letters, digits, "_" and "-", got "no;"'],
  ])('%j', (options, message) => {
    expect(() => signExclusion(options as never)).toThrow(expect.objectContaining({ message }));
  });
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl) console.warn('SKIPPED: openssl is missing, so nobody has tried the shell recipe of the README.');

describe('the shell recipe', () => {
  it.skipIf(!hasOpenssl)('signs a request that is accepted', () => {
    const env = { ...process.env, KEY_ID: 'monitor', SECRET: secret };
    const line = execFileSync('sh', [recipe, 'GET', '/items?page=2', 'shop.example'], { env, encoding: 'utf8' });
    const [name = '', value = ''] = line.trim().split(': ');
    expect(create().classify(inject({ [name]: value }))).toEqual({ reason: 'signed', authority: 'monitor' });
  });

  it('is the same in the README', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    expect(readme).toContain(`\`\`\`sh\n${readFileSync(recipe, 'utf8')}\`\`\``);
  });
});
