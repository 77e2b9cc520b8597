import { describe, expect, it } from 'vitest';
import {
  boundOf,
  countingSamplesOf,
  type FamilyType,
  groupedBy,
  type Sample,
  seriesKeyOf,
  showSeries,
} from './exposition.js';

const sample = (name: string, labels: Readonly<Record<string, string>> = {}): Sample => ({
  name,
  labels: new Map(Object.entries(labels)),
  value: 1,
  line: 1,
});

it.each<[FamilyType, readonly string[]]>([
  ['counter', ['a_total']],
  ['gauge', ['a']],
  ['histogram', ['a_count']],
  ['summary', ['a_count']],
  ['unknown', ['a']],
])('the samples that count the series of a %s', (type, names) => {
  const written: Partial<Record<FamilyType, readonly string[]>> = {
    counter: ['a_total', 'a_created'],
    histogram: ['a_bucket', 'a_sum', 'a_count', 'a_created'],
    summary: ['a', 'a_sum', 'a_count'],
  };
  const samples = (written[type] ?? ['a']).map((name) => sample(name));
  expect(countingSamplesOf({ name: 'a', type, line: 1, samples }).map(({ name }) => name)).toEqual(names);
});

it.each([
  ['0.5', 0.5],
  ['1e0', 1],
  ['+Inf', Number.POSITIVE_INFINITY],
  ['one', Number.NaN],
  ['', Number.NaN],
])('the bound %j is %s', (le, bound) => {
  expect(boundOf(sample('a_bucket', { le }))).toBe(bound);
});

describe('the key of a series', () => {
  const key = (...[name, labels]: Parameters<typeof sample>) => seriesKeyOf(sample(name, labels));

  it('does not depend on the order of labels, or on how a bound is written', () => {
    expect(key('a', { b: '1', c: '2' })).toBe(key('a', { c: '2', b: '1' }));
    expect(key('a', { le: '1.0' })).toBe(key('a', { le: '1' }));
    expect(key('a', { quantile: '0.50' })).toBe(key('a', { quantile: '0.5' }));
  });

  it('depends on everything else', () => {
    const keys = [
      key('a'),
      key('b'),
      key('a', { b: '1' }),
      key('a', { b: '1.0' }),
      key('a', { b: '1', c: '2' }),
      key('a', { b: '1\nc\n1\n2' }),
      key('a', { le: 'one' }),
      key('a', { le: 'two' }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('may leave out a label', () => {
    expect(seriesKeyOf(sample('a', { b: '1', le: '2' }), 'le')).toBe(key('a', { b: '1' }));
  });
});

it.each<[string, Readonly<Record<string, string>>, string]>([
  ['a', {}, 'a'],
  ['a:b', { c: '1', _d: '2' }, 'a:b{c="1",_d="2"}'],
  ['a', { 'b.c': '1' }, 'a{"b.c"="1"}'],
  ['a.b', {}, '{"a.b"}'],
  ['a.b', { c: '1' }, '{"a.b",c="1"}'],
  ['1a', {}, '{"1a"}'],
])('the series of %s with %j is shown', (name, labels, text) => {
  expect(showSeries(sample(name, labels))).toBe(text);
});

it('groups are in the order in which they started', () => {
  const groups = groupedBy(['b1', 'a1', 'b2'], ([letter = '']) => letter);
  expect([...groups]).toEqual([
    ['b', ['b1', 'b2']],
    ['a', ['a1']],
  ]);
});
