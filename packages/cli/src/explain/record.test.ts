import { describe, expect, it } from 'vitest';
import { inNamespaceOf, listIn, nameOf, numberIn, recordOf, recordsOf, secondsIn, textIn } from './record.js';

const kindsOf = (text: string): readonly string[] => recordsOf(text, 'a.yaml').map(({ kind }) => kind);

describe('the objects in the output of kubectl', () => {
  it.each([
    ['YAML', 'kind: Rollout\n---\nkind: AnalysisRun\n'],
    ['a list', 'kind: List\nitems:\n- kind: Rollout\n- kind: AnalysisRun\n'],
    ['JSON of two calls', '{ "kind": "Rollout" }\n{ "kind": "AnalysisRun" }\n'],
    ['an array of jq', ' [{ "kind": "Rollout" }, { "kind": "AnalysisRun" }]'],
  ])('are read from %s', (_, text) => {
    expect(kindsOf(text)).toEqual(['Rollout', 'AnalysisRun']);
  });

  it('are not in the output of kubectl describe', () => {
    expect(() => kindsOf('Name:         shop\nNamespace:    prod\nAPI Version:  argoproj.io/v1alpha1\n')).toThrow(
      'a.yaml is the output of kubectl describe: give the output of kubectl get … -o yaml',
    );
  });

  it('are named with the line that cannot be read', () => {
    expect(() => kindsOf('kind: Rollout\nspec: [\n')).toThrow(/^a\.yaml:\d+ cannot be read: /);
  });
});

describe('the fields of an object', () => {
  const fields = { text: 'a', number: 1.5, quoted: ' 25 ', yes: true, empty: '', list: ['a', { b: 1 }], none: null };

  it('are texts if they are scalars', () => {
    expect(['text', 'number', 'yes', 'empty', 'list', 'none', 'gone'].map((key) => textIn(fields, key))).toEqual([
      'a',
      '1.5',
      'true',
      '',
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('are numbers, also if they are quoted', () => {
    expect(['number', 'quoted', 'text', 'empty', 'yes', 'gone'].map((key) => numberIn(fields, key))).toEqual([
      1.5,
      25,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('are lists of objects, in which anything else is empty', () => {
    expect(listIn(fields, 'list')).toEqual([{}, { b: 1 }]);
    expect(listIn(fields, 'text')).toEqual([]);
  });

  it('are times', () => {
    expect(secondsIn({ at: '2026-01-20T14:00:00.5Z' }, 'at')).toBe(1_768_917_600.5);
    expect(secondsIn({ at: 'never' }, 'at')).toBeUndefined();
  });
});

it('an object is named with its namespace, if it has one', () => {
  const [here, nowhere] = [
    recordOf({ kind: 'Rollout', metadata: { name: 'checkout', namespace: 'shop' } }),
    recordOf({ kind: 'Rollout', metadata: {} }),
  ];
  expect([here, nowhere].map(nameOf)).toEqual(['Rollout shop/checkout', 'Rollout (unnamed)']);
  expect([here, nowhere].map((object) => inNamespaceOf(object, 'run'))).toEqual(['run -n shop', 'run']);
});
