// Prints what Coalmine costs in process, on a server and in a Prometheus, and how close its durations are to what clients
// measure. With --write, writes docs/benchmarks.md as well.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { wrap } from '../support/wrap.js';
import { classification } from './classification.js';
import { clusters } from './cluster/section.js';
import { collecting } from './collecting.js';
import { inProcess } from './in-process.js';
import { memory } from './memory/section.js';
import { onServers } from './on-servers.js';
import { profile } from './per-request/profile.js';
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
    // Choose a smaller number if the progress says that the machine is busy.
    'waiting-at-once': { type: 'string', default: '36' },
  },
});
const [runs, seconds, atOnce] = ['runs', 'seconds', 'at-once'].map((name) =>
  readCount(`--waiting-${name}`, values[`waiting-${name}`]),
);

const sections = [
  {
    title: 'In process, per exchange',
    note: 'The cost to count one request, to time it and to take it out of flight, without any HTTP.',
    rows: inProcess(),
  },
  {
    title: 'Traffic rules, per exchange',
    note: 'The cost that `traffic` adds to an exchange of a user. All rules are two keys, ten ranges, proxies, agents, a hook and a limit.',
    rows: await classification(),
  },
  {
    title: 'Telemetry, per exchange',
    note: 'The cost of Coalmine with `telemetry`, for each kind of span. A quarter of the responses are errors, and each error leaves an exemplar.',
    rows: traces(),
  },
  {
    title: 'Reading the metrics',
    note: 'The time to read 10,000 series, for a scrape or for a metric reader of OpenTelemetry.',
    rows: await collecting(),
  },
  ...(await perRequest()),
  await profile(),
  await scraping(),
  await clusters(),
  await series(),
  await memory(),
  await startUp(),
  imports(),
  {
    title: 'The first users of a new process',
    note: "How long the first users wait for the demo's shop, with and without priming. 200 users arrive in a second. The shop needs 11 to 29 ms for a response, and 0.8 s more for each item that is not in its cache.",
    rows: await priming(),
  },
  {
    title: 'On a server, CPU per request',
    note: 'User and system time of the server process, for a handler that responds with a small JSON body, over kept connections on loopback. OpenTelemetry is its SDK for Node with the HTTP instrumentation, for traces only, and sends batches to an exporter that drops them. The last column is the part of the ratio that Coalmine adds: the difference to the same service without Coalmine.',
    rows: await onServers(),
  },
  ...(await waiting({ runs, seconds, atOnce })),
];

const { version } = process;
const heading = `Node ${version} on ${cpus()[0]?.model.trim()}, ${cpus().length} cores.`;
const body = sections.map(({ title, note, rows }) => `## ${title}\n\n${wrap(note)}\n\n${table(rows)}\n`).join('\n');
process.stdout.write(`${heading}\n\n${body}`);

if (values.write) {
  const text = `# Benchmarks

What Coalmine costs, compared with no instrumentation, with the usual prom-client snippet and with OpenTelemetry. The last
sections show how close Coalmine's durations are to what clients measured. \`npm run bench -- --write\` writes this page.

${heading} The numbers are medians of interleaved rounds, with all
contenders in one run. The ratios are similar on other machines, but the absolute numbers are not.

${body}`;
  const page = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url));
  writeFileSync(page, text);
  execFileSync('npx', ['biome', 'format', '--write', page]);
}
