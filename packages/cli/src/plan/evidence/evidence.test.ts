import { describe, expect, it } from 'vitest';
import { parseRelease } from '../../release/release.js';
import { proofsOf, requestsFor, smallestShare } from './evidence.js';

const proof = proofsOf(parseRelease({ name: 'shop' }))(2, 0.01);

describe('the requests that prove a share of errors', () => {
  it('prove it, and one request less does not', () => {
    const requests = requestsFor(0.05, proof) ?? 0;
    const provenBy = (count: number): number => smallestShare(count, proof) ?? 1;
    expect(provenBy(requests)).toBeLessThanOrEqual(0.05 + 1e-6);
    expect(provenBy(requests - 1)).toBeGreaterThan(0.05);
  });

  it('are fewer for a larger share, and never fewer than the least that are judged', () => {
    const needed = [0.02, 0.05, 0.2, 1].map((share) => requestsFor(share, proof) ?? 0);
    expect([...needed].sort((a, b) => b - a)).toEqual(needed);
    expect(needed.at(-1)).toBe(20);
  });

  it('do not exist for a share that is allowed, or cannot be', () => {
    expect([0.01, 0.005, 1.1].map((share) => requestsFor(share, proof))).toEqual([undefined, undefined, undefined]);
  });
});

describe('the smallest share that some requests prove', () => {
  it('is not known if they are too few to be judged', () => {
    expect(smallestShare(19, proof)).toBeUndefined();
    expect(smallestShare(20, proof)).toBeGreaterThan(0.01);
  });

  it('approaches the allowed share with more and more requests', () => {
    const [some, many, most] = [100, 10_000, 100_000_000].map((requests) => smallestShare(requests, proof) ?? 1);
    expect(some).toBeGreaterThan(many ?? 1);
    expect(most).toBeCloseTo(0.01, 3);
  });

  it('is larger if more confidence is asked for', () => {
    const shareAt = (confidence: number): number =>
      smallestShare(1000, proofsOf(parseRelease({ name: 'shop', analysis: { confidence } }))(2, 0.01)) ?? 0;
    expect(shareAt(0.999999)).toBeGreaterThan(shareAt(0.9));
  });

  it('has as many errors as the query wants, however clear they are', () => {
    const strict = proofsOf(parseRelease({ name: 'shop', analysis: { confidence: 0.8 } }))(10, 0.001);
    expect(smallestShare(100, strict)).toBeGreaterThanOrEqual(0.1 - 1e-6);
  });
});
