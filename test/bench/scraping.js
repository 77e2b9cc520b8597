// Prints only the section about scrapes: node test/bench/scraping.js
import { scraping } from './scraping/section.js';
import { table } from './table.js';

const { title, note, rows } = await scraping();
process.stdout.write(`## ${title}\n\n${note}\n\n${table(rows)}\n`);
