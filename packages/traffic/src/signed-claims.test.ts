import { METHODS } from 'node:http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClaimRejection } from './claim-rejection.js';
import { inject } from './fixtures/injected.js';
import { EXCLUSION_HEADER } from './marker.js';
import { signExclusion } from './sign-exclusion.js';
import { createTraffic, type TrafficHooks } from './traffic.js';

const secret = 's'.repeat(32);
const start = 1_800_000_000_000;
const keys = { primary: secret, 'next.key_2-b': 't'.repeat(40) };

function observed(hooks: TrafficHooks = {}) {
  const rejections: ClaimRejection[] = [];
  const clock = { now: start };
  const traffic = createTraffic(
    { exclude: { signed: { keys } } },
    { now: () => clock.now, rejected: (reason) => rejections.push(reason), ...hooks },
  );
  return { traffic, rejections, clock };
}

const marker = (options: object = {}): string =>
  signExclusion({ keyId: 'primary', secret, url: 'http://shop.example/items?page=2', now: () => start, ...options })[
    EXCLUSION_HEADER
  ];
const claim = (value: string, headers: Record<string, string> = {}) =>
  inject({ [EXCLUSION_HEADER]: value, ...headers });

describe('a signed marker', () => {
  it('excludes by the id of its key, during a change of keys by either', () => {
    const { traffic, rejections } = observed();
    expect(traffic.classify(claim(marker()))).toEqual({ reason: 'signed', authority: 'primary' });
    const next = marker({ keyId: 'next.key_2-b', secret: keys['next.key_2-b'] });
    expect(traffic.classify(claim(next))).toEqual({ reason: 'signed', authority: 'next.key_2-b' });
    expect(rejections).toEqual([]);
  });

  it('is good for a minute before and after its time, and not for longer', () => {
    for (const [seconds, isGood] of [
      [-61, false],
      [-60, true],
      [60, true],
      [61, false],
    ] as const) {
      const { traffic, rejections, clock } = observed();
      clock.now = start + seconds * 1000;
      expect(traffic.classify(claim(marker())) !== undefined).toBe(isGood);
      expect(rejections).toEqual(isGood ? [] : ['expired']);
    }
  });

  it('is good once, for as long as its time lasts', () => {
    const { traffic, rejections, clock } = observed();
    const ahead = marker({ now: () => start + 60_000 });
    expect(traffic.classify(claim(ahead))).toBeDefined();
    for (const seconds of [60, 120]) {
      clock.now = start + seconds * 1000;
      expect(traffic.classify(claim(marker({ now: () => clock.now })))).toBeDefined();
    }
    expect(traffic.classify(claim(ahead))).toBeUndefined();
    expect(rejections).toEqual(['replayed']);
  });

  it('may have the nonce of a marker with another key', () => {
    const { traffic } = observed();
    const other = { keyId: 'next.key_2-b', secret: keys['next.key_2-b'] };
    expect(traffic.classify(claim(marker({ nonce: 'the-same' })))).toBeDefined();
    expect(traffic.classify(claim(marker({ nonce: 'the-same', ...other })))).toBeDefined();
  });

  it.each<[string, string, Record<string, string>, ClaimRejection]>([
    ['another text', 'let-me-in', {}, 'malformed'],
    ['an empty text', '', {}, 'malformed'],
    ['a later version', marker().replace('v1', 'v2'), {}, 'malformed'],
    ['an upper-case signature', marker().toUpperCase().replace('V1;PRIMARY', 'v1;primary'), {}, 'malformed'],
    ['a marker sent twice, which Node joins', `${marker()}, ${marker()}`, {}, 'malformed'],
    ['a key that is named like a member of every object', marker().replace('primary', '__proto__'), {}, 'unknown_key'],
    ['a key of ours that is not there', marker().replace('primary', '(priming)'), {}, 'unknown_key'],
    ['another method', marker(), { method: 'DELETE' }, 'bad_signature'],
    ['another path', marker(), { url: '/items' }, 'bad_signature'],
    ['another host', marker(), { host: 'shop.example:81' }, 'bad_signature'],
    ['another secret', marker({ secret: 'x'.repeat(32) }), {}, 'bad_signature'],
    ['a later time', marker().replace('1800000000', '1800000001'), {}, 'bad_signature'],
  ])('does not exclude with %s', (_name, value, headers, reason) => {
    const { traffic, rejections } = observed();
    const request = claim(value, headers);
    expect(traffic.classify(request)).toBeUndefined();
    expect(rejections).toEqual([reason]);
    expect(request.headers).not.toHaveProperty(EXCLUSION_HEADER);
  });

  it('may use its nonce after a stranger has sent it without the key', () => {
    const { traffic } = observed();
    const own = marker({ nonce: 'a-nonce-of-ours' });
    expect(traffic.classify(claim(own.replace(/.$/, own.endsWith('0') ? '1' : '0')))).toBeUndefined();
    expect(traffic.classify(claim(own))).toBeDefined();
  });

  it('with our internal key is accepted beside the keys of users', () => {
    const internalKey = { id: '(priming)', secret: 'i'.repeat(64) };
    const { traffic } = observed({ internalKey });
    const headers = marker({ keyId: internalKey.id, secret: internalKey.secret });
    expect(traffic.classify(claim(headers))).toEqual({ reason: 'signed', authority: '(priming)' });
    expect(traffic.classify(claim(marker()))).toEqual({ reason: 'signed', authority: 'primary' });
  });

  it('does not exclude if any part of it is changed', () => {
    const { traffic } = observed();
    const printable = fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(fc.nat(), printable, fc.constantFrom('replace', 'insert', 'remove'), (at, character, how) => {
        const good = marker();
        const i = at % good.length;
        const bad = good.slice(0, i) + (how === 'remove' ? '' : character) + good.slice(how === 'insert' ? i : i + 1);
        fc.pre(bad !== good);
        return traffic.classify(claim(bad)) === undefined;
      }),
      { numRuns: 2000 },
    );
  });

  it('excludes no other method, path or host', () => {
    const { traffic } = observed();
    const target = fc.record({
      method: fc.constantFrom(...METHODS),
      url: fc.oneof(
        fc.constant('/items?page=2'),
        fc.string().map((text) => `/${text}`),
      ),
      host: fc.oneof(fc.constant('shop.example'), fc.domain(), fc.ipV4()),
    });
    fc.assert(
      fc.property(target, (other) => {
        fc.pre(other.method !== 'GET' || other.url !== '/items?page=2' || other.host !== 'shop.example');
        return traffic.classify(claim(marker(), other)) === undefined;
      }),
    );
  });
});
