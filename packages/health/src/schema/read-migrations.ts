import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidOption } from '@coalmine/options';
import { withoutExtension } from './tools.js';
import { typeormNames } from './typeorm-names.js';

/** The migrations that a build knows, to be read at start-up: `supports: { knows: manifest.knows }`. */
export interface MigrationManifest {
  /** The tool that the folder belongs to. */
  readonly tool: MigrationFolder;
  readonly knows: readonly string[];
  /**
   * Names of versions, for `supports: { knows, names }`, if a version is not a name and the history has names as well.
   */
  readonly names?: Readonly<Record<string, string>>;
}

/** Tools whose migrations are files in a folder. */
export type MigrationFolder =
  | 'prisma'
  | 'knex'
  | 'drizzle'
  | 'typeorm'
  | 'sequelize'
  | 'mikro-orm'
  | 'kysely'
  | 'node-pg-migrate'
  | 'postgres-migrations'
  | 'db-migrate'
  | 'flyway'
  | 'golang-migrate'
  | 'dbmate'
  | 'rails'
  | 'atlas'
  | 'sqitch'
  | 'pgroll'
  | 'migrate-mongo';

type Listing = Pick<MigrationManifest, 'knows' | 'names'>;
type Folder = (
  entries: readonly Entry[],
  folder: string,
) => readonly string[] | Listing | Promise<readonly string[] | Listing>;

interface Entry {
  readonly name: string;
  readonly isFolder: boolean;
}

// These tools look for migrations in subfolders, too.
const DEEP: ReadonlySet<MigrationFolder> = new Set(['flyway', 'rails']);

// Flyway also runs a file without a description, such as `V3.sql`.
const FLYWAY_FILE = /^[VB](\d[\d._]*?)(?:__([^$]*))?\.(?:sql|SQL|java|kt|class|sh|bash|ps1|bat|cmd|py|python)$/;
const SCRIPT = /\.[cm]?[jt]s$/;
const TYPES = /\.d\.[cm]?ts$/;

