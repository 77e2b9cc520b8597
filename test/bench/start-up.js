// Prints only the sections about the start of a process: node test/bench/start-up.js
import { imports, startUp } from './start-up/section.js';
import { table } from './table.js';

for (const { title, note, rows } of [await startUp(), imports()]) {
  process.stdout.write(`## ${title}\n\n${note}\n\n${table(rows)}\n\n`);
}
