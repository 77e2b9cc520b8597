// Prints only the sections about CPU per request: node test/bench/per-request.js [express4 express53 fastify5]
import { profile } from './per-request/profile.js';
import { perRequest } from './per-request/section.js';
import { table } from './table.js';

const frameworks = process.argv.slice(2);
const sections = await perRequest(...(frameworks.length > 0 ? [frameworks] : []));
for (const { title, note, rows } of [...sections, await profile()]) {
  process.stdout.write(`## ${title}\n\n${note}\n\n${table(rows)}\n\n`);
}
