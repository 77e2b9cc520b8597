import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.js';

/** Starts a Prometheus that scrapes what it is told to, once a second, with the labels that Kubernetes would give. */
export async function startPrometheus() {
  const folder = await mkdtemp(join(tmpdir(), 'coalmine-prometheus-'));
  const targets = join(folder, 'targets.json');
  const file = join(folder, 'prometheus.yml');
  await writeFile(targets, '[]');
  // YAML is a superset of JSON.
  await writeFile(
    file,
    JSON.stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: [{ job_name: 'pods', file_sd_configs: [{ files: [targets] }] }],
    }),
  );
  const port = await freePort();
  const args = [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'data')}`];
  const child = spawn('prometheus', [...args, `--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' });
  const address = `http://127.0.0.1:${port}`;
  while (!(await fetch(`${address}/-/ready`).catch(() => undefined))?.ok) await delay(50);
  return {
    address,
    /** @param {readonly { port: number, labels: Record<string, string> }[]} pods */
    scrape: (pods) =>
      writeFile(
        targets,
        JSON.stringify(pods.map((pod) => ({ targets: [`127.0.0.1:${pod.port}`], labels: pod.labels }))),
      ),
    async close() {
      child.kill();
      await once(child, 'exit');
      await rm(folder, { recursive: true });
    },
  };
}
