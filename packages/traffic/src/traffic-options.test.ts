import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { collectWarnings } from './fixtures/warnings.js';
import type { Request } from './request.js';
import { createTraffic } from './traffic.js';
import type { TrafficOptions } from './traffic-options.js';

const secret = 's'.repeat(32);

describe('the options', () => {
  const keys = { monitor: secret };
  const wide = 'must be no wider than /8 (IPv4) or /7 (IPv6): an address out of a wider range proves nothing, got';
  const cidr = 'must be a CIDR range (192.0.2.0/24, 2001:db8::/32) or an address, got';
  const mapped = 'must be written as IPv4, since it covers addresses of IPv4 that are mapped to IPv6, got';
  const ids =
    'must be an object of key ids (1 to 32 letters, digits, ".", "_" and "-") and their secrets, at least one, got';
  const agent = 'must be a string that an agent begins with, or a pattern without the flags g and y, got';
  it.each<[object, string]>([
    [
      { excludes: {} },
      'options.excludes must be left out: options takes exclude, countErrors, maxExcludedShare, got an object',
    ],
    [{ exclude: 'all' }, 'exclude must be an object with routes, signed, trusted, when, got "all"'],
    [{ exclude: { paths: [] } }, 'exclude.paths must be left out: exclude takes routes, signed, trusted, when, got []'],
    [{ exclude: { routes: '/a' } }, 'exclude.routes must be a list, of the pattern of a route each, got "/a"'],
    [{ exclude: { routes: ['/a', ''] } }, 'exclude.routes[1] must be the pattern of a route, got ""'],
    [{ exclude: { signed: secret } }, 'exclude.signed must be an object with keys, got "32 characters"'],
    [
      { exclude: { signed: { keys, secret } } },
      'exclude.signed must be an object with keys and nothing else, got "another key of 32 characters"',
    ],
    [{ exclude: { signed: {} } }, `exclude.signed.keys ${ids} "a value of type undefined"`],
    [{ exclude: { signed: { keys: [secret] } } }, `exclude.signed.keys ${ids} "a list"`],
    [{ exclude: { signed: { keys: {} } } }, `exclude.signed.keys ${ids} "none"`],
    [
      { exclude: { signed: { keys: { ...keys, 'a b': secret } } } },
      `exclude.signed.keys ${ids} "an id of 3 characters for key 2 of 2"`,
    ],
    [
      { exclude: { signed: { keys: { '(priming)': secret } } } },
      `exclude.signed.keys ${ids} "an id of 9 characters for key 1 of 1"`,
    ],
    [
      { exclude: { signed: { keys: { [secret]: 'monitor' } } } },
      'exclude.signed.keys must be a secret of at least 32 characters each, got "7 characters for key 1 of 1"',
    ],
    [
      { exclude: { signed: { keys: { monitor: 7 } } } },
      'exclude.signed.keys must be a secret of at least 32 characters each, got "a value of type number for key 1 of 1"',
    ],
    [
      { exclude: { trusted: ['10.0.0.0/8'] } },
      'exclude.trusted must be an object with cidrs, proxies, userAgents, got ["10.0.0.0/8"]',
    ],
    [{ exclude: { trusted: {} } }, 'exclude.trusted.cidrs must be a list of at least one, got []'],
    [
      { exclude: { trusted: { cidrs: '192.0.2.1' } } },
      'exclude.trusted.cidrs must be a list, of a CIDR range each, got "192.0.2.1"',
    ],
    ...[
      'localhost',
      '192.0.2.0/33',
      '192.0.2.0/',
      '192.0.2.0/8/8',
      '192.0.2.0/024',
      '192.0.2.0/ 24',
      ' 192.0.2.0',
      'fe80::1%eth0',
      '::1/129',
    ].map((text): [object, string] => [
      { exclude: { trusted: { cidrs: ['192.0.2.1', text] } } },
      `exclude.trusted.cidrs[1] ${cidr} "${text}"`,
    ]),
    [{ exclude: { trusted: { cidrs: [7] } } }, `exclude.trusted.cidrs[0] ${cidr} 7`],
    ...['0.0.0.0/0', '::/0', '8.0.0.0/7', 'fc00::/6'].map((text): [object, string] => [
      { exclude: { trusted: { cidrs: [text] } } },
      `exclude.trusted.cidrs[0] ${wide} "${text}"`,
    ]),
    ...['::ffff:192.0.2.0/120', '::ffff:0:0/96', '::ffff:192.0.2.1', '::/8', '::/80'].map((text): [object, string] => [
      { exclude: { trusted: { cidrs: [text] } } },
      `exclude.trusted.cidrs[0] ${mapped} "${text}"`,
    ]),
    [
      { exclude: { trusted: { cidrs: ['192.0.2.1'], proxies: ['0.0.0.0/0'] } } },
      `exclude.trusted.proxies[0] ${wide} "0.0.0.0/0"`,
    ],
    [
      { exclude: { trusted: { cidrs: ['192.0.2.1'], proxies: true } } },
      'exclude.trusted.proxies must be a list, of a CIDR range each, got true',
    ],
    [
      { exclude: { trusted: { cidrs: ['192.0.2.1'], userAgents: [] } } },
      'exclude.trusted.userAgents must be a list of at least one, got []',
    ],
    [{ exclude: { trusted: { cidrs: ['192.0.2.1'], userAgents: [''] } } }, `exclude.trusted.userAgents[0] ${agent} ""`],
    [
      { exclude: { trusted: { cidrs: ['192.0.2.1'], userAgents: [/a/, /b/g] } } },
      `exclude.trusted.userAgents[1] ${agent} an object`,
    ],
    [
      { exclude: { trusted: { cidrs: ['192.0.2.1'], userAgents: [/b/y] } } },
      `exclude.trusted.userAgents[0] ${agent} an object`,
    ],
    [{ exclude: { when: 'always' } }, 'exclude.when must be a function, got "always"'],
    [{ countErrors: 1 }, 'countErrors must be true or false, got 1'],
    ...[0, 1, -0.1, Number.NaN].map((share): [object, string] => [
      { maxExcludedShare: share },
      `maxExcludedShare must be a number above 0 and below 1, got ${share}`,
    ]),
    [{ maxExcludedShare: '0.5' }, 'maxExcludedShare must be a number above 0 and below 1, got "0.5"'],
  ])('are refused in one sentence: %j', (options, message) => {
    let thrown: unknown;
    try {
      createTraffic(options);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'COALMINE_INVALID_OPTION', message });
    // Neither the sentence nor the error's properties may give a secret away.
    expect(JSON.stringify([String(thrown), { ...(thrown as object) }])).not.toContain(secret);
  });

  it('are refused with an internal key that a user could have', () => {
    const create = (id: string, key: string) => () => createTraffic({}, { internalKey: { id, secret: key } });
    expect(create('priming', secret)).toThrow('internalKey.id must be a name in round brackets');
    expect(create('(priming)', 'short')).toThrow(
      'internalKey.secret must be a secret of at least 32 characters, got "5',
    );
  });
});

