import type { Format } from '@coalmine/metrics';
import { describe, expect, it } from 'vitest';
import type { FamilyType } from './exposition.js';
import { createFamilies } from './families.js';

/** Returns the name and the type of the family that a sample goes to, after a # TYPE line. */
function familyOf(name: string, type: FamilyType, format: Format, labels: readonly string[] = []): string {
  const families = createFamilies(format);
  families.open('a', 1).type = type;
  const family = families.of(name, new Map(labels.map((label) => [label, '1'])), 2);
  return `${family.name} ${family.type}`;
}

describe('a sample', () => {
  it.each<[Format, FamilyType, string, string]>([
    ['text', 'counter', 'a', 'a counter'],
    ['text', 'counter', 'a_total', 'a_total unknown'],
    ['text', 'gauge', 'a', 'a gauge'],
    ['text', 'gauge', 'a_count', 'a_count unknown'],
    ['text', 'histogram', 'a_bucket', 'a histogram'],
    ['text', 'histogram', 'a_sum', 'a histogram'],
    ['text', 'histogram', 'a_count', 'a histogram'],
    ['text', 'histogram', 'a_created', 'a_created unknown'],
    ['text', 'summary', 'a', 'a summary'],
    ['text', 'summary', 'a_sum', 'a summary'],
    ['text', 'summary', 'a_count', 'a summary'],
    ['text', 'summary', 'a_bucket', 'a_bucket unknown'],
    ['openmetrics', 'counter', 'a_total', 'a counter'],
    ['openmetrics', 'counter', 'a_created', 'a counter'],
    ['openmetrics', 'counter', 'a', 'a counter'],
    ['openmetrics', 'histogram', 'a_created', 'a histogram'],
    ['openmetrics', 'gaugehistogram', 'a_gsum', 'a gaugehistogram'],
    ['openmetrics', 'gaugehistogram', 'a_gcount', 'a gaugehistogram'],
    ['openmetrics', 'gaugehistogram', 'a_bucket', 'a gaugehistogram'],
    ['openmetrics', 'summary', 'a_created', 'a summary'],
    ['openmetrics', 'info', 'a_info', 'a info'],
    ['openmetrics', 'unknown', 'a', 'a unknown'],
  ])('of %s after the type %s: %s belongs to %s', (format, type, name, family) => {
    expect(familyOf(name, type, format)).toBe(family);
  });

  it.each<[string, readonly string[], string]>([
    ['b_bucket', ['le'], 'b histogram'],
    ['b_bucket', [], 'b_bucket unknown'],
    ['a_bucket', ['le'], 'a gauge'],
  ])('%s with the labels %j needs no type', (name, labels, family) => {
    expect(familyOf(name, 'gauge', 'text', labels)).toBe(family);
  });
});

it('families are in their order, and apart from the names that have no samples', () => {
  const families = createFamilies('text');
  families.open('idle', 1);
  for (const name of ['b', 'a', 'b'])
    families.of(name, new Map(), 2).samples.push({ name, labels: new Map(), value: 1, line: 2 });
  expect(families.all().map(({ name, samples, line }) => [name, samples.length, line])).toEqual([
    ['b', 2, 2],
    ['a', 1, 2],
  ]);
  expect(families.idle()).toEqual(['idle']);
  expect(families.open('idle', 9).line).toBe(1);
});
