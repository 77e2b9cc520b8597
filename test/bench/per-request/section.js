import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { median } from '../median.js';
import { startProcess } from '../start-process.js';
import { CONTENDERS } from './contenders.js';

// Compiled code and memory layout differ from process to process, so each contender is measured in several processes.
const PROCESSES = 3;
const ROUNDS = 20;
const ROUNDS_TO_WARM_UP = 6;
const REQUESTS = 2_000;
const REQUESTS_OF_EACH_KIND = 50;
// If V8 collects the whole heap while a process starts, `process.nextTick` can cost 0.4 µs a call instead of 0.05 µs on
// Node 24 for as long as the process lives, and a request has about ten calls. Chance and the size of the heap decide. With
// this flag, no process collects the whole heap before its last round.
export const EXEC_ARGV = ['--initial-old-space-size=512'];
export const FRAMEWORKS = { fastify5: 'Fastify 5', express4: 'Express 4', express53: 'Express 5.3' };

/**
 * Returns the section for this Node, and for Node 24 if its package has a binary for the machine. Before Node 24, V8 gives each
 * request of Express its own hidden class, which makes everything that reads a request many times as expensive.
 *
 * @param {readonly string[]} [frameworks]
 */
export async function perRequest(frameworks = Object.keys(FRAMEWORKS)) {
  const sections = [];
  for (const path of new Set([process.execPath, newestNode()])) sections.push(await sectionOf(frameworks, path));
  return sections;
}

/** Returns the path of Node 24, or of this Node if there is no Node 24 for the machine. */
export function newestNode() {
  if (process.version.startsWith('v24.')) return process.execPath;
  try {
    return createRequire(import.meta.url).resolve('node24/bin/node');
  } catch {
    process.stderr.write('SKIPPING the requests on Node 24: its package has no binary for this machine\n');
    return process.execPath;
  }
}

/** Returns the CPU time per request of each contender over bare, and the requests that it does not count. */
async function sectionOf(frameworks, execPath) {
  const [version] = execFileSync(execPath, ['--version'], { encoding: 'utf8' }).slice(1).split('.');
  const rows = [];
  for (const framework of frameworks) {
    const names = Object.keys(CONTENDERS[framework.startsWith('fastify') ? 'fastify' : 'express']);
    const costs = names.map(() => []);
    let losses;
    for (let i = 0; i < PROCESSES; i++) losses = await measure(framework, names, execPath, costs);
    const [bare] = costs;
    names.forEach((name, i) => {
      const added = costs[i].map((cost, round) => cost - bare[round]);
      rows.push({
        '': `${FRAMEWORKS[framework]}, ${name}`,
        'µs per request': median(costs[i]).toFixed(1),
        'µs over bare': i === 0 ? '' : median(added).toFixed(1),
        'does not count': name === 'bare' || name === 'empty hook' ? '' : textOf(losses[i]),
      });
    });
  }
  return {
    title: `In memory, CPU per request, Node ${version}`,
    note: `CPU time of requests on connections inside the process, which do not use the kernel. A round has ${REQUESTS.toLocaleString('en')} requests, and each contender runs in a process of its own. In each round all contenders take turns, and each is compared with the bare contender of that round. Coalmine has a rule for each kind of filter, and health checks. The last column names the kinds of requests that a contender counts incompletely. The kinds are requests with a response, unmatched requests, failed requests, and requests that their client left before the response.`,
    rows,
  };
}

/** Adds one cost per round to the costs of each contender. Returns the requests that each contender does not count. */
async function measure(framework, names, execPath, costs) {
  const services = [];
  for (const name of names) {
    const service = startProcess(new URL('./service.js', import.meta.url), [framework, name], {
      execPath,
      execArgv: EXEC_ARGV,
    });
    await service.next();
    services.push(service);
  }
  for (let round = 0; round < ROUNDS_TO_WARM_UP; round++) {
    for (const service of services) await service.ask({ round: REQUESTS });
  }
  for (let round = 0; round < ROUNDS; round++) {
    // Each round has another order, so that no contender always follows the same one.
    for (let i = 0; i < services.length; i++) {
      const at = (i + round) % services.length;
      costs[at].push(await services[at].ask({ round: REQUESTS }));
    }
  }
  const losses = [];
  for (const service of services) losses.push(await service.ask({ lost: REQUESTS_OF_EACH_KIND }));
  for (const service of services) service.stop();
  return losses;
}

function textOf(losses) {
  const kinds = Object.entries(losses).filter(([, lost]) => lost !== 0);
  return kinds.map(([kind, lost]) => `${lost} of ${REQUESTS_OF_EACH_KIND} ${kind}`).join(', ');
}
