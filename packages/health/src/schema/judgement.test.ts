import { describe, expect, it } from 'vitest';
import { judge } from './judgement.js';
import { byDottedNumbers, byName, byNumber } from './order.js';
import type { SchemaReading, SchemaSource } from './source.js';
import { parseSupports, type SchemaSupports } from './supports.js';

type Kind = Partial<Pick<SchemaSource, 'compare' | 'isLinear' | 'hasNames' | 'database' | 'hasVersionSchemas'>>;
const NAMES: Kind = { compare: byName };
const LINEAR: Kind = { compare: byNumber, isLinear: true };
const fitOf = (kind: Kind, supports: SchemaSupports, reading: SchemaReading, floor?: string): string => {
  const source: SchemaSource = { name: 'it', read: async () => reading, database: {} as never, ...kind };
  const { fit, reason } = judge(reading, parseSupports(supports, source), source, floor?.split(' ') ?? []);
  return `${fit}: ${reason}`;
};
const applied = (...names: string[]): SchemaReading => ({ applied: names });

const RULE = { names: /(?:^|_)contract_/ };

describe('a schema', () => {
  it.each<[string, Kind, SchemaSupports, SchemaReading, string | undefined, string]>([
    [
      'has all that is required',
      NAMES,
      { requires: ['a', 'b'] },
      applied('a', 'b'),
      undefined,
      'compatible: what this build works with',
    ],
    [
      'lacks a migration before its latest one',
      NAMES,
      { requires: ['a', 'b', 'c'] },
      applied('a', 'c'),
      undefined,
      'behind: not applied: b',
    ],
    [
      'has more than the build knows',
      NAMES,
      { knows: ['a', 'b'] },
      applied('a', 'b', 'c'),
      undefined,
      'ahead: applied, and newer than this build: c',
    ],
    [
      'has an unknown migration between those that the build knows',
      NAMES,
      { knows: ['a', 'c'] },
      applied('a', 'b', 'c'),
      undefined,
      'ahead: applied, and newer than this build: b',
    ],
    [
      'has what breaks the build',
      NAMES,
      { requires: ['a'], breaksOn: ['c'] },
      applied('a', 'c'),
      undefined,
      'incompatible: applied, and this build cannot work with it: c',
    ],
    [
      'has a contract that the build does not know',
      NAMES,
      { knows: ['1_a'], floor: RULE },
      applied('1_a', '2_contract_a'),
      undefined,
      'incompatible: contract migrations that this build does not know: 2_contract_a',
    ],
    [
      'has a contract that the build knows',
      NAMES,
      { knows: ['1_a', '2_contract_a'], floor: RULE },
      applied('1_a', '2_contract_a'),
      undefined,
      'compatible: what this build works with',
    ],
    [
      'lacks a contract that the build knows',
      NAMES,
      { knows: ['1_a', '2_contract_a'], floor: RULE },
      applied('1_a'),
      undefined,
      'compatible: what this build works with',
    ],
    [
      'has a contract that is older than the versions listed by hand',
      NAMES,
      { requires: ['3_c'], floor: RULE },
      applied('1_a', '2_contract_a', '3_c'),
      undefined,
      'compatible: what this build works with',
    ],
    [
      'has a contract that is newer than the versions listed by hand',
      NAMES,
      { requires: ['1_a'], floor: RULE },
      applied('1_a', '2_contract_a'),
      undefined,
      'incompatible: contract migrations that this build does not know: 2_contract_a',
    ],
    [
      'has a contract by its name, without a rule for names',
      NAMES,
      { knows: ['1_a'] },
      applied('1_a', '2_add_contract_item', '3_contract_a'),
      undefined,
      'ahead: applied, and newer than this build: 2_add_contract_item, 3_contract_a',
    ],
    [
      'lacks a contract by its name, without a rule for names',
      NAMES,
      { knows: ['1_a', '2_contract_a'] },
      applied('1_a'),
      undefined,
      'behind: not applied: 2_contract_a',
    ],
    [
      'has a contract whose name is not its version',
      { compare: byDottedNumbers },
      { knows: ['1'], floor: { names: /^contract_/ } },
      { applied: ['1', '2'], names: new Map([['2', 'contract_name']]) },
      undefined,
      'incompatible: contract migrations that this build does not know: 2',
    ],
    [
      'lacks a contract whose name is not its version',
      { compare: byDottedNumbers },
      { knows: ['1', '2'], names: { 2: 'contract_name' }, floor: { names: /^contract_/ } },
      applied('1'),
      undefined,
      'compatible: what this build works with',
    ],
    [
      'has a checkpoint that the build names and does not require',
      NAMES,
      { knows: ['1', '2'], names: { 1: '1_a', 2: '2_b', 3: '3_all' } },
      { applied: ['3'], baseline: '3' },
      undefined,
      'compatible: what this build works with',
    ],
    [
      'has a floor that was squashed into the first migration of the build, by its history',
      NAMES,
      { knows: ['000_squashed', '3_c'], floor: RULE },
      applied('1_a', '2_contract_a', '000_squashed', '3_c'),
      '2_contract_a',
      'compatible: what this build works with',
    ],
    [
      'has a floor that was squashed into the first migration of the build, by its number',
      { compare: byNumber },
      { knows: ['2_squashed', '3_c'] },
      applied('2_squashed', '3_c'),
      '1_contract_a',
      'compatible: what this build works with',
    ],
    [
      'has a floor that comes before the first migration of the build by name only',
      NAMES,
      { knows: ['1_a', '9_i'] },
      applied('1_a', '9_i', '10_contract_a'),
      '10_contract_a',
      'incompatible: the floor of the database is 10_contract_a, which this build does not know',
    ],
    [
      'has a contract after the squashed first migration of the build',
      NAMES,
      { knows: ['000_squashed'], floor: RULE },
      applied('1_a', '000_squashed', '2_contract_a'),
      undefined,
      'incompatible: contract migrations that this build does not know: 2_contract_a',
    ],
    [
      'has a baseline, which includes all versions up to it',
      { compare: byDottedNumbers },
      { knows: ['1', '2', '2.1', '3'] },
      { applied: ['2.1', '3'], baseline: '2.1' },
      undefined,
      'compatible: what this build works with',
    ],
    [
      'has a baseline below what is required',
      { compare: byDottedNumbers },
      { knows: ['1', '2', '3'] },
      { applied: ['2'], baseline: '2' },
      undefined,
      'behind: not applied: 3',
    ],
    [
      'has a contract by a rule of the user',
      NAMES,
      { knows: ['1_a'], floor: { names: /^drop/ } },
      applied('1_a', 'drop_b'),
      undefined,
      'incompatible: contract migrations that this build does not know: drop_b',
    ],
    [
      'has a floor that the build knows',
      NAMES,
      { knows: ['a', 'b'] },
      applied('a', 'b', 'c'),
      'b',
      'ahead: applied, and newer than this build: c',
    ],
    [
      'has a floor above what the build knows',
      NAMES,
      { knows: ['a', 'b'] },
      applied('a', 'b', 'c'),
      'c',
      'incompatible: the floor of the database is c, which this build does not know',
    ],
    [
      'has several floors, all of which the build knows',
      NAMES,
      { knows: ['a', 'b'] },
      applied('a', 'b'),
      'b a',
      'compatible: what this build works with',
    ],
    [
      'has several floors, some of which are above the range',
      LINEAR,
      { min: 3, max: 5 },
      applied('10'),
      '4 6 2 10 5',
      'incompatible: the floor of the database is 6, 10, which this build does not know',
    ],
    ['is in the range', LINEAR, { min: 3, max: 5 }, applied('4'), undefined, 'compatible: what this build works with'],
    ['is below the range', LINEAR, { min: 3, max: 5 }, applied('2'), undefined, 'behind: at 2, below 3'],
    [
      'is above the range, with a floor in the range',
      LINEAR,
      { min: 3, max: 5 },
      applied('10'),
      '5',
      'ahead: applied, and newer than this build: 10',
    ],
    [
      'is above the range, with a floor above the range',
      LINEAR,
      { min: 3, max: 5 },
      applied('10'),
      '6',
      'incompatible: the floor of the database is 6, which this build does not know',
    ],
    [
      'is above a range without an end',
      LINEAR,
      { min: 3 },
      applied('10'),
      undefined,
      'compatible: what this build works with',
    ],
    [
      'keeps only its latest version, which includes the versions before it',
      LINEAR,
      { requires: [3, 4] },
      applied('5'),
      undefined,
      'ahead: applied, and newer than this build: 5',
    ],
    [
      'is half-way to what is required',
      LINEAR,
      { requires: [5] },
      { applied: ['5'], unfinished: ['5'] },
      undefined,
      'behind: not applied: 5',
    ],
    [
      'is half-way to more than what is required',
      LINEAR,
      { min: 4, max: 4 },
      { applied: ['5'], unfinished: ['5'] },
      undefined,
      'ahead: applied, and newer than this build: 5',
    ],
    [
      'is half-way to the minimum',
      LINEAR,
      { min: 5 },
      { applied: ['5'], unfinished: ['5'] },
      undefined,
      'behind: at 5, below 5',
    ],
    [
      'is at 2.10, which is after 2.9',
      { compare: byDottedNumbers },
      { min: '2.9' },
      applied('2.10'),
      undefined,
      'compatible: what this build works with',
    ],
    [
      'has changes without an order',
      {},
      { requires: ['b'] },
      applied('a', 'b', 'c'),
      undefined,
      'ahead: applied, and newer than this build: a, c',
    ],
    [
      'lacks more than five versions',
      NAMES,
      { requires: ['a', 'b', 'c', 'd', 'e', 'f'] },
      applied(),
      undefined,
      'behind: not applied: a, b, c, d, e and 1 more',
    ],
    [
      'serves the version schema of the build',
      { ...NAMES, hasVersionSchemas: true },
      { versionSchema: 'public_02_b' },
      {
        applied: ['01_a', '02_b'],
        versionSchemas: { served: ['public_01_a', 'public_02_b'], completed: ['public_01_a'] },
      },
      undefined,
      'compatible: public_02_b is served',
    ],
    [
      'does not serve the version schema of the build yet',
      { ...NAMES, hasVersionSchemas: true },
      { versionSchema: 'public_02_b' },
      { applied: ['01_a'], versionSchemas: { served: ['public_01_a'], completed: ['public_01_a'] } },
      undefined,
      'behind: public_02_b is not served yet',
    ],
    [
      'does not serve the version schema of the build any more',
      { ...NAMES, hasVersionSchemas: true },
      { versionSchema: 'public_01_a' },
      {
        applied: ['01_a', '02_b'],
        versionSchemas: { served: ['public_02_b'], completed: ['public_01_a', 'public_02_b'] },
      },
      undefined,
      'incompatible: public_01_a was served and is no more',
    ],
    [
      'is at a checkpoint that contains what is required',
      NAMES,
      { requires: ['a', 'b', 'c'] },
      { applied: ['c'], baseline: 'b' },
      undefined,
      'compatible: what this build works with',
    ],
    [
      'is at a checkpoint, and the versions have no order',
      {},
      { requires: ['a', 'b'] },
      { applied: ['b'], baseline: 'b' },
      undefined,
      'behind: not applied: a',
    ],
    [
      'keeps only one version of a range',
      LINEAR,
      { requires: [5], breaksOn: [9] },
      applied('4', '7'),
      undefined,
      'ahead: applied, and newer than this build: 7',
    ],
    [
      'has just what is required',
      LINEAR,
      { requires: [5] },
      applied('5'),
      undefined,
      'compatible: what this build works with',
    ],
    ['is before what is required', LINEAR, { requires: [5] }, applied('4'), undefined, 'behind: not applied: 5'],
    [
      'is linear, and its versions have no order',
      { isLinear: true },
      { requires: ['b'] },
      applied('b'),
      undefined,
      'compatible: what this build works with',
    ],
    [
      'does not have what would break the build',
      NAMES,
      { requires: ['a'], breaksOn: ['c'] },
      applied('a'),
      undefined,
      'compatible: what this build works with',
    ],
    [
      'has changes of which the build names only those that break it',
      {},
      { breaksOn: ['c'] },
      applied('a', 'b'),
      undefined,
      'compatible: what this build works with',
    ],
    [
      'was squashed into the first migration of the build',
      NAMES,
      { knows: ['5_all', '6_b'] },
      applied('1_a', '5_all', '6_b'),
      undefined,
      'compatible: what this build works with',
    ],
    [
      'was squashed, as the history without an order shows',
      {},
      { knows: ['all', 'b'] },
      applied('old', 'all', 'b', 'new'),
      undefined,
      'ahead: applied, and newer than this build: new',
    ],
    [
      'has a floor that its history does not have',
      {},
      { knows: ['all', 'b'] },
      applied('all', 'b'),
      'c',
      'incompatible: the floor of the database is c, which this build does not know',
    ],
    [
      'has a migration, and the build knows none',
      NAMES,
      { knows: [] },
      applied('a'),
      undefined,
      'ahead: applied, and newer than this build: a',
    ],
    ['has nothing', LINEAR, { min: 3 }, applied(), undefined, 'behind: at no version, below 3'],
    ['is at the minimum', LINEAR, { min: 3 }, applied('3'), undefined, 'compatible: what this build works with'],
    [
      'is above the minimum',
      LINEAR,
      { min: 3 },
      applied('1', '4'),
      undefined,
      'compatible: what this build works with',
    ],
    [
      'lacks five versions',
      NAMES,
      { requires: ['a', 'b', 'c', 'd', 'e'] },
      applied(),
      undefined,
      'behind: not applied: a, b, c, d, e',
    ],
    [
      'has no version schemas yet',
      { ...NAMES, hasVersionSchemas: true },
      { versionSchema: 'public_01_a' },
      applied(),
      undefined,
      'behind: public_01_a is not served yet',
    ],
  ])('that %s is $5', (_, kind, supports, reading, floor, expected) => {
    expect(fitOf(kind, supports, reading, floor)).toBe(expected);
  });
});

