// A canary release without a cluster: nginx splits the users between two processes, Prometheus scrapes them, and
// `coalmine analyze` is the controller. `node release.js` promotes, `node release.js errors` (or `slow`) rolls back.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { coalmine } from './coalmine.js';
import { startNginx } from './nginx.js';
import { startPrometheus } from './prometheus.js';
import { startUsers } from './users.js';

const [bug] = process.argv.slice(2);
const WEIGHTS = [20, 50];
const here = fileURLToPath(new URL('.', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'coalmine-canary-'));
/** @type {(() => unknown)[]} */
const closing = [() => rm(folder, { recursive: true, force: true, maxRetries: 5 })];

try {
  process.exitCode = (await release()) ? 0 : 1;
} finally {
  for (const close of closing.reverse()) await close();
}

async function release() {
  const analysis = join(folder, 'analysis.yaml');
  await writeFile(analysis, (await coalmine(['manifests', 'argo', '-c', join(here, 'coalmine.config.yaml')])).out);

  const stable = await start('v1');
  const door = await freePort();
  const nginx = await startNginx(folder, door);
  closing.push(() => nginx.close());
  const prometheus = await startPrometheus(folder);
  closing.push(() => prometheus.close());
  await prometheus.scrape([stable]);
  await nginx.split({ stable: stable.port, percent: 0 });
  const users = startUsers(door);
  closing.push(() => users.stop());
  say(`v1 has all users, at http://127.0.0.1:${door}; Prometheus is at ${prometheus.address}`);

  const canary = await start('v2', bug);
  await prometheus.scrape([stable, canary]);
  await ready(canary.port);
  for (const percent of WEIGHTS) {
    await nginx.split({ stable: stable.port, canary: canary.port, percent });
    say(`v2 has ${percent} % of the users`);
    const args = ['-a', 'canary-hash=v2', '-a', 'stable-hash=v1', '-p', prometheus.address];
    const { code, out } = await coalmine(['analyze', '-f', analysis, '-t', 'shop-gate', ...args, '--watch']);
    say(out.split('\n', 1)[0]);
    if (code === 0) continue;
    await nginx.split({ stable: stable.port, percent: 0 });
    say(`v1 has all users again: ${users.seen.failed} of ${users.seen.failed + users.seen.answered} requests failed`);
    return false;
  }
  await nginx.split({ stable: canary.port, percent: 0 });
  say(`v2 is promoted: ${users.seen.failed} of ${users.seen.failed + users.seen.answered} requests failed`);
  return true;
}

/** Starts a version of the service as a process of its own. */
async function start(version, wrong) {
  const child = fork(join(here, 'server.js'), [version, ...(wrong === undefined ? [] : [wrong])]);
  closing.push(() => child.kill());
  const [{ port }] = await once(child, 'message');
  return { port, pod: `shop-${version}-0`, hash: version };
}

/** Waits as a kubelet does. */
async function ready(port) {
  while ((await fetch(`http://127.0.0.1:${port}/readyz`)).status !== 200) await delay(200);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
