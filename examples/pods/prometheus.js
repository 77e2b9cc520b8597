import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { endWithParent } from './end-with-parent.js';

/**
 * Starts a Prometheus that scrapes the given pods once a second, with the labels that Kubernetes would give them. The system
 * chooses its port. Throws if `prometheus` is not on the PATH.
 *
 * @param {{ flags?: string[], signal?: AbortSignal }} [options] more flags; `signal` ends the process
 */
export async function startPrometheus({ flags = [], signal } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'coalmine-prometheus-'));
  const targets = join(folder, 'targets.json');
  const file = join(folder, 'prometheus.yml');
  await writeFile(targets, '[]');
  // Prometheus reads JSON, because JSON is YAML.
  await writeFile(
    file,
    JSON.stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: [{ job_name: 'pods', file_sd_configs: [{ files: [targets] }] }],
    }),
  );
  const args = [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'data')}`, ...flags];
  const child = spawn('prometheus', [...args, '--web.listen-address=127.0.0.1:0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
  });
  const kill = endWithParent(child);
  const ended = new Promise((resolve) => child.once('close', resolve));
  const removed = ended.then(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  const close = async () => {
    kill();
    await removed;
  };
  return {
    address: await readyAddress().catch(async (error) => {
      await close();
      throw error;
    }),
    /** @param {readonly { port: number, labels: Record<string, string> }[]} pods */
    scrape: (pods) =>
      writeFile(
        targets,
        JSON.stringify(pods.map((pod) => ({ targets: [`127.0.0.1:${pod.port}`], labels: pod.labels }))),
      ),
    close,
  };

  async function readyAddress() {
    const address = await Promise.race([addressOf(child.stderr), failureOf(child)]);
    while (!(await fetch(`${address}/-/ready`).catch(() => undefined))?.ok) await delay(50, undefined, { signal });
    return address;
  }
}

/** Returns the address on which Prometheus listens, from its log. */
function addressOf(log) {
  return new Promise((resolve) => {
    createInterface(log).on('line', (line) => {
      const [, address] = /"Listening on" (?:component=web )?address=(\S+)/.exec(line) ?? [];
      if (address !== undefined) resolve(`http://${address}`);
    });
  });
}

/** Rejects when the process cannot start, or has ended. */
async function failureOf(child) {
  const isMissing = ({ code }) => code === 'ENOENT';
  const code = await new Promise((resolve, reject) => {
    child.once('exit', resolve);
    child.on('error', (error) =>
      reject(
        isMissing(error) ? new Error('prometheus is not on the PATH: install the Debian package prometheus') : error,
      ),
    );
  });
  throw new Error(`prometheus ended with ${code}`);
}
