import { describe, expect, it } from 'vitest';
import { annotationBytes } from './apply-size.js';

describe('the annotations after kubectl apply', () => {
  it('hold the object itself, and a line end', () => {
    const kept = '{"kind":"Service","metadata":{"annotations":{}}}\n';
    const name = 'kubectl.kubernetes.io/last-applied-configuration';
    expect(annotationBytes({ kind: 'Service' })).toBe(kept.length + name.length);
  });

  it('hold the annotations of the object twice, in bytes', () => {
    const without = annotationBytes({ metadata: { annotations: {} } });
    // "a":"ü" in the kept object, and a and ü beside it.
    expect(annotationBytes({ metadata: { annotations: { a: 'ü' } } }) - without).toBe(8 + 3);
  });
});