describe('a range that may have users in it', () => {
  it.each<[string, RegExp | undefined]>([
    ['127.0.0.0/8', /loopback addresses, and behind a sidecar every request comes from 127\.0\.0\.1 or 127\.0\.0\.6/],
    ['::1', /loopback/],
    ['10.1.0.0/16', /private addresses, and node addresses, .* kube-proxy/],
    ['172.0.0.0/8', /private/],
    ['192.168.1.7', /private/],
    ['100.64.0.0/10', /shared/],
    ['169.254.0.0/16', /link-local/],
    ['fe80::/64', /link-local/],
    ['fd00::/8', /unique local/],
    ['192.0.2.0/24', undefined],
    ['2001:db8::/32', undefined],
  ])('is warned of, once: %s', (cidr, message) => {
    const warnings = collectWarnings();
    const trusted = { cidrs: ['203.0.113.1', cidr] };
    createTraffic({ exclude: { trusted } });
    vi.restoreAllMocks();
    expect(warnings).toHaveLength(message === undefined ? 0 : 1);
    for (const warning of warnings) {
      expect(warning).toContain(`COALMINE_PRIVATE_RANGE exclude.trusted.cidrs[1] trusts ${cidr}: it has `);
      expect(warning).toMatch(message ?? /never/);
    }
  });

  it('shows as a warning of the process', async () => {
    const warned = once(process, 'warning');
    createTraffic({ exclude: { trusted: { cidrs: ['127.0.0.1'] } } });
    expect(await warned).toMatchObject([{ name: 'CoalmineWarning', code: 'COALMINE_PRIVATE_RANGE' }]);
  });
});

it('the options have types', () => {
  const options: TrafficOptions = { exclude: { when: (request: Request) => request.method === 'PURGE' && 'cache' } };
  expect(() => createTraffic(options)).not.toThrow();
  // @ts-expect-error nobody waits for a rule
  const waits: TrafficOptions = { exclude: { when: async () => 'x' } };
  // @ts-expect-error addresses alone are proof: agents are a condition beside them
  const claims: TrafficOptions = { exclude: { trusted: { userAgents: ['kube-probe/'] } } };
  // @ts-expect-error a pattern is compared with the route label, which is text
  const pattern: TrafficOptions = { exclude: { routes: [/x/] } };
  expect([waits, claims, pattern]).toHaveLength(3);
});