const FOLDERS: Readonly<Record<MigrationFolder, Folder>> = {
  prisma: folders,
  knex: scripts,
  drizzle: async (entries, folder) => {
    // Before 1.0 the journal says when each migration was made, and the table keeps only that.
    if (!entries.some(({ name, isFolder }) => name === 'meta' && isFolder)) return folders(entries);
    const journal = JSON.parse(await readFile(join(folder, 'meta/_journal.json'), 'utf8'));
    return (journal.entries as readonly { when: number }[]).map(({ when }) => String(when));
  },
  typeorm: async (entries, folder) => {
    const scripts = entries.filter(({ name, isFolder }) => !isFolder && SCRIPT.test(name) && !TYPES.test(name));
    const names: string[] = [];
    for (const { name } of scripts) {
      const found = typeormNames(await readFile(join(folder, name), 'utf8'));
      if (found === undefined || (found.length === 0 && /^\d{13}-/.test(name))) {
        throw new InvalidOption(
          'folder',
          'a folder of migrations of typeorm, each a class with a name that ends with 13 digits, as TypeORM demands',
          join(folder, name),
        );
      }
      names.push(...found);
    }
    return names;
  },
  sequelize: scripts,
  'mikro-orm': scripts,
  kysely: scripts,
  'node-pg-migrate': (entries) =>
    files(entries, /(?<!\.down)\.sql$|\.[cm]?[jt]s$/).map((name) => name.replace(/\.up$/, '')),
  'postgres-migrations': (entries) =>
    listingOf(files(entries, /\.(?:sql|js)$/), (file) => {
      const [, digits, name = file] = /^(\d+)[-_]?(.+)?$/.exec(file) ?? [];
      return digits === undefined ? undefined : [String(Number(digits)), name];
    }),
  'db-migrate': scripts,
  // A baseline migration, B, replaces all migrations up to its version.
  flyway: (entries) =>
    listingOf(
      entries.map(({ name }) => name),
      (file) => {
        const [, version, name = ''] = FLYWAY_FILE.exec(file) ?? [];
        return version === undefined ? undefined : [version.replaceAll('_', '.'), name];
      },
    ),
  'golang-migrate': (entries) => digits(entries, /\.up\.[\w.]+$/).map((name) => String(BigInt(name))),
  dbmate: (entries) => digits(entries, /\.sql$/),
  rails: (entries) => digits(entries, /\.rb$/),
  atlas: atlasVersions,
  sqitch: async (_entries, folder) => {
    const plan = await readFile(join(folder, 'sqitch.plan'), 'utf8');
    // A `+` before a change says the same as nothing.
    return plan.split('\n').flatMap((line) => /^\s*(?:\+\s*)?(@?[^\s%#+-][^\s]*)/.exec(line)?.[1] ?? []);
  },
  pgroll: (entries) => files(entries, /\.(?:json|ya?ml)$/).map((name) => name.replace(/\.(?:json|ya?ml)$/, '')),
  // The sample is what the tool copies into new migrations.
  'migrate-mongo': (entries) => scripts(entries).filter((name) => name !== 'sample-migration'),
};

/**
 * Reads the migrations of a build from one or more folders, as the tool records them. Call it at build time, because an
 * image seldom contains the folders. Rejects with `InvalidOption`, or with an error of the file system.
 */
export async function readMigrations(
  tool: MigrationFolder,
  folders: string | readonly string[],
): Promise<MigrationManifest> {
  if (!Object.hasOwn(FOLDERS, tool)) throw new InvalidOption('tool', `one of ${Object.keys(FOLDERS).join(', ')}`, tool);
  const knows = new Set<string>();
  const names: Record<string, string> = {};
  for (const folder of typeof folders === 'string' ? [folders] : folders) {
    const found = await FOLDERS[tool](await entriesOf(folder, DEEP.has(tool)), folder);
    const listing: Listing = 'knows' in found ? found : { knows: found };
    if (listing.knows.length === 0) throw new InvalidOption('folder', `a folder of migrations of ${tool}`, folder);
    for (const version of listing.knows) knows.add(version);
    Object.assign(names, listing.names);
  }
  if (knows.size === 0) throw new InvalidOption('folders', 'at least one folder', folders);
  return { tool, knows: [...knows], ...(Object.keys(names).length === 0 ? {} : { names }) };
}

async function entriesOf(folder: string, isDeep: boolean): Promise<readonly Entry[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: isDeep });
  return entries
    .filter(({ name }) => !name.startsWith('.'))
    .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Atlas skips a checkpoint if the files before it are applied: a build knows the checkpoint, but does not require it.
 */
async function atlasVersions(entries: readonly Entry[], folder: string): Promise<Listing> {
  const names = files(entries, /\.sql$/);
  const texts = await Promise.all(names.map((name) => readFile(join(folder, `${name}.sql`), 'utf8')));
  const plain = names.filter((_, i) => !/^-- *atlas:checkpoint\b/m.test(texts[i] ?? ''));
  const versionOf = (name: string): string => name.split('_', 1)[0] ?? name;
  return {
    knows: (plain.length > 0 ? plain : names.slice(-1)).map(versionOf),
    names: Object.fromEntries(names.map((name) => [versionOf(name), name])),
  };
}

function listingOf(
  fileNames: readonly string[],
  read: (fileName: string) => readonly [version: string, name: string] | undefined,
): Listing {
  const pairs = fileNames.map(read).filter((pair) => pair !== undefined);
  return { knows: pairs.map(([version]) => version), names: Object.fromEntries(pairs) };
}

function folders(entries: readonly Entry[]): readonly string[] {
  return entries.filter(({ isFolder }) => isFolder).map(({ name }) => name);
}

function scripts(entries: readonly Entry[]): readonly string[] {
  return files(entries, SCRIPT);
}

function files(entries: readonly Entry[], pattern: RegExp): readonly string[] {
  return entries
    .filter(({ name, isFolder }) => !isFolder && pattern.test(name) && !TYPES.test(name))
    .map(({ name }) => withoutExtension(name));
}

function digits(entries: readonly Entry[], pattern: RegExp): readonly string[] {
  return files(entries, pattern).flatMap((name) => /^\d+/.exec(name)?.[0] ?? []);
}
