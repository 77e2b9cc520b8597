// Prints only the section about memory: node test/bench/memory.js
import { memory } from './memory/section.js';
import { table } from './table.js';

const { title, note, rows } = await memory();
process.stdout.write(`## ${title}\n\n${note}\n\n${table(rows)}\n`);
