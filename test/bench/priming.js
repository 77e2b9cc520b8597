import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CACHED_ITEMS } from '../../examples/demo/cache.js';

const ROUNDS = 8;
const REQUESTS = 200;
const SPACING_MILLISECONDS = 5;
const FIRST = [10, 50, 200];
const KINDS = [
  { name: 'full cache, not primed', args: ['full'] },
  { name: 'full cache, 1,000 priming requests', args: ['full', 'primed'] },
  { name: 'empty cache, not primed', args: ['empty'] },
  { name: 'empty cache, 1,000 priming requests', args: ['empty', 'primed'] },
];

/** Returns how long the first users of a new process of the demo's shop wait, with and without priming. */
export async function priming() {
  const waits = KINDS.map(() => []);
  // Warms up the client first, because the benchmark measures the service.
  await round(KINDS[0]);
  for (let i = 0; i < ROUNDS; i++) {
    // Each round has another order, so that no contender always follows the same one.
    for (let j = 0; j < KINDS.length; j++) {
      const at = (i + j) % KINDS.length;
      waits[at].push(await round(KINDS[at]));
    }
  }
  return KINDS.map(({ name }, kind) => ({
    '': name,
    ...Object.fromEntries(FIRST.map((count) => [`first ${count}: p50, p99`, shown(waits[kind], count)])),
  }));
}

/** Returns the milliseconds that each user of a new process has waited, in their order. */
async function round({ args }) {
  const child = fork(fileURLToPath(new URL('./new-shop.js', import.meta.url)), args);
  const [{ port }] = await once(child, 'message');
  const agent = new Agent({ keepAlive: true });
  const startedAt = performance.now();
  const users = Array.from({ length: REQUESTS }, async (_, i) => {
    await delay(startedAt + i * SPACING_MILLISECONDS - performance.now());
    return visit(port, agent, `/items/${1 + (i % CACHED_ITEMS)}`);
  });
  const waits = await Promise.all(users);
  agent.destroy();
  child.disconnect();
  return waits;
}

async function visit(port, agent, path) {
  const startedAt = performance.now();
  const [response] = await once(get({ host: '127.0.0.1', port, agent, path }), 'response');
  if (response.statusCode !== 200) throw new Error(`${path} answered ${response.statusCode}`);
  response.resume();
  await once(response, 'end');
  return performance.now() - startedAt;
}

function shown(rounds, count) {
  const sorted = rounds.flatMap((waits) => waits.slice(0, count)).sort((a, b) => a - b);
  const quantile = (q) => sorted[Math.ceil(q * sorted.length) - 1].toFixed(1);
  return `${quantile(0.5)} ms, ${quantile(0.99)} ms`;
}
