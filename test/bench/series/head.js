import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const SECONDS_AT_MOST = 180;

/**
 * Returns how many series a Prometheus has in its head when it scrapes one service as many pods, with its defaults.
 *
 * @param {number} port
 * @param {number} pods
 */
export async function seriesInHead(port, pods) {
  const folder = await mkdtemp(join(tmpdir(), 'coalmine-series-'));
  const config = join(folder, 'prometheus.yml');
  const pod = (i) => ({ targets: [`127.0.0.1:${port}`], labels: { pod: `shop-${i}` } });
  await writeFile(
    config,
    // Prometheus reads JSON, because YAML is a superset of JSON.
    JSON.stringify({
      global: { scrape_interval: '15s', scrape_timeout: '15s' },
      scrape_configs: [{ job_name: 'shop', static_configs: Array.from({ length: pods }, (_, i) => pod(i)) }],
    }),
  );
  const address = `127.0.0.1:${await freePort()}`;
  const prometheus = spawn(
    'prometheus',
    [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=${address}`],
    { stdio: 'ignore' },
  );
  const exited = once(prometheus, 'exit');
  try {
    return await readSeries(`http://${address}`, pods);
  } finally {
    prometheus.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true });
  }
}

/** Waits until each pod was scraped. */
async function readSeries(address, pods) {
  const deadline = performance.now() + 1000 * SECONDS_AT_MOST;
  while (performance.now() < deadline) {
    const [scraped] =
      (await ask(`${address}/api/v1/query?query=${encodeURIComponent('count(scrape_samples_scraped > 0)')}`))?.result ??
      [];
    if (Number(scraped?.value[1]) === pods) return (await ask(`${address}/api/v1/status/tsdb`)).headStats.numSeries;
    await delay(100);
  }
  throw new Error(`Prometheus has not scraped ${pods} pods within ${SECONDS_AT_MOST} s`);
}

/** Returns the response of Prometheus, or `undefined` while Prometheus does not listen yet. */
async function ask(url) {
  try {
    return (await (await fetch(url)).json()).data;
  } catch {
    return undefined;
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
