import { describe, expect, it } from 'vitest';
import { hasDefault, twiceSet } from './arguments.js';

describe('an argument of a template', () => {
  it.each([
    [{ value: 'a' }, true],
    [{ value: '' }, true],
    [{ value: 0 }, true],
    [{}, false],
    [{ value: null }, false],
    [{ valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } }, true],
    // Only a Rollout knows its fields and its pods.
    [{ valueFrom: { podTemplateHashValue: 'Latest' } }, false],
    [{ valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }, false],
  ])('%j has a default: %s', (argument, isDefault) => {
    expect(hasDefault({ name: 'x', ...argument })).toBe(isDefault);
  });

  it('may have its default twice, but not two of them', () => {
    const [first, same, none, other] = [
      { name: 'a', value: '1' },
      { name: 'a', value: 1 },
      { name: 'a' },
      { name: 'a', value: '2' },
    ];
    expect(twiceSet([first, same, none, { name: 'b', value: '2' }])).toBeUndefined();
    expect(twiceSet([first, none, other, same])).toBe(other);
    expect(twiceSet([{ name: 'a', value: null }, other])).toBeUndefined();
  });
});
