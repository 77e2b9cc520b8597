import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../median.js';
import { startProcess } from '../start-process.js';
import { EXEC_ARGV, FRAMEWORKS, newestNode } from './section.js';

const PARTS = {
  node: '`@coalmine/node`: the exchange',
  metrics: '`@coalmine/metrics`: the clock and the counters',
  traffic: '`@coalmine/traffic`: the filters',
  health: '`@coalmine/health`: the paths of the endpoints',
  adapter: 'the adapter: the route',
};
const PROCESSES = 3;
const ROUNDS = 30;
const REQUESTS = 5_000;

/** Returns the section about the parts of Coalmine in which the CPU time of a request is spent. */
export async function profile() {
  const execPath = newestNode();
  const times = {};
  for (const framework of Object.keys(FRAMEWORKS)) {
    const found = [];
    for (let i = 0; i < PROCESSES; i++) found.push(await timesOf(framework, execPath));
    times[framework] = (part) => median(found.map((each) => each[part] ?? 0));
  }
  const rowOf = (title, timeIn) => ({
    'µs per request': title,
    ...Object.fromEntries(Object.entries(FRAMEWORKS).map(([key, name]) => [name, timeIn(times[key]).toFixed(2)])),
  });
  const parts = Object.keys(PARTS);
  return {
    title: 'In memory, where Coalmine spends the time of a request',
    note: `CPU time of the functions of each package, from profiles of ${(ROUNDS * REQUESTS).toLocaleString('en')} requests each, with the newest Node of the tables above and the same setup. The times leave out what Node does for Coalmine: an event listener for each response takes about half a microsecond, as the row of the empty hook shows. Most of this time cannot be saved. The exchange has to be there from the arrival of a request, with its own object, two reads of the clock and a place in the list of requests in flight: without these, requests that hang, and requests that their clients leave, are not counted. Fastify has routed before its first hook. Express routes while it calls layers, and tells nobody which of them responds, so the adapter follows a request through each router, layer and route. No single line takes more than a twentieth of the time.`,
    rows: [
      ...parts.map((part) => rowOf(PARTS[part], (time) => time(part))),
      rowOf('all', (time) => parts.reduce((sum, part) => sum + time(part), 0)),
    ],
  };
}

/** Returns the microseconds per request of each part, from one profile. */
async function timesOf(framework, execPath) {
  const folder = mkdtempSync(join(tmpdir(), 'coalmine-profile-'));
  try {
    const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-name=profile', '--cpu-prof-interval=200'];
    const service = startProcess(new URL('./service.js', import.meta.url), [framework, 'Coalmine'], {
      execPath,
      execArgv: [...EXEC_ARGV, ...flags],
    });
    await service.next();
    for (let round = 0; round < ROUNDS; round++) await service.ask({ round: REQUESTS });
    await service.stop();
    return partsOf(JSON.parse(readFileSync(join(folder, 'profile'), 'utf8')));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Returns the microseconds per request of each part. A sample belongs to the function on top of the stack. */
function partsOf({ nodes, samples, timeDeltas }) {
  const partOf = new Map(nodes.map(({ id, callFrame }) => [id, /\/packages\/(\w+)\/dist\//.exec(callFrame.url)?.[1]]));
  const sums = {};
  samples.forEach((sample, i) => {
    const name = partOf.get(sample);
    if (name === undefined) return;
    const part = name in PARTS ? name : 'adapter';
    sums[part] = (sums[part] ?? 0) + timeDeltas[i] / (ROUNDS * REQUESTS);
  });
  return sums;
}
