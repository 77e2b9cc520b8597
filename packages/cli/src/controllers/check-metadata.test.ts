import { describe, expect, it } from 'vitest';
import { checkMetadata } from './check-metadata.js';
import { showPath } from './fault.js';

/** Returns each fault as its path and its message. */
function faultsOf(metadata: unknown, kind = 'Canary', rest = {}): readonly string[] {
  return checkMetadata(kind, { kind, metadata, ...rest }).map(({ path, message }) => `${showPath(path)}: ${message}`);
}

describe('the metadata of an object', () => {
  it('is accepted with a name or a prefix of one, and with labels and annotations', () => {
    const labels = { app: 'shop', 'app.kubernetes.io/part-of': '', version: 'v1.2_3' };
    const annotations = { 'example.com/note': 'any text, of any form' };
    expect(faultsOf({ name: 'shop.v1', namespace: 'prod', labels, annotations })).toEqual([]);
    expect(faultsOf({ generateName: 'shop-' })).toEqual([]);
  });

  it('is refused without a name', () => {
    const lacks = 'metadata: metadata lacks name: the API server refuses the Canary';
    expect(faultsOf({})).toEqual([lacks]);
    expect(faultsOf(undefined)).toEqual([lacks]);
    // The check of types reports it.
    expect(faultsOf({ name: 5 })).toEqual([]);
  });

  it('needs no name in a part of a Rollout, such as a patch of its steps', () => {
    expect(faultsOf({}, 'Rollout', { spec: { strategy: { canary: {} } } })).toEqual([]);
    expect(faultsOf({}, 'Rollout', { spec: { strategy: { canary: {} }, selector: {}, template: {} } })).toHaveLength(1);
  });

  it.each([
    [{ name: 'Shop' }, 'metadata.name: metadata.name has Shop: the API server refuses the Canary'],
    [
      { name: 'shop', namespace: 'a.b' },
      'metadata.namespace: metadata.namespace has a.b: the API server refuses the Canary',
    ],
    [
      { name: 'shop', labels: { 'a b': 'c' } },
      'metadata.labels["a b"]: metadata.labels has a b: the API server refuses the Canary',
    ],
    [
      { name: 'shop', labels: { app: 'a b' } },
      'metadata.labels.app: metadata.labels has a b: the API server refuses the Canary',
    ],
    [
      { name: 'shop', annotations: { '/a': 'b' } },
      'metadata.annotations["/a"]: metadata.annotations has /a: the API server refuses the Canary',
    ],
  ])('is refused with %j', (metadata, fault) => {
    expect(faultsOf(metadata)).toEqual([fault]);
  });
});
