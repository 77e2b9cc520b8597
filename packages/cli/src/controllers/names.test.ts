import { describe, expect, it } from 'vitest';
import { isDnsLabel, isLabelValue, isPort, isPortName, isQualifiedName, isServiceName, isSubdomain } from './names.js';

const a = (length: number): string => 'a'.repeat(length);

// The rules of k8s.io/apimachinery/pkg/util/validation.
describe('a name in Kubernetes', () => {
  it.each<[what: string, accepts: (text: string) => boolean, accepted: string[], refused: string[]]>([
    [
      'of a container or a namespace',
      isDnsLabel,
      ['a', '1', 'a-1', a(63)],
      ['', '-a', 'a-', 'A', 'a.b', 'a_b', 'a\n', a(64)],
    ],
    [
      'of most objects',
      isSubdomain,
      ['a', '1.b-c', `${a(63)}.${a(63)}.${a(63)}.${a(61)}`, a(253)],
      ['', '.a', 'a.', 'a..b', 'a-.b', 'A', 'a/b', a(254)],
    ],
    ['of a Service', isServiceName, ['a', 'a1', 'a-b', a(63)], ['', '1a', 'a-', 'a.b', a(64)]],
    [
      'of a label or an annotation',
      isQualifiedName,
      ['app', 'A_b.c-1', 'example.com/app', `${a(253)}/${a(63)}`],
      ['', '/app', 'a/', 'a/b/c', 'Example.com/app', '-a', 'a-', 'a b', a(64), `${a(254)}/b`],
    ],
    ['that is the value of a label', isLabelValue, ['', 'A', '1_a.B-2', a(63)], ['-a', 'a.', 'a b', 'a/b', a(64)]],
    [
      'of a port',
      isPortName,
      ['http', '8080', '1', '65535', 'a-1', a(15)],
      ['', '0', '65536', 'Http', '-a', 'a-', 'a--b', '1-2', a(16)],
    ],
  ])('%s', (_, accepts, accepted, refused) => {
    expect(accepted.filter((text) => !accepts(text))).toEqual([]);
    expect(refused.filter(accepts)).toEqual([]);
  });

  it('is not needed for a port with a number from 1 to 65535', () => {
    expect([0, 1, 65_535, 65_536].map(isPort)).toEqual([false, true, true, false]);
  });
});
