// Prints only the table of the hidden wait, or a part of it:
// node test/bench/waiting.js --only '110 ms, 8/s' --framework fastify --connections kept --runs 1 --seconds 20 --quantiles
import { parseArgs } from 'node:util';
import { readCount } from './read-count.js';
import { table } from './table.js';
import { LOADS } from './waiting/loads.js';
import { measureRuns } from './waiting/measure.js';
import { toQuantiles, toRows } from './waiting/report.js';
import { SETUPS } from './waiting/setups.js';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    framework: { type: 'string' },
    connections: { type: 'string' },
    runs: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '60' },
    'at-once': { type: 'string', default: '36' },
    quantiles: { type: 'boolean', default: false },
  },
});
const setups = SETUPS.filter(
  ({ load, framework, connections }) =>
    (values.only ?? load.name) === load.name &&
    (values.framework ?? framework) === framework &&
    (values.connections ?? connections) === connections,
);
if (setups.length === 0)
  throw new Error(`no load has this name; there are '${LOADS.map(({ name }) => name).join("', '")}'`);
const [count, seconds, atOnce] = ['runs', 'seconds', 'at-once'].map((name) => readCount(`--${name}`, values[name]));
const runs = await measureRuns(setups, { runs: count, seconds, healthySeconds: seconds, atOnce });
// Tables differ by connections, because clients that leave have columns of their own.
for (const connections of new Set(setups.map((setup) => setup.connections))) {
  const at = setups.flatMap((setup, i) => (setup.connections === connections ? [i] : []));
  const rows = [at.map((i) => setups[i]), runs.map((run) => at.map((i) => run[i]))];
  process.stdout.write(`\nconnections: ${connections}\n\n${table(toRows(...rows))}\n`);
  if (values.quantiles) process.stdout.write(`\n${table(toQuantiles(...rows))}\n`);
}
