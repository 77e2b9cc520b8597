import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** One migration in SQL, from which each tool gets its own form. */
export interface Migration {
  /** The name that most tools give their files: the time in seconds, and what the migration does: `20240131120000_add_age`. */
  readonly name: string;
  readonly up: string;
}

/** Applies the missing migrations in order with the real tool. Rejects as the tool does. */
export type Migrate = (url: string, migrations: readonly Migration[]) => Promise<void>;

/** Creates a folder with the files of a tool while the tool runs, and passes its path. */
export async function withFiles(
  files: Readonly<Record<string, string>>,
  run: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'coalmine-migrations-'));
  try {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    await run(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
