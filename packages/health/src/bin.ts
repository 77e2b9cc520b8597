#!/usr/bin/env node
import { type MigrationFolder, readMigrations } from './schema/read-migrations.js';

const USAGE = 'coalmine-migrations <tool> <folder>...: prints the migrations that the build knows, as JSON\n';

void print(process.argv.slice(2));

async function print([tool, ...folders]: readonly string[]): Promise<void> {
  if (tool === '--help') {
    process.stdout.write(USAGE);
    return;
  }
  const unknown = folders.find((folder) => folder.startsWith('-'));
  if (tool === undefined || folders.length === 0 || unknown !== undefined) {
    process.stderr.write(unknown === undefined ? USAGE : `unknown option ${unknown}\n${USAGE}`);
    process.exitCode = 2;
    return;
  }
  try {
    process.stdout.write(`${JSON.stringify(await readMigrations(tool as MigrationFolder, folders), null, 2)}\n`);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
