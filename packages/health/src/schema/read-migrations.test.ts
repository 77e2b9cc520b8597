import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type MigrationFolder, readMigrations } from './read-migrations.js';

let folder: string;
const folderOf = async (files: Readonly<Record<string, string>>): Promise<string> => {
  folder = await mkdtemp(join(tmpdir(), 'coalmine-migrations-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
};
const empty = (...names: string[]): Record<string, string> => Object.fromEntries(names.map((name) => [name, '']));

afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the migrations of a build', () => {
  it.each<[MigrationFolder, Record<string, string>, readonly string[], Record<string, string>?]>([
    [
      'prisma',
      empty('migration_lock.toml', '20260101_b/migration.sql', '20260101_a/migration.sql'),
      ['20260101_a', '20260101_b'],
    ],
    ['knex', empty('2_b.ts', '1_a.js', 'types.d.ts', 'README.md', '.gitkeep'), ['1_a', '2_b']],
    [
      'drizzle',
      { 'meta/_journal.json': '{"entries":[{"when":1700000000001,"tag":"0000_a"}]}', '0000_a.sql': '' },
      ['1700000000001'],
    ],
    ['drizzle', empty('20260101000000_a/migration.sql'), ['20260101000000_a']],
    [
      'typeorm',
      {
        '1700000000000-add-email.ts': 'export class AddEmail1700000000000 implements MigrationInterface {}',
        'a.js': 'module.exports = class AddAge1700000000001 {}',
        'index.ts': "export * from './1700000000000-add-email';",
        'a.d.ts': 'export declare class AddAge1700000000002 {}',
      },
      ['AddEmail1700000000000', 'AddAge1700000000001'],
    ],
    [
      'node-pg-migrate',
      empty('1700000000000_a.sql', '1700000000001_b.js', '1700000000002_c.up.sql', '1700000000002_c.down.sql'),
      ['1700000000000_a', '1700000000001_b', '1700000000002_c'],
    ],
    ['postgres-migrations', empty('0001_a.sql', '2-b.js'), ['1', '2'], { 1: 'a', 2: 'b' }],
    [
      'flyway',
      empty(
        'V1__a.sql',
        '2026/V2_10__drop_b.sql',
        '2026/01/V2.9__c.sql',
        'B2.8__all.sql',
        'R__view.sql',
        'U2_10__b.sql',
      ),
      ['1', '2.8', '2.9', '2.10'],
      { 1: 'a', 2.8: 'all', 2.9: 'c', '2.10': 'drop_b' },
    ],
    [
      'flyway',
      empty('V3.sql', 'V4_1.SQL', 'V5__.sql', 'V6_name.sql', 'R__.sql'),
      ['3', '4.1', '5'],
      { 3: '', '4.1': '', 5: '' },
    ],
    ['golang-migrate', empty('0001_a.up.sql', '0001_a.down.sql', '2_b.up.sql'), ['1', '2']],
    ['dbmate', empty('20260101000000_a.sql', 'schema.sql'), ['20260101000000']],
    ['rails', empty('20260101000000_a.rb', 'shop/20260102000000_b.rb'), ['20260101000000', '20260102000000']],
    [
      'atlas',
      {
        ...empty('20260101_a.sql', 'atlas.sum'),
        '20260102_all.sql': '-- atlas:checkpoint\n\nCREATE TABLE a (id int);',
      },
      ['20260101'],
      { 20260101: '20260101_a', 20260102: '20260102_all' },
    ],
    [
      'sqitch',
      {
        'sqitch.plan':
          '%project=shop\n\nusers 2026-01-01T00:00:00Z A <a@b.c> # Adds users.\n@v1.0 2026-01-02T00:00:00Z A <a@b.c> # Tag\n' +
          '+orders 2026-01-03T00:00:00Z A <a@b.c>\n + items 2026-01-04T00:00:00Z A <a@b.c>\n-users 2026-01-05T00:00:00Z A <a@b.c>\n',
      },
      ['users', '@v1.0', 'orders', 'items'],
    ],
    ['pgroll', empty('01_a.json', '02_b.yaml'), ['01_a', '02_b']],
    ['migrate-mongo', empty('20260101-a.js', 'sample-migration.js'), ['20260101-a']],
  ])('are listed for %s', async (tool, files, knows, names) => {
    const manifest = await readMigrations(tool, await folderOf(files));
    expect({ ...manifest, knows: [...manifest.knows].sort() }).toEqual({
      tool,
      knows: [...knows].sort(),
      ...(names === undefined ? {} : { names }),
    });
  });

  it('come from all given folders', async () => {
    const root = await folderOf(empty('old/1_a.js', 'new/2_b.js', 'none/README.md'));
    const [old, recent, none] = ['old', 'new', 'none'].map((name) => join(root, name)) as [string, string, string];
    expect(await readMigrations('knex', [old, recent])).toEqual({ tool: 'knex', knows: ['1_a', '2_b'] });
    await expect(readMigrations('knex', [old, none])).rejects.toThrow(
      `folder must be a folder of migrations of knex, got "${none}"`,
    );
    await expect(readMigrations('knex', [])).rejects.toThrow('folders must be at least one folder, got []');
  });

  it('are refused if TypeORM would refuse them', async () => {
    const root = await folderOf({ 'add.ts': 'export class Add { async up() {} async down() {} }' });
    await expect(readMigrations('typeorm', root)).rejects.toThrow(
      'folder must be a folder of migrations of typeorm, each a class with a name that ends with 13 digits',
    );
  });

  it('are refused if the folder has none, or the tool is unknown', async () => {
    await expect(readMigrations('prisma', await folderOf({}))).rejects.toThrow(
      'folder must be a folder of migrations of prisma',
    );
    await expect(readMigrations('oracle' as never, folder)).rejects.toThrow(
      'tool must be one of prisma, knex, drizzle',
    );
  });
});
