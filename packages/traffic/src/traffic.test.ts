import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { CLAIM_REJECTIONS, type ClaimRejection } from './claim-rejection.js';
import { inject } from './fixtures/injected.js';
import { collectWarnings } from './fixtures/warnings.js';
import { EXCLUSION_HEADER } from './marker.js';
import { signExclusion } from './sign-exclusion.js';
import { createTraffic, type TrafficHooks } from './traffic.js';
import type { TrafficOptions } from './traffic-options.js';

const secret = 's'.repeat(32);
const signed = (keyId = 'monitor', key = secret, now = Date.now): Record<string, string> => ({
  ...signExclusion({ keyId, secret: key, url: 'http://shop.example/items?page=2', now }),
});
const monitorPeer = { peer: '192.0.2.1' };
const userPeer = { peer: '203.0.113.9' };

function observed(options: TrafficOptions, hooks: TrafficHooks = {}) {
  const warnings = collectWarnings();
  const rejections: ClaimRejection[] = [];
  const traffic = createTraffic(options, {
    rejected: (reason) => rejections.push(reason),
    ...hooks,
  });
  return { traffic, warnings, rejections };
}

describe('who is asking', () => {
  const { traffic } = observed({
    exclude: {
      signed: { keys: { monitor: secret } },
      trusted: { cidrs: ['192.0.2.0/24'] },
      when: () => 'load test',
    },
  });
  const bySignature = { reason: 'signed', authority: 'monitor' };
  const byPeer = { reason: 'trusted', authority: 'peer' };

  it('is decided by the strongest proof', () => {
    expect(traffic.classify(inject({ ...monitorPeer, ...signed() }))).toEqual(bySignature);
    expect(traffic.classify(inject(monitorPeer))).toEqual(byPeer);
    expect(traffic.classify(inject(userPeer))).toEqual({ reason: 'custom', authority: 'load test' });
  });

  it('is decided by the next proof if a marker fails', () => {
    expect(traffic.classify(inject({ ...monitorPeer, [EXCLUSION_HEADER]: 'nonsense' }))).toEqual(byPeer);
  });

  it('is a user without rules, and the header stays', () => {
    const request = inject({ ...monitorPeer, ...signed() });
    expect(createTraffic().classify(request)).toBeUndefined();
    expect(request.headers).toHaveProperty(EXCLUSION_HEADER);
  });

  it('is a user whatever headers a stranger sends', () => {
    const known = ['x-forwarded-for', 'forwarded', 'user-agent', 'via', 'x-real-ip', 'host', EXCLUSION_HEADER];
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.ipV4(),
      fc.constantFrom(
        '192.0.2.1',
        '127.0.0.1',
        'kube-probe/1.33',
        signed('monitor', 'x'.repeat(32))[EXCLUSION_HEADER] ?? '',
      ),
    );
    const headers = fc.dictionary(fc.oneof(fc.constantFrom(...known), fc.string()), value);
    const { traffic: strict } = observed({
      exclude: {
        signed: { keys: { monitor: secret } },
        trusted: { cidrs: ['192.0.2.0/24'], proxies: ['198.51.100.0/24'], userAgents: ['kube-probe/'] },
        when: () => false,
      },
    });
    fc.assert(
      fc.property(headers, fc.ipV4(), (sent, peer) => {
        fc.pre(!/^(?:192\.0\.2|198\.51\.100)\./.test(peer));
        return strict.classify(inject({ ...sent, peer })) === undefined;
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a listed route', () => {
  const { traffic } = observed({ exclude: { routes: ['/internal/*', '__proto__'] }, countErrors: true });

  it('is excluded by exactly its pattern', () => {
    expect(traffic.ofRoute('/internal/*')).toEqual({ reason: 'route', authority: '/internal/*' });
    expect(traffic.ofRoute('__proto__')).toEqual({ reason: 'route', authority: '__proto__' });
    for (const pattern of ['/internal', '/internal/', '/internal/*/x', 'constructor', '']) {
      expect(traffic.ofRoute(pattern)).toBeUndefined();
    }
  });

  it('may be written with the slash at its end, which its label leaves out', () => {
    const { traffic: slashed } = observed({ exclude: { routes: ['/healthz/', '/'] } });
    expect(slashed.ofRoute('/healthz')).toEqual({ reason: 'route', authority: '/healthz/' });
    expect(slashed.ofRoute('/')).toEqual({ reason: 'route', authority: '/' });
    expect(slashed.ofRoute('')).toBeUndefined();
  });

  it('has errors that count only if the options say so', () => {
    expect(traffic.countErrors).toBe(true);
    expect(createTraffic().countErrors).toBe(false);
  });
});

describe('a rule of the user', () => {
  it('sees the request, without a marker', () => {
    const seen: unknown[] = [];
    const { traffic } = observed({
      exclude: {
        signed: { keys: { monitor: secret } },
        when: (request) => {
          seen.push(request.headers[EXCLUSION_HEADER], request.url);
          return false;
        },
      },
    });
    traffic.classify(inject({ [EXCLUSION_HEADER]: 'nonsense' }));
    expect(seen).toEqual([undefined, '/items?page=2']);
  });

  it.each<[string, unknown, boolean]>([
    ['false', () => false, false],
    ['an empty string', () => '', false],
    ['true', () => true, true],
    ['nothing', () => {}, true],
    ['an object', () => ({ reason: 'load test' }), true],
    ['a promise', async () => 'load test', true],
    ['a promise that is rejected', () => Promise.reject(new Error('no')), true],
    [
      'an error',
      () => {
        throw new Error('no');
      },
      true,
    ],
  ])("counts the request as a user's when it returns %s", async (_name, when, isWarnedOf) => {
    const { traffic, warnings } = observed({ exclude: { when: when as never } });
    expect(traffic.classify(inject())).toBeUndefined();
    expect(traffic.classify(inject())).toBeUndefined();
    expect(warnings).toEqual(isWarnedOf ? [expect.stringMatching(/^COALMINE_WHEN_FAILED /)] : []);
    // An unhandled rejection would fail the run here.
    await new Promise(setImmediate);
  });
});

describe('classifying never throws', () => {
  const all = () =>
    observed({
      exclude: { signed: { keys: { monitor: secret } }, trusted: { cidrs: ['192.0.2.0/24'] }, when: () => false },
    });

  it('on a request without a socket, or one that is gone', () => {
    const { traffic, warnings } = all();
    expect(traffic.classify({ ...inject(), socket: undefined } as never)).toBeUndefined();
    expect(traffic.classify({ ...inject(), socket: {} } as never)).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  it('on an object that is not a request, which causes one warning', () => {
    const { traffic, warnings } = all();
    for (const odd of [{}, Object.freeze({ rawHeaders: Object.freeze(['X-Coalmine-Exclude', 'a']) })]) {
      expect(traffic.classify(odd as never)).toBeUndefined();
    }
    expect(warnings).toEqual([expect.stringMatching(/^COALMINE_CLASSIFY_FAILED /)]);
  });
});

it('every rejection is listed', () => {
  expectTypeOf<(typeof CLAIM_REJECTIONS)[number]>().toEqualTypeOf<ClaimRejection>();
  const known: Record<ClaimRejection, true> = {
    malformed: true,
    unknown_key: true,
    expired: true,
    bad_signature: true,
    replayed: true,
    suspended: true,
  };
  expect(CLAIM_REJECTIONS).toEqual(Object.keys(known));
});
