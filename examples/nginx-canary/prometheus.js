import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * A Prometheus that scrapes what it is told to, once a second, with the labels that Kubernetes would give.
 *
 * @param {string} folder for its configuration and its data
 * @param {number} port
 */
export async function startPrometheus(folder, port) {
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
  const args = [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'data')}`];
  const child = spawn('prometheus', [...args, `--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' });
  const address = `http://127.0.0.1:${port}`;
  while (!(await fetch(`${address}/-/ready`).catch(() => undefined))?.ok) await delay(50);
  return {
    address,
    /** @param {Record<string, number>} versions ports by version */
    scrape: (versions) =>
      writeFile(
        targets,
        JSON.stringify(
          Object.entries(versions).map(([version, target]) => ({
            targets: [`127.0.0.1:${target}`],
            labels: { namespace: 'laptop', pod: `shop-${version}-0`, rollouts_pod_template_hash: version },
          })),
        ),
      ),
    close: () => child.kill(),
  };
}
