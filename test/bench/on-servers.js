import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { median } from './median.js';

// A process settles on its own compiled code and memory layout, so each contender is measured in several.
const PROCESSES = 4;
const ROUNDS = 10;
const REQUESTS = 2_000;
const CONNECTIONS = 8;
const KINDS = ['bare', 'coalmine', 'snippet'];
const SHOWN = { bare: 'bare', coalmine: 'Coalmine', snippet: 'prom-client snippet' };

/** CPU per request of each framework: bare, with Coalmine, with the usual snippet. */
export async function onServers() {
  const rows = [];
  for (const framework of ['fastify5', 'express53']) {
    const costs = KINDS.map(() => []);
    for (let i = 0; i < PROCESSES; i++) await measure(framework, costs);
    KINDS.forEach((kind, i) => {
      const ratios = costs[i].map((cost, round) => cost / costs[0][round]);
      rows.push({
        '': `${framework === 'fastify5' ? 'Fastify 5' : 'Express 5.3'}, ${SHOWN[kind]}`,
        'µs per request': median(costs[i]).toFixed(1),
        'ratio to bare': median(ratios).toFixed(3),
      });
    });
  }
  return rows;
}

/** Adds one cost per round to those of each contender. */
async function measure(framework, costs) {
  const contenders = await Promise.all(KINDS.map((kind) => start(framework, kind)));
  for (const contender of [...contenders, ...contenders]) await contender.round();
  for (let round = 0; round < ROUNDS; round++) {
    // Another order each round, so that no contender always follows the same one.
    for (let i = 0; i < contenders.length; i++) {
      const at = (i + round) % contenders.length;
      costs[at].push(await contenders[at].round());
    }
  }
  for (const { stop } of contenders) stop();
}

async function start(framework, kind) {
  const child = fork(fileURLToPath(new URL('./server.js', import.meta.url)), [framework, kind]);
  const [{ port }] = await once(child, 'message');
  const cpu = async () => {
    child.send('cpu');
    const [message] = await once(child, 'message');
    return message.cpu.user + message.cpu.system;
  };
  return {
    stop: () => child.disconnect(),
    /** Microseconds of CPU per request, over one round of load. */
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
