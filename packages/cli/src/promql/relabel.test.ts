import { describe, expect, it } from 'vitest';
import { NotKnown } from './elements.js';
import { applyRelabel, createJoining, createReplacing } from './relabel.js';

const LABELS = { pod: 'shop-7d9c-x2k', zone: 'a' };

describe('label_replace()', () => {
  it.each<[replacement: string, source: string, pattern: string, app: string | undefined]>([
    ['$1', 'pod', '(.*)-[^-]*-[^-]*', 'shop'],
    ['\u0024{1}_x', 'pod', '(shop).*', 'shop_x'],
    // Without braces, the name of a group is as long as it can be.
    ['$1_x', 'pod', '(shop).*', undefined],
    ['$name', 'pod', '(?<name>shop).*', 'shop'],
    ['$$1', 'pod', '(shop).*', '$1'],
    ['a$', 'pod', '.*', 'a$'],
    ['$2', 'pod', '(shop).*', undefined],
    ['$0', 'zone', '.', 'a'],
    ['fixed', 'gone', '', 'fixed'],
    // The whole value has to match, line feeds included.
    ['$1', 'pod', '(shop)', 'kept'],
    ['$1', 'pod', '(hop).*', 'kept'],
  ])('with %j from %s by /%s/ gives %j', (replacement, source, pattern, app) => {
    const relabel = createReplacing(['app', replacement, source, pattern]);
    const relabelled = relabel({ ...LABELS, app: 'kept' });
    expect(relabelled).toEqual({ ...LABELS, ...(app === undefined ? {} : { app }) });
  });

  it('matches text of several lines', () => {
    expect(createReplacing(['b', '$1', 'a', '(.*)'])({ a: 'x\ny' })).toEqual({ a: 'x\ny', b: 'x\ny' });
  });

  it('keeps the same labels where nothing matches, and returns the same object for the same labels', () => {
    expect(createReplacing(['app', 'x', 'pod', 'none'])(LABELS)).toBe(LABELS);
    const relabel = createReplacing(['app', 'x', 'pod', '.*']);
    expect(relabel(LABELS)).toBe(relabel(LABELS));
    expect(Object.keys(relabel({ zone: 'a', pod: 'b' }))).toEqual(['app', 'pod', 'zone']);
  });

  it('is not known for an expression of Go alone', () => {
    expect(() => createReplacing(['app', '$1', 'pod', '(?i)shop'])).toThrow(NotKnown);
  });
});

describe('label_join()', () => {
  it.each<[sources: string[], joined: object]>([
    [['pod', 'zone'], { all: 'shop-7d9c-x2k/a' }],
    [['zone', 'gone', 'zone'], { all: 'a//a' }],
    // An empty label is none.
    [[], {}],
    [['gone'], {}],
  ])('of %j gives %j', (sources, joined) => {
    expect(createJoining(['all', '/', ...sources])(LABELS)).toEqual({ ...LABELS, ...joined });
  });
});

describe('elements with changed labels', () => {
  it('keep their values, and are refused if two are then the same', () => {
    const elements = [
      { labels: { pod: 'a' }, value: 1 },
      { labels: { pod: 'b' }, value: 2 },
    ];
    expect(applyRelabel(elements, createJoining(['copy', '', 'pod']))).toEqual([
      { labels: { copy: 'a', pod: 'a' }, value: 1 },
      { labels: { copy: 'b', pod: 'b' }, value: 2 },
    ]);
    expect(() => applyRelabel(elements, createJoining(['pod', '']))).toThrow(NotKnown);
  });
});
