import { createInstrument } from '@coalmine/node';
import { describe, expect, it } from 'vitest';
import { findRoute, type Routes } from './field-search.js';
import { graphqlJs, Registry, sent } from './fixtures/parsed.js';
import { operationIn, type Variables } from './graphql.js';

const instrument = createInstrument({ registry: new Registry(), health: false });
const { parse } = graphqlJs;
const NAMES = ['a', 'b', 'ping', 'pong'];
const ROUTES: Routes = new Map(
  NAMES.map((name) => [name, instrument.pattern(name, { exclude: name.startsWith('p') })]),
);

/** Returns the name of the field that names an operation. */
function named(text: string, variables?: Variables | null): string | undefined {
  const found = findRoute(sent(text, variables), ROUTES);
  return typeof found === 'object' ? [...ROUTES].find(([, route]) => route === found)?.[0] : found;
}

describe('the field that names an operation', () => {
  it.each<[text: string, name: string | undefined]>([
    ['{ a }', 'a'],
    ['{ x: a }', 'a'],
    ['mutation { b a }', 'b'],
    ['{ ping a b }', 'a'],
    ['{ ping pong }', 'ping'],
    ['{ unknown }', undefined],
    ['{ unknown b }', 'b'],
    ['{ unknown ping }', 'ping'],
    ['{ toString constructor }', undefined],
    ['{ __schema { types { name } } }', 'introspection'],
    ['{ __typename a }', 'a'],
    ['{ __typename ping }', 'ping'],
    ['{ __typename unknown }', 'introspection'],
    ['{ a @skip(if: true) b }', 'b'],
    ['{ a @skip(if: false) b }', 'a'],
    ['{ a @include(if: false) b }', 'b'],
    ['{ a @include(if: true) @skip(if: true) b }', 'b'],
    ['{ a @client(if: false) b }', 'a'],
    ['{ a @skip b }', 'a'],
    ['{ a @skip(unless: true) b }', 'a'],
    ['{ a @skip(if: "true") b }', 'a'],
    ['{ a @skip(if: true) }', undefined],
    ['{ __typename @skip(if: true) }', undefined],
    ['{ ... { ping } ... on Query { a } }', 'a'],
    ['{ ... @skip(if: true) { a } b }', 'b'],
    ['{ ...F b } fragment F on Query { ping ...G } fragment G on Query { a }', 'a'],
    ['{ ...F @include(if: false) ...F } fragment F on Query { a }', 'a'],
    ['{ ...F ...F b } fragment F on Query { ping }', 'b'],
    ['{ ...F b } fragment F on Query { ...F }', 'b'],
    ['{ ...Unknown b }', 'b'],
    ['{ ...F } fragment F on Query { ...G } fragment G on Query { ...F __typename }', 'introspection'],
    ['{ ...F } fragment F on Query { a } fragment F on Query { b }', 'b'],
  ])('of %s is %s', (text, name) => {
    expect(named(text)).toBe(name);
  });

  it.each<[declared: string, variables: Variables | null | undefined, isIncluded: boolean]>([
    ['$x: Boolean', undefined, false],
    ['$x: Boolean', null, false],
    ['$x: Boolean', { x: true }, true],
    ['$x: Boolean', { x: null }, false],
    ['$x: Boolean', { x: 'true' }, false],
    ['$x: Boolean = true', {}, true],
    ['$x: Boolean = true', { x: undefined }, false],
    ['$x: Boolean = true', { x: false }, false],
    ['$x: Boolean = false', { x: true }, true],
    ['$y: Boolean = true', {}, false],
  ])('with the variable %s and %j includes a field: %s', (declared, variables, isIncluded) => {
    expect(named(`query (${declared}) { a @include(if: $x) b }`, variables)).toBe(isIncluded ? 'a' : 'b');
    expect(named(`query (${declared}) { a @skip(if: $x) b }`, variables)).toBe(isIncluded ? 'b' : 'a');
  });

  it('does not come from variables that every object has', () => {
    expect(named('query ($toString: Boolean = true) { a @include(if: $toString) b }', {})).toBe('a');
    expect(named('query ($valueOf: Boolean) { a @include(if: $valueOf) b }', {})).toBe('b');
  });

  it('is found in time, however often fragments refer to each other', () => {
    const fragments = Array.from(
      { length: 200 },
      (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} ping }`,
    );
    expect(named(`{ ...F0 b } ${fragments.join(' ')} fragment F200 on Query { pong }`)).toBe('b');
  });
});

describe('the operation of a document', () => {
  const document = parse('query One { a } fragment F on Query { a } mutation Two { b }');

  it.each<[name: string | null | undefined, kind: string | undefined]>([
    ['One', 'query'],
    ['Two', 'mutation'],
    ['F', undefined],
    ['three', undefined],
    ['', undefined],
    [null, undefined],
    [undefined, undefined],
  ])('with the name %j is the %s', (name, kind) => {
    expect(operationIn(document, name)?.operation).toBe(kind);
  });

  it('is the only one if no name is given, whatever its own name is', () => {
    expect(operationIn(parse('fragment F on Query { a } query One { a }'), null)?.name?.value).toBe('One');
    expect(operationIn(parse('{ a }'), '')?.operation).toBe('query');
    expect(operationIn(parse('fragment F on Query { a }'), undefined)).toBeUndefined();
    expect(operationIn(parse('{ a }'), 'One')).toBeUndefined();
  });
});
