import { setTimeout as delay } from 'node:timers/promises';
import { monitor } from './monitor.js';
import { probe } from './probe.js';
import { gauge, read } from './reading.js';
import { truth } from './truth.js';
import { drive } from './users.js';

const SETTLE_MILLISECONDS = 3_000;

/**
 * Sends a release the requests of its plan, then reads its numbers as each observer sees them.
 *
 * @param {import('./release.js').Release} release
 * @param {import('./plan.js').Plan} plan
 * @param {string} secret of the monitor
 * @returns {Promise<import('./table.js').Readings>}
 */
export async function observe(release, plan, secret) {
  const { coldErrands = [], errands, spacing, probePeriod, isMonitored = false } = plan;
  const probes = probe(release.port, probePeriod);
  const checks = isMonitored ? monitor(release.port, secret) : undefined;
  const cold = await drive(release.port, coldErrands, spacing);
  if (cold.length > 0) await warm(release);
  const visits = await drive(release.port, errands, spacing);
  const excluded = { route: await probes.stop(), signed: (await checks?.stop()) ?? [] };

  const clients = truth({ cold, visits, excluded }, probes);
  const coalmine = read(await settled(release, clients));
  const snippet = read(await release.scrape('/snippet-metrics'));
  return { clients, snippet, coalmine };
}

/** Waits until the release counts durations. */
async function warm(release) {
  const isWarm = (exposition) => gauge('coalmine_pod_warm', exposition) === 1;
  if (!isWarm(await scrapeUntil(release, isWarm))) throw new Error(`the ${release.name} service is not warm yet`);
}

/** Returns the exposition after the service has counted the last request of the clients, probes and monitor. */
function settled(release, { excluded }) {
  return scrapeUntil(release, (exposition) => {
    const counted = read(exposition).excluded;
    const hasAll = [...excluded].every(([key, sent]) => (counted.get(key) ?? 0) >= sent);
    return hasAll && gauge('http_requests_in_flight', exposition) === 0;
  });
}

/** Returns the first exposition that satisfies the condition, or the last exposition before the deadline. */
async function scrapeUntil(release, isTrue) {
  const deadline = performance.now() + SETTLE_MILLISECONDS;
  for (;;) {
    const exposition = await release.scrape('/metrics');
    if (isTrue(exposition) || performance.now() > deadline) return exposition;
    await delay(50);
  }
}
