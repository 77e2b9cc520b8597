import { describe, expect, it } from 'vitest';
import { typeormNames } from './typeorm-names.js';

const METHODS =
  'async up(q) { await q.query(`ALTER TABLE "a" ADD "b" int -- class C1700000000009 {`); } async down(q) {}';

describe('the names that TypeORM records', () => {
  it.each<[string, string, readonly string[] | undefined]>([
    [
      'a class',
      `import { MigrationInterface, QueryRunner } from "typeorm";\nexport class Add1700000000000 implements MigrationInterface { ${METHODS} }`,
      ['Add1700000000000'],
    ],
    ['a default export', `export default class Add1700000000000 { ${METHODS} }`, ['Add1700000000000']],
    ['a class of CommonJS', `module.exports = class Add1700000000000 { ${METHODS} }`, ['Add1700000000000']],
    ['a class without a name of its own', `exports.Add1700000000000 = class { ${METHODS} }`, ['Add1700000000000']],
    ['a class that extends', `export class Add1700000000000 extends Base(1) { ${METHODS} }`, ['Add1700000000000']],
    [
      'a nameless class that extends',
      `const Add1700000000000 = class extends Base { ${METHODS} }`,
      ['Add1700000000000'],
    ],
    ['a field', `export class Add1700000000000 { name = 'Other1700000000001'; ${METHODS} }`, ['Other1700000000001']],
    [
      'a field with a type, after a method',
      `export class A { ${METHODS} public readonly name: string = "Add1700000000000" as const; }`,
      ['Add1700000000000'],
    ],
    [
      'a minified field',
      `class e{name="Add1700000000000";async up(e){let name="x"}async down(e){}}exports.Add=e;`,
      ['Add1700000000000'],
    ],
    [
      'a minified field after a method',
      `class e{async up(e){}name="Add1700000000000"}export{e as default};`,
      ['Add1700000000000'],
    ],
    ['a getter', `class A { get name(): string { return 'Add1700000000000' } ${METHODS} }`, ['Add1700000000000']],
    [
      'a constructor',
      `class A { constructor() { this.name = 'Add1700000000000'; } ${METHODS} } exports.A = A;`,
      ['Add1700000000000'],
    ],
    [
      'a helper of esbuild',
      `class A { constructor() { __publicField(this, "name", "Add1700000000000"); } ${METHODS} }`,
      ['Add1700000000000'],
    ],
    [
      'what TypeScript makes of a class for old targets',
      `var Add1700000000000 = /** @class */ (function () { function Add1700000000000() { this.name = 'Add1700000000000'; }
       Add1700000000000.prototype.up = function (q) {}; return Add1700000000000; }());`,
      ['Add1700000000000'],
    ],
    [
      'two classes',
      `export class A1700000000000 { ${METHODS} }\nexport class B1700000000001 { ${METHODS} }`,
      ['A1700000000000', 'B1700000000001'],
    ],
    ['an index', "export * from './1700000000000-add';\n// class Old1700000000000 {}\n", []],
    [
      'a helper',
      `export const up = /class A1700000000000 {/; export class Columns { list() { return ['class']; } }`,
      [],
    ],
    ['a base', `export abstract class Base { ${METHODS} }`, []],
    ['a name without a timestamp', `export class Add { ${METHODS} }`, undefined],
    ['a name that is worked out', `export class Add { name = nameOf(import.meta.url); ${METHODS} }`, undefined],
  ])('are read from %s', (_, source, names) => {
    expect(typeormNames(source)).toEqual(names);
  });
});
