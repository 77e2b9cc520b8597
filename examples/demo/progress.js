import { gauge, read } from './reading.js';

/**
 * Returns a line that shows how far these releases are.
 *
 * @param {import('./release.js').Release[]} releases
 */
export async function progress(releases) {
  const parts = releases.map(async (release) => {
    const exposition = await release.scrape('/metrics');
    const overdue = gauge('http_requests_overdue', exposition) ?? 0;
    return `${release.name} ${read(exposition).requests}${overdue > 0 ? ` (${overdue} overdue)` : ''}`;
  });
  return (await Promise.all(parts)).join(', ');
}
