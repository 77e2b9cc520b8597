import { describe, expect, it } from 'vitest';
import { Nonces } from './nonces.js';

describe('a nonce', () => {
  it('is new once', () => {
    const nonces = new Nonces({ seconds: 120, size: 10 });
    expect([nonces.use('a', 0), nonces.use('b', 0), nonces.use('a', 119_999)]).toEqual([true, true, false]);
  });

  it('is remembered for its time at least, and for twice as long at most', () => {
    const nonces = new Nonces({ seconds: 120, size: 10 });
    nonces.use('first', 0);
    nonces.use('late', 119_000);
    nonces.use('x', 120_000);
    expect(nonces.use('late', 239_000)).toBe(false);
    nonces.use('y', 240_000);
    expect(nonces.use('first', 240_000)).toBe(true);
  });

  it('takes bounded memory: the older half goes when there are too many', () => {
    const nonces = new Nonces({ seconds: 120, size: 10 });
    for (let i = 0; i < 20; i++) expect(nonces.use(`nonce ${i}`, 0)).toBe(true);
    expect(nonces.use('nonce 0', 0)).toBe(false);
    expect(nonces.use('nonce 20', 0)).toBe(true);
    expect(nonces.use('nonce 9', 0)).toBe(true);
    expect(nonces.use('nonce 10', 0)).toBe(false);
  });
});
