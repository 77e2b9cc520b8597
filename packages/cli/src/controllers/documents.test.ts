import { describe, expect, it } from 'vitest';
import { objectsIn } from './documents.js';

const TEMPLATE = 'kind: AnalysisTemplate\nmetadata: { name: gate }\nspec: {}\n';
const CONFIG = 'kind: ConfigMap\nmetadata: { name: shop }\ndata: {}\n';

describe('the objects of a file', () => {
  it('are the objects with a spec, whatever is beside them', () => {
    expect(objectsIn(`${CONFIG}---\n${TEMPLATE}---\n---\nplain text\n`, 'x.yaml')).toEqual([
      { kind: 'AnalysisTemplate', metadata: { name: 'gate' }, spec: {} },
    ]);
  });

  it('are the objects of a list as well', () => {
    const items = [
      { kind: 'Canary', metadata: { name: 'shop' }, spec: {} },
      { kind: 'Secret', metadata: { name: 'key' } },
    ];
    expect(objectsIn(JSON.stringify({ kind: 'List', items }), 'x.yaml')).toEqual([items[0]]);
  });

  it.each([
    ['kind: Canary\nmetadata: { name: shop }\n', 'x.yaml has Canary without metadata.name or spec'],
    ['kind: AnalysisRun\nspec: {}\n', 'x.yaml has AnalysisRun without metadata.name or spec'],
    ['a: [', 'x.yaml is not YAML'],
  ])('are refused if a part of an analysis is incomplete: %j', (text, message) => {
    expect(() => objectsIn(text, 'x.yaml')).toThrow(message);
  });
});