describe('a failed migration', () => {
  const failureIn = (reading: SchemaReading): string | undefined => {
    const source: SchemaSource = { name: 'it', read: async () => reading, ...NAMES };
    return judge(reading, parseSupports({ knows: ['a', 'b'] }, source), source, []).failure;
  };

  it.each<[string, SchemaReading, string | undefined]>([
    ['is absent from a good history', applied('a', 'b'), undefined],
    ['belongs to the build if the build knows it', { ...applied('a'), failed: ['b'] }, 'own'],
    ['belongs to the next release if the build does not know it', { ...applied('a', 'b'), failed: ['c'] }, 'foreign'],
    ['belongs to the build if the build knows one of several', { ...applied('a'), failed: ['c', 'b'] }, 'own'],
    ['may be a migration that was given up half-way', { ...applied('a'), unfinished: ['b'] }, 'own'],
  ])('%s', (_, reading, failure) => {
    expect(failureIn(reading)).toBe(failure);
  });
});

describe('the versions that a build supports', () => {
  const parse = (supports: unknown, kind: Kind = NAMES): unknown =>
    parseSupports(supports as SchemaSupports, { name: 'it', read: async () => undefined, ...kind });

  it.each<[unknown, Kind, string]>([
    [
      {},
      NAMES,
      'supports must be one of { requires, breaksOn, knows }, { min, max } and { versionSchema }, got an object',
    ],
    [{ min: 1, requires: ['a'] }, NAMES, 'supports must be one of'],
    [{ require: ['a'] }, NAMES, 'supports.require must be left out'],
    [{ requires: 'a' }, NAMES, 'supports.requires must be a list, of a version each, got "a"'],
    [{ requires: [''] }, NAMES, 'supports.requires[0] must be a version, got ""'],
    [{ min: {} }, NAMES, 'supports.min must be a version, got an object'],
    [{ min: 10, max: 9 }, LINEAR, 'supports.max must be at least min, 10, got 9'],
    [
      { min: 'a' },
      {},
      'supports.min must be left out: the versions of it have no order; list them in requires, got "a"',
    ],
    [
      { versionSchema: 'public_1' },
      NAMES,
      'supports.versionSchema must be left out: it has no version schemas, got "public_1"',
    ],
    [
      { knows: ['a'], floor: { table: 'a b' } },
      { ...NAMES, database: {} as never },
      'supports.floor.table must be a name of up to 63',
    ],
    [
      { knows: ['a'], floor: { table: 'floors' } },
      NAMES,
      'supports.floor.table must be left out: it has no SQL, got "floors"',
    ],
    [
      { knows: ['a'], floor: { names: 'contract' } },
      NAMES,
      'supports.floor.names must be a regular expression, got "contract"',
    ],
    [
      { knows: ['a'], floor: { names: /contract/ } },
      { ...NAMES, hasNames: false },
      'supports.floor.names must be left out: it records no names of migrations; raise the floor in the table instead, got "/contract/"',
    ],
    [{ knows: ['1'], names: ['a'] }, NAMES, 'supports.names must be an object of names, by version, got ["a"]'],
    [{ knows: ['1'], names: { 1: 2 } }, NAMES, 'supports.names.1 must be a name, got 2'],
    [{ knows: ['a'], floor: { names: /contract/g } }, NAMES, 'supports.floor.names must be without the flags g and y'],
  ])('%j is refused', (supports, kind, message) => {
    expect(() => parse(supports, kind)).toThrow(message);
  });

  it.each<[SchemaSupports, Kind, number | undefined]>([
    [{ min: 3, max: 5 }, LINEAR, 5],
    [{ min: 3 }, LINEAR, undefined],
    [{ knows: ['20260101_a', '20260301_contract_a'] }, NAMES, 20260301],
    [{ requires: ['AddEmail1700000000000'] }, NAMES, 1700000000000],
    [{ requires: ['2.10'] }, { compare: byDottedNumbers }, undefined],
    [{ requires: ['add-email'] }, NAMES, undefined],
    [{ requires: ['1'] }, {}, undefined],
  ])('%j require the floor $2', (supports, kind, floor) => {
    expect(parse(supports, kind)).toMatchObject({ floorRequired: floor });
  });
});
