import { median } from '../median.js';
import { startProcess } from '../start-process.js';

const ROUTES = 1_000;
const WORKERS = [1, 2, 4];
const ROUNDS = 7;
const LOAD = { scrapers: 1, isGzip: false, times: 3 };

/** Returns the section about how long a scrape of a cluster holds the event loops of its processes. */
export async function clusters() {
  const scrapers = startProcess(new URL('../scraping/scrapers.js', import.meta.url));
  const bare = startProcess(new URL('../bare-process.js', import.meta.url));
  await bare.next();
  const rows = [];
  for (const workers of WORKERS) {
    const service = startProcess(new URL('./service.js', import.meta.url), [String(workers), String(ROUTES)]);
    const { port } = await service.next();
    const rounds = [];
    for (let round = -1; round < ROUNDS; round++) {
      await Promise.all([bare, service].map(({ ask }) => ask({ isWatched: true })));
      const scraped = await scrapers.ask({ port, ...LOAD });
      const [bareHeld, held] = await Promise.all([bare, service].map(({ ask }) => ask({ isWatched: false })));
      // The first round is a warm-up.
      if (round >= 0) rounds.push({ ...scraped, ...held, bare: bareHeld });
    }
    service.stop();
    const shown = (key) => median(rounds.map((round) => round[key])).toFixed(1);
    rows.push({
      '': `${workers} ${workers === 1 ? 'worker' : 'workers'}`,
      'latest timer of the primary, ms': shown('primary'),
      'latest timer of a worker, ms': shown('workers'),
      'latest timer of a bare process, ms': shown('bare'),
      'ms per scrape': shown('ms'),
      'MB per scrape': (rounds[0].bytes / 1e6).toFixed(1),
    });
  }
  for (const { stop } of [scrapers, bare]) stop();
  return {
    title: 'A scrape of a cluster',
    note: `One scraper scrapes the primary of workers with ${ROUTES.toLocaleString('en')} routes and five combinations of method and status each. The first three columns show how late a timer of 1 ms is: in the primary, in the worker with the latest timer, and in a process without any work beside the cluster. They are medians of ${ROUNDS} rounds.`,
    rows,
  };
}
