import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidOption } from '@coalmine/options';
import { withoutExtension } from './tools.js';

/** What a build knows, to be read in at start-up: `supports: { knows: manifest.knows }`. */
export interface MigrationManifest {
  /** The tool whose folder it was. */
  readonly tool: MigrationFolder;
  readonly knows: readonly string[];
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

type Folder = (entries: readonly Entry[], folder: string) => readonly string[] | Promise<readonly string[]>;

interface Entry {
  readonly name: string;
  readonly isFolder: boolean;
}

const SCRIPT = /\.[cm]?[jt]s$/;

const FOLDERS: Readonly<Record<MigrationFolder, Folder>> = {
  prisma: folders,
  knex: scripts,
  drizzle: async (entries, folder) => {
    // Before 1.0 the journal says when each was made, which is all that the table keeps.
    if (!entries.some(({ name, isFolder }) => name === 'meta' && isFolder)) return folders(entries);
    const journal = JSON.parse(await readFile(join(folder, 'meta/_journal.json'), 'utf8'));
    return (journal.entries as readonly { when: number }[]).map(({ when }) => String(when));
  },
  // The table keeps the name of the class: `1700000000000-AddEmail.ts` has `AddEmail1700000000000`.
  typeorm: (entries) => scripts(entries).map((name) => name.replace(/^(\d+)-(.*)$/, '$2$1')),
  sequelize: scripts,
  'mikro-orm': scripts,
  kysely: scripts,
  'node-pg-migrate': (entries) => files(entries, /\.(?:sql|[cm]?[jt]s)$/),
  'postgres-migrations': (entries) => digits(entries, /\.(?:sql|js)$/).map((name) => String(Number(name))),
  'db-migrate': scripts,
  flyway: (entries) =>
    entries.flatMap(({ name }) => /^V([\d._]+?)__.*\.(?:sql|java)$/.exec(name)?.[1]?.replaceAll('_', '.') ?? []),
  'golang-migrate': (entries) => digits(entries, /\.up\.[\w.]+$/).map((name) => String(BigInt(name))),
  dbmate: (entries) => digits(entries, /\.sql$/),
  rails: (entries) => digits(entries, /\.rb$/),
  atlas: (entries) => files(entries, /\.sql$/).map((name) => name.split('_', 1)[0] ?? name),
  sqitch: async (_entries, folder) => {
    const plan = await readFile(join(folder, 'sqitch.plan'), 'utf8');
    return plan.split('\n').flatMap((line) => /^\s*(@?[^\s%#+-][^\s]*)/.exec(line)?.[1] ?? []);
  },
  pgroll: (entries) => files(entries, /\.(?:json|ya?ml)$/).map((name) => name.replace(/\.(?:json|ya?ml)$/, '')),
  'migrate-mongo': scripts,
};

/**
 * Reads the migrations of a build from their folder, as the tool records them: at build time, since the folder is seldom
 * in the image. Rejects with `InvalidOption`, and as the file system does.
 */
export async function readMigrations(tool: MigrationFolder, folder: string): Promise<MigrationManifest> {
  if (!Object.hasOwn(FOLDERS, tool)) throw new InvalidOption('tool', `one of ${Object.keys(FOLDERS).join(', ')}`, tool);
  const entries = (await readdir(folder, { withFileTypes: true }))
    .filter(({ name }) => !name.startsWith('.'))
    .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const knows = [...new Set(await FOLDERS[tool](entries, folder))];
  if (knows.length === 0) throw new InvalidOption('folder', `a folder of migrations of ${tool}`, folder);
  return { tool, knows };
}

function folders(entries: readonly Entry[]): readonly string[] {
  return entries.filter(({ isFolder }) => isFolder).map(({ name }) => name);
}

function scripts(entries: readonly Entry[]): readonly string[] {
  return files(entries, SCRIPT);
}

function files(entries: readonly Entry[], pattern: RegExp): readonly string[] {
  return entries
    .filter(({ name, isFolder }) => !isFolder && pattern.test(name) && !/\.d\.[cm]?ts$/.test(name))
    .map(({ name }) => withoutExtension(name));
}

function digits(entries: readonly Entry[], pattern: RegExp): readonly string[] {
  return files(entries, pattern).flatMap((name) => /^\d+/.exec(name)?.[0] ?? []);
}
