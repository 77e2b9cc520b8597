import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { median } from './median.js';

// Compiled code and memory layout differ from process to process, so each contender is measured in several processes.
const PROCESSES = 4;
const ROUNDS = 10;
const REQUESTS = 2_000;
const CONNECTIONS = 8;
// `beside` is the index of the contender to compare with: the same contender without Coalmine.
const CONTENDERS = [
  { name: 'bare', kind: 'bare' },
  { name: 'prom-client snippet', kind: 'snippet' },
  { name: 'Coalmine', kind: 'coalmine', beside: 0 },
  { name: 'Coalmine with `otel()`, no SDK', kind: 'otel', beside: 0 },
  { name: 'OpenTelemetry, sampling none', kind: 'bare', sampler: 'off' },
  { name: 'the same and Coalmine with `otel()`', kind: 'otel', sampler: 'off', beside: 4 },
  { name: 'OpenTelemetry, sampling all', kind: 'bare', sampler: 'on' },
  { name: 'the same and Coalmine with `otel()`', kind: 'otel', sampler: 'on', beside: 6 },
];

/** Returns the CPU time per request for each framework: bare, with Coalmine, with the usual snippet, with OpenTelemetry. */
export async function onServers() {
  const rows = [];
  for (const framework of ['fastify5', 'express53']) {
    const costs = CONTENDERS.map(() => []);
    for (let i = 0; i < PROCESSES; i++) await measure(framework, costs);
    CONTENDERS.forEach(({ name, beside }, i) => {
      const [bare] = costs;
      const ratios = costs[i].map((cost, round) => cost / bare[round]);
      const added = costs[i].map((cost, round) => (cost - costs[beside ?? i][round]) / bare[round]);
      rows.push({
        '': `${framework === 'fastify5' ? 'Fastify 5' : 'Express 5.3'}, ${name}`,
        'µs per request': median(costs[i]).toFixed(1),
        'ratio to bare': median(ratios).toFixed(3),
        'of which Coalmine': beside === undefined ? '' : median(added).toFixed(3),
      });
    });
  }
  return rows;
}

/** Adds one cost per round to the costs of each contender. */
async function measure(framework, costs) {
  const servers = await Promise.all(CONTENDERS.map((contender) => start(framework, contender)));
  for (const server of [...servers, ...servers]) await server.round();
  for (let round = 0; round < ROUNDS; round++) {
    // Each round has another order, so that no contender always follows the same one.
    for (let i = 0; i < servers.length; i++) {
      const at = (i + round) % servers.length;
      costs[at].push(await servers[at].round());
    }
  }
  for (const { stop } of servers) await stop();
}

async function start(framework, { kind, sampler }) {
  const args = [framework, kind, ...(sampler === undefined ? [] : [sampler])];
  const child = fork(fileURLToPath(new URL('./server.js', import.meta.url)), args);
  const [{ port }] = await once(child, 'message');
  const ask = async () => {
    child.send('cpu');
    const [message] = await once(child, 'message');
    return message;
  };
  const cpu = async () => {
    const { user, system } = (await ask()).cpu;
    return user + system;
  };
  return {
    /** Ends a contender. Throws if it has not done what its name promises. */
    async stop() {
      const { traced = { spans: 0 } } = await ask();
      child.disconnect();
      const isAsMeant = sampler === 'on' ? traced.spans > 0 : traced.spans === 0;
      const isTold = traced.outcome === (sampler === 'on' && kind === 'otel' ? 'answered' : undefined);
      if (!isAsMeant || !isTold) throw new Error(`${args.join(' ')} exported ${JSON.stringify(traced)}`);
    },
    /** Returns the microseconds of CPU per request in one round of load. */
    async round() {
      const before = await cpu();
      await Promise.all(Array.from({ length: CONNECTIONS }, () => load(port, REQUESTS / CONNECTIONS)));
      return ((await cpu()) - before) / REQUESTS;
    },
  };
}

/** Sends requests one after the other on one connection. */
async function load(port, count) {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  let remaining = count;
  const ask = () => socket.write(`GET /items/${remaining} HTTP/1.1\r\nHost: bench\r\n\r\n`);
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
    if (!text.endsWith('}')) return;
    text = '';
    remaining--;
    if (remaining === 0) socket.destroy();
    else ask();
  });
  ask();
  await once(socket, 'close');
}
