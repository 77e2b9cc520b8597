// Prints only the section about series: node test/bench/series.js
import { series } from './series/section.js';
import { table } from './table.js';

const { title, note, rows } = await series();
process.stdout.write(`## ${title}\n\n${note}\n\n${table(rows)}\n`);
