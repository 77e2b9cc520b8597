// Scrapers in their own process. They report how long a scrape takes and how many bytes it has.
import { Agent, get } from 'node:http';
import { median } from '../median.js';

process.on('message', async ({ port, scrapers, isGzip, times }) => {
  const agent = new Agent({ keepAlive: true, maxSockets: scrapers });
  const scrapes = await Promise.all(
    Array.from({ length: scrapers }, async () => {
      const own = [];
      for (let i = 0; i < times; i++) own.push(await scrape(port, agent, isGzip));
      return own;
    }),
  );
  agent.destroy();
  const all = scrapes.flat();
  process.send({ ms: median(all.map(({ ms }) => ms)), bytes: all[0].bytes });
});
process.on('disconnect', () => process.exit());

function scrape(port, agent, isGzip) {
  const startedAt = performance.now();
  const headers = { accept: 'text/plain;version=0.0.4', 'accept-encoding': isGzip ? 'gzip' : 'identity' };
  return new Promise((resolve, reject) => {
    const asked = get({ host: '127.0.0.1', port, path: '/metrics', agent, headers }, (response) => {
      let bytes = 0;
      response.on('data', (chunk) => {
        bytes += chunk.length;
      });
      response.on('end', () => {
        if (response.statusCode !== 200) reject(new Error(`/metrics answered ${response.statusCode}`));
        else resolve({ ms: performance.now() - startedAt, bytes });
      });
      response.on('error', reject);
    });
    asked.on('error', reject);
  });
}
