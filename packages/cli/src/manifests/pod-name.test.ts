import { describe, expect, it } from 'vitest';
import { hashIn, podNames, podNamesWithPrimary, podSuffix } from './pod-name.js';

/** Returns the name that Kubernetes gives to a pod: the base is cut to 58 characters. */
const podOf = (workload: string, hash = '7d9c8b654f'): string => `${`${workload}-${hash}-`.slice(0, 58)}x2k9z`;
const accepts = (pattern: string, pod: string): boolean => new RegExp(`^(?:${pattern})$`).test(pod);

const NAMES = ['shop', 's'.repeat(46), 's'.repeat(47), 's'.repeat(48), 's'.repeat(56), 's'.repeat(57), 's'.repeat(63)];

describe('the pattern of the names of pods', () => {
  it.each(NAMES)('accepts the pods of %s, however much of their names is cut', (workload) => {
    expect(accepts(podNames(workload), podOf(workload))).toBe(true);
    expect(accepts(podNamesWithPrimary(workload), podOf(workload))).toBe(true);
    expect(accepts(podNamesWithPrimary(workload), podOf(`${workload}-primary`))).toBe(true);
  });

  it.each(NAMES)('accepts a short hash of %s', (workload) => {
    expect(accepts(podNames(workload), podOf(workload, '5'))).toBe(true);
  });

  it('accepts no pods of workloads whose names begin alike', () => {
    for (const other of ['shop-redis', 'shop-primary', 'shopping', 'my-shop', 'shop-a']) {
      expect([other, accepts(podNames('shop'), podOf(other))]).toEqual([other, false]);
    }
    expect(accepts(podNamesWithPrimary('shop'), podOf('shop-redis'))).toBe(false);
    expect(accepts(podNames('shop'), 'shop-0')).toBe(false);
  });
});

describe('the hash in the name of a pod', () => {
  it.each<[pod: string, hash: string | undefined]>([
    [podOf('shop'), '7d9c8b654f'],
    ['shop-5-x2k9z', '5'],
    ['a-b-c-7d9c-x2k9z', '7d9c'],
    // Eleven characters, a vowel, and a digit that a hash does not have.
    ['shop-7d9c8b654f7-x2k9z', undefined],
    ['shop-7d9a-x2k9z', undefined],
    ['shop-7d91-x2k9z', undefined],
    ['shop-7d9c-x2k9', undefined],
    ['7d9c-x2k9z', undefined],
    ['', undefined],
  ])('%s is %s', (pod, hash) => {
    expect(hashIn(pod)).toBe(hash);
  });
});

describe('the suffixes of pods', () => {
  it('are five letters of Kubernetes, and differ', () => {
    const suffixes = Array.from({ length: 2000 }, (_, i) => podSuffix(i));
    expect(new Set(suffixes).size).toBe(2000);
    expect(suffixes.filter((suffix) => !/^[bcdfghjklmnpqrstvwxz2456789]{5}$/.test(suffix))).toEqual([]);
    expect([podSuffix(0), podSuffix(1), podSuffix(27)]).toEqual(['bbbbb', 'cbbbb', 'bcbbb']);
  });
});
