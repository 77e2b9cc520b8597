import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * A Prometheus that scrapes what it is told to, once a second, with the labels that Kubernetes would give. On a port that
 * the system chooses. Throws where there is none on the PATH.
 *
 * @param {string} folder for its configuration and its data
 * @param {{ flags?: string[], signal?: AbortSignal }} [options] more flags; `signal` ends it
 */
export async function startPrometheus(folder, { flags = [], signal } = {}) {
  const targets = join(folder, 'targets.json');
  const file = join(folder, 'prometheus.yml');
  await writeFile(targets, '[]');
  // YAML is a superset of JSON.
  await writeFile(
    file,
    JSON.stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: [{ job_name: 'shop', file_sd_configs: [{ files: [targets] }] }],
    }),
  );
  const args = [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'data')}`, ...flags];
  const child = spawn('prometheus', [...args, '--web.listen-address=127.0.0.1:0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
  });
  const address = await Promise.race([addressOf(child.stderr), failureOf(child)]);
  while (!(await fetch(`${address}/-/ready`).catch(() => undefined))?.ok) await delay(50, undefined, { signal });
  return {
    address,
    /** @param {{ port: number, pod: string, hash: string }[]} pods */
    scrape: (pods) =>
      writeFile(
        targets,
        JSON.stringify(
          pods.map(({ port, pod, hash }) => ({
            targets: [`127.0.0.1:${port}`],
            labels: { namespace: 'laptop', pod, rollouts_pod_template_hash: hash },
          })),
        ),
      ),
    close: () => child.kill(),
  };
}

/** Where it listens, which its log tells. */
function addressOf(log) {
  return new Promise((resolve) => {
    createInterface(log).on('line', (line) => {
      const [, address] = /"Listening on" address=(\S+)/.exec(line) ?? [];
      if (address !== undefined) resolve(`http://${address}`);
    });
  });
}

/** Rejects when it cannot be started, or has ended. */
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
