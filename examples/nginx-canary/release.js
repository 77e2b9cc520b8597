// A canary release without a cluster: nginx splits the users between two processes, Prometheus scrapes them, and
// `coalmine analyze` is the controller. `node release.js` promotes, `node release.js errors` (or `slow`) rolls back.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { coalmine } from '@coalmine/example-pods/coalmine.js';
import { freePort } from '@coalmine/example-pods/free-port.js';
import { startPod } from '@coalmine/example-pods/pod.js';
import { startPrometheus } from '@coalmine/example-pods/prometheus.js';
import { startUsers } from '@coalmine/example-pods/users.js';
import { startNginx } from './nginx.js';

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

  const stable = await startPod('v1');
  closing.push(stable.close);
  const door = await freePort();
  const nginx = await startNginx(folder, door);
  closing.push(() => nginx.close());
  const prometheus = await startPrometheus();
  closing.push(prometheus.close);
  await prometheus.scrape([pod('v1', stable.port)]);
  await nginx.split({ stable: stable.port, percent: 0 });
  const users = startUsers(door);
  closing.push(() => users.stop());
  say(`v1 has all users, at http://127.0.0.1:${door}; Prometheus is at ${prometheus.address}`);

  const canary = await startPod('v2', bug);
  closing.push(canary.close);
  await prometheus.scrape([pod('v1', stable.port), pod('v2', canary.port)]);
  await canary.ready();
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

/** Returns a pod with the labels that Prometheus would find in a cluster. */
function pod(version, port) {
  return { port, labels: { namespace: 'laptop', pod: `shop-${version}-0`, rollouts_pod_template_hash: version } };
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
