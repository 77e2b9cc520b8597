import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** One migration in SQL, from which each tool is given what it wants. */
export interface Migration {
  /** As most tools name their files: when it was written, to the second, and what it does: `20240131120000_add_age`. */
  readonly name: string;
  readonly up: string;
}

/** Applies those that are not applied yet, in order, with the tool itself. Rejects as the tool does. */
export type Migrate = (url: string, migrations: readonly Migration[]) => Promise<void>;

/** Gives a tool that wants files a folder of them, by path, for as long as it runs. */
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
