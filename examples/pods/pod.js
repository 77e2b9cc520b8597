import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { endWithParent } from './end-with-parent.js';

const server = fileURLToPath(new URL('server.js', import.meta.url));

/**
 * Starts a version of the service in a process of its own.
 *
 * @param {string} version
 * @param {string} [bug] what is wrong with it: `errors` or `slow`
 */
export async function startPod(version, bug) {
  const child = fork(server, [version, ...(bug === undefined ? [] : [bug])]);
  const kill = endWithParent(child);
  const [{ port }] = await once(child, 'message');
  return {
    port,
    /** Waits until the readiness probe succeeds, as a kubelet does. */
    async ready() {
      while ((await fetch(`http://127.0.0.1:${port}/readyz`)).status !== 200) await delay(200);
    },
    close: kill,
  };
}
