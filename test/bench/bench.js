// Prints what Coalmine costs in process, on a server and in a Prometheus, and how close its durations are to what clients
// measure. With --write, docs/benchmarks.md says the same.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { classification } from './classification.js';
import { clusters } from './cluster/section.js';
import { collecting } from './collecting.js';
import { inProcess } from './in-process.js';
import { memory } from './memory/section.js';
import { onServers } from './on-servers.js';
import { perRequest } from './per-request/section.js';
import { priming } from './priming.js';
import { readCount } from './read-count.js';
import { scraping } from './scraping/section.js';
import { series } from './series/section.js';
import { imports, startUp } from './start-up/section.js';
import { table } from './table.js';
import { traces } from './traces.js';
import { waiting } from './waiting/sections.js';

const { values } = parseArgs({
  options: {
    write: { type: 'boolean', default: false },
    'waiting-runs': { type: 'string', default: '5' },
    'waiting-seconds': { type: 'string', default: '60' },
    // Fewer for a machine that is busy, which the progress says.
    'waiting-at-once': { type: 'string', default: '36' },
  },
});
const [runs, seconds, atOnce] = ['runs', 'seconds', 'at-once'].map((name) =>
  readCount(`--waiting-${name}`, values[`waiting-${name}`]),
);

const sections = [
  {
    title: 'In process, per exchange',
    note: 'One request counted, timed and taken out of flight, with nothing of HTTP around it.',
    rows: inProcess(),
  },
  {
    title: 'Telling a user from a probe',
    note: 'What `traffic` adds to an exchange of a user: two keys, ten ranges, proxies, agents, a hook and a limit.',
    rows: await classification(),
  },
  {
    title: 'Telling a trace, per exchange',
    note: 'What Coalmine costs with `telemetry`, by what becomes of the span. A quarter of the answers are errors, each of which leaves an exemplar.',
    rows: traces(),
  },
  {
    title: 'Reading the numbers',
    note: '10,000 series, read for a scrape or for a metric reader of OpenTelemetry.',
    rows: await collecting(),
  },
  ...(await perRequest()),
  await scraping(),
  await clusters(),
  await series(),
  await memory(),
  await startUp(),
  imports(),
  {
    title: 'The first users of a new process',
    note: "How long they wait for the demo's shop, 200 of them a second, with and without priming. An answer takes the shop 11 to 29 ms, and 0.8 s more for each item that its cache lacks.",
    rows: await priming(),
  },
  {
    title: 'On a server, CPU per request',
    note: 'A handler that answers a small JSON body, over kept connections on loopback: user and system time of the server process. OpenTelemetry is its SDK for Node with the HTTP instrumentation, for traces alone, in batches to an exporter that throws them away. What Coalmine adds stands in the last column, as a ratio to bare too: the difference to the same without Coalmine.',
    rows: await onServers(),
  },
  ...(await waiting({ runs, seconds, atOnce })),
];

const { version } = process;
const heading = `Node ${version} on ${cpus()[0]?.model.trim()}, ${cpus().length} cores.`;
const body = sections.map(({ title, note, rows }) => `## ${title}\n\n${note}\n\n${table(rows)}\n`).join('\n');
process.stdout.write(`${heading}\n\n${body}`);

if (values.write) {
  const text = `# Benchmarks

What Coalmine costs, beside nothing, beside the usual prom-client snippet and beside OpenTelemetry. The last sections
show how close its durations are to what clients measured. Made by \`npm run bench -- --write\`.

${heading} Medians of interleaved rounds, all contenders in one run. The ratios
travel between machines, the absolute numbers do not.

${body}`;
  const page = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url));
  writeFileSync(page, text);
  execFileSync('npx', ['biome', 'format', '--write', page]);
}
