// Prints only the section about clusters: node test/bench/cluster.js
import { clusters } from './cluster/section.js';
import { table } from './table.js';

const { title, note, rows } = await clusters();
process.stdout.write(`## ${title}\n\n${note}\n\n${table(rows)}\n`);
