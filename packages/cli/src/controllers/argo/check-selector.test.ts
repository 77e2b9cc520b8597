import { describe, expect, it } from 'vitest';
import { showPath } from '../fault.js';
import type { Mapping } from '../read.js';
import { checkSelector, isSelected } from './check-selector.js';

const REFUSES = ': Argo Rollouts refuses the Rollout';
const faultsOf = (selector: Mapping): readonly string[] =>
  checkSelector(selector, ['spec', 'selector']).map(
    ({ rule, path, message, repair }) =>
      `${rule} ${showPath(path.slice(2))} ${message.replace(REFUSES, '')} (${repair})`,
  );

describe('a selector', () => {
  it.each<[string, Mapping, readonly string[]]>([
    ['with labels', { matchLabels: { app: 'shop', n: 5 } }, []],
    ['with both', { matchLabels: { a: 'x' }, matchExpressions: [{ key: 'app', operator: 'Exists' }] }, []],
    ['with an expression', { matchExpressions: [{ key: 'app', operator: 'Exists' }] }, []],
    ['with values', { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['a'] }] }, []],
    [
      'of nothing',
      { matchLabels: {} },
      ['missing-field  spec.selector selects nothing (add matchLabels with the labels of the pods)'],
    ],
    [
      'with a bad value',
      { matchLabels: { app: 'a b' } },
      ['refused-value matchLabels.app app: a b is not a label (write a label of the pods)'],
    ],
    [
      'with a bad key',
      { matchLabels: { 'a b': 'x' } },
      ['refused-value matchLabels["a b"] a b: x is not a label (write a label of the pods)'],
    ],
    [
      'with another operator',
      { matchExpressions: [{ key: 'app', operator: 'Is' }] },
      [
        'refused-value matchExpressions[0].operator Is is not an operator (write one of In, NotIn, Exists, DoesNotExist)',
      ],
    ],
    [
      'without values',
      {
        matchExpressions: [
          { key: 'a', operator: 'In' },
          { key: 'a', operator: 'NotIn' },
        ],
      },
      [
        'refused-value matchExpressions[0] In needs values (add values)',
        'refused-value matchExpressions[1] NotIn needs values (add values)',
      ],
    ],
    [
      'with values too many',
      {
        matchExpressions: [
          { key: 'a', operator: 'Exists', values: ['a'] },
          { key: 'a', operator: 'DoesNotExist', values: ['a'] },
        ],
      },
      [
        'refused-value matchExpressions[0] Exists takes no values (remove values)',
        'refused-value matchExpressions[1] DoesNotExist takes no values (remove values)',
      ],
    ],
    ['whose schema says more', { matchExpressions: ['x', { key: 'a' }] }, []],
  ])('%s', (_, selector, faults) => {
    expect(faultsOf(selector)).toEqual(faults);
  });

  it.each<[Mapping, boolean]>([
    [{ matchLabels: { app: 'shop' } }, true],
    [{ matchLabels: { app: 'shop', tier: 'web' } }, false],
    [{ matchLabels: { app: 'cart' } }, false],
    [{ matchExpressions: [{ key: 'app', operator: 'In', values: ['cart', 'shop'] }] }, true],
    [{ matchExpressions: [{ key: 'app', operator: 'In', values: ['cart'] }] }, false],
    [{ matchExpressions: [{ key: 'tier', operator: 'In', values: [undefined] }] }, false],
    [{ matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['cart'] }] }, true],
    [{ matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['shop'] }] }, false],
    [{ matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['web'] }] }, true],
    [{ matchExpressions: [{ key: 'app', operator: 'Exists' }] }, true],
    [{ matchExpressions: [{ key: 'toString', operator: 'Exists' }] }, false],
    [{ matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] }, false],
    [{ matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] }, true],
    [{ matchExpressions: [{ key: 'tier', operator: 'Is' }] }, true],
    [
      {
        matchExpressions: [
          { key: 'app', operator: 'Exists' },
          { key: 'tier', operator: 'Exists' },
        ],
      },
      false,
    ],
    [{}, true],
  ])('%j selects a pod of the shop: %s', (selector, isOne) => {
    expect(isSelected(selector, { app: 'shop' })).toBe(isOne);
  });
});
