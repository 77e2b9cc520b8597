import { describe, expect, it } from 'vitest';
import type { ClaimRejection } from './claim-rejection.js';
import type { Exclusion } from './exclusion.js';
import { inject } from './fixtures/injected.js';
import { collectWarnings } from './fixtures/warnings.js';
import { signExclusion } from './sign-exclusion.js';
import { createTraffic } from './traffic.js';

const secret = 's'.repeat(32);
const monitorPeer = { peer: '192.0.2.1' };
const userPeer = { peer: '203.0.113.9' };

describe('too large a share', () => {
  const start = 1_800_000_000_000;
  const internalKey = { id: '(priming)', secret: 'i'.repeat(32) };

  function shop() {
    const clock = { now: start };
    const now = () => clock.now;
    const exclude = { signed: { keys: { monitor: secret } }, trusted: { cidrs: ['192.0.2.0/24'] } };
    const warnings = collectWarnings();
    const rejections: ClaimRejection[] = [];
    const traffic = createTraffic(
      { exclude, maxExcludedShare: 0.5 },
      {
        now,
        internalKey,
        rejected: (reason) => rejections.push(reason),
      },
    );
    const signed = (keyId: string, key: string): Record<string, string> => ({
      ...signExclusion({ keyId, secret: key, url: 'http://shop.example/items?page=2', now }),
    });
    const ask = (times: number, headers: () => Record<string, string>): (Exclusion | undefined)[] =>
      Array.from({ length: times }, () => traffic.classify(inject(headers())));
    return {
      traffic,
      warnings,
      rejections,
      clock,
      users: (times: number) => ask(times, () => userPeer),
      monitors: (times: number) => ask(times, () => monitorPeer),
      signers: (times: number) => ask(times, () => ({ ...userPeer, ...signed('monitor', secret) })),
      ourselves: (times: number) => ask(times, () => ({ ...userPeer, ...signed(internalKey.id, internalKey.secret) })),
    };
  }

  it('is not judged before a hundred exchanges', () => {
    const { traffic, monitors } = shop();
    expect(monitors(99)).not.toContain(undefined);
    expect(traffic.suspended).toBe(false);
    expect(monitors(1)).toEqual([undefined]);
    expect(traffic.suspended).toBe(true);
  });

  it('counts signed and trusted requests as users from then on, and says so once', () => {
    const { users, monitors, signers, warnings, rejections } = shop();
    users(50);
    expect(signers(25)).not.toContain(undefined);
    expect(monitors(25)).not.toContain(undefined);
    expect(monitors(1)).toEqual([undefined]);
    expect(signers(2)).toEqual([undefined, undefined]);
    expect(warnings).toEqual([expect.stringMatching(/^COALMINE_EXCLUSION_SUSPENDED /)]);
    expect(rejections).toEqual(['suspended', 'suspended']);
  });

  it('counts the minute before, too, and no longer than that', () => {
    const { traffic, clock, users, monitors } = shop();
    monitors(60);
    clock.now += 60_000;
    monitors(39);
    expect(traffic.suspended).toBe(false);
    clock.now += 60_000;
    users(61);
    expect(traffic.suspended).toBe(false);
    clock.now += 180_000;
    monitors(99);
    expect(traffic.suspended).toBe(false);
    monitors(1);
    expect(traffic.suspended).toBe(true);
  });

  it('is over after a whole minute within it', () => {
    const { traffic, clock, users, monitors, warnings } = shop();
    monitors(100);
    users(500);
    // That minute began before exclusion was off.
    clock.now += 60_000;
    users(1);
    expect(traffic.suspended).toBe(true);
    monitors(2);
    clock.now += 60_000;
    users(2);
    expect(traffic.suspended).toBe(true);
    // A minute without anybody says nothing.
    clock.now += 120_000;
    users(1);
    monitors(1);
    clock.now += 60_000;
    expect(monitors(1)).toEqual([{ reason: 'trusted', authority: 'peer' }]);
    expect(traffic.suspended).toBe(false);
    expect(warnings).toEqual([
      expect.stringMatching(/^COALMINE_EXCLUSION_SUSPENDED /),
      expect.stringMatching(/^COALMINE_EXCLUSION_RESUMED /),
    ]);
  });

  it('does not last for ever when the clock is set back', () => {
    const { traffic, clock, users, monitors } = shop();
    monitors(100);
    clock.now -= 3_600_000;
    users(16);
    clock.now += 60_000;
    users(16);
    expect(traffic.suspended).toBe(false);
  });

  it('neither counts nor stops requests that the service sends itself', () => {
    const { traffic, monitors, ourselves } = shop();
    expect(ourselves(200)).not.toContain(undefined);
    expect(traffic.suspended).toBe(false);
    monitors(100);
    expect(traffic.suspended).toBe(true);
    expect(ourselves(1)).toEqual([{ reason: 'signed', authority: '(priming)' }]);
  });
});
