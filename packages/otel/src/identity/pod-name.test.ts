import { describe, expect, it } from 'vitest';
import { parsePodName } from './pod-name.js';

describe('the name of a pod', () => {
  it.each([
    ['shop-7d9c4b8f6d-x7k2p', 'shop', '7d9c4b8f6d'],
    ['shop-primary-7d9c4b8f6d-x7k2p', 'shop-primary', '7d9c4b8f6d'],
    ['eu-shop.v2-5b-zzzzz', 'eu-shop.v2', '5b'],
    // Of two parts that could be a hash, the last is it.
    ['shop-bcd-7d9c4b8f6d-x7k2p', 'shop-bcd', '7d9c4b8f6d'],
    // One letter below the length at which names are cut.
    [`${'s'.repeat(45)}-7d9c4b8f6d-x7k2p`, 's'.repeat(45), '7d9c4b8f6d'],
  ])('%s has the parts that a ReplicaSet gave it', (pod, workload, hash) => {
    expect(parsePodName(pod)).toEqual({ workload, hash });
  });

  it.each([
    ['of a StatefulSet', 'shop-0'],
    ['of a DaemonSet', 'shop-x7k2p'],
    ["of a DaemonSet's primary", 'shop-primary-x7k2p'],
    ['of a Job', 'shop-migrate-28391040-x7k2p'],
    ['with a suffix that has vowels', 'shop-7d9c4b8f6d-admin'],
    ['with a suffix of another length', 'shop-7d9c4b8f6d-x7k2'],
    ['with a part that no number is written as', 'shop-worker-x7k2p'],
    ['with a part that is longer than any number', 'shop-7d9c4b8f6d7-x7k2p'],
    ['without a workload', '7d9c4b8f6d-x7k2p'],
    // The hash of a name that was cut may be half a hash.
    ['that may have been cut', `${'s'.repeat(46)}-7d9c4b8f6d-x7k2p`],
    ['that was cut', `${'s'.repeat(57)}x7k2p`],
    ['that is not known', undefined],
  ])('%s says nothing', (_what, pod) => {
    expect(parsePodName(pod)).toBeUndefined();
  });
});
