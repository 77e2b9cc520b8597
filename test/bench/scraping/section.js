import { median } from '../median.js';
import { startProcess } from '../start-process.js';
import { CONTENDERS } from './contenders.js';

const ROUTES = 5_000;
const ROUNDS = 7;
// The snippet renders 37 MB for each scraper, so more scrapers at the same time would run out of memory.
const SNIPPET = 'prom-client snippet';
const LOADS = [
  { scrapers: 1, isGzip: false, times: 5 },
  { scrapers: 1, isGzip: true, times: 5 },
  { scrapers: 20, isGzip: false, times: 1 },
  { scrapers: 20, isGzip: true, times: 1 },
  { scrapers: 200, isGzip: false, times: 1 },
  { scrapers: 200, isGzip: true, times: 1 },
];

/** Returns the section about how long scrapes hold a service with many routes, and how long they take. */
export async function scraping() {
  const scrapers = startProcess(new URL('./scrapers.js', import.meta.url));
  const beside = startProcess(new URL('../bare-process.js', import.meta.url));
  await beside.next();
  const names = Object.keys(CONTENDERS);
  const services = [];
  for (const name of names) {
    const service = startProcess(new URL('./service.js', import.meta.url), [name, String(ROUTES)]);
    services.push({ name, ...service, ...(await service.next()) });
  }
  const rows = [];
  for (const load of LOADS) {
    const contenders = services.filter(({ name }) => name !== SNIPPET || load.scrapers === 1);
    const rounds = contenders.map(() => []);
    for (let round = -1; round < ROUNDS; round++) {
      for (let i = 0; i < contenders.length; i++) {
        // Each round has another order, so that no contender always follows the same one.
        const at = (i + Math.max(0, round)) % contenders.length;
        const found = await measure(contenders[at], beside, scrapers, load);
        // The first round is a warm-up.
        if (round >= 0) rounds[at].push(found);
      }
    }
    for (const [i, { name }] of contenders.entries()) rows.push(rowOf(name, load, rounds[i]));
  }
  for (const { stop } of [scrapers, beside, ...services]) stop();
  return {
    title: 'A scrape, and how long it holds the event loop',
    note: `Each service has ${ROUTES.toLocaleString('en')} routes with five combinations of method and status, and its scrapers run in another process. The first two columns show how late a timer of 1 ms is in the service: the latest timer, and the 99.9th percentile. They include garbage collection and the writing of the response, and are medians of ${ROUNDS} rounds in which the contenders take turns. In a bare service the timer is late by itself. The third column is about a process without any work beside the service: when two processes and the scrapers share two cores, its timers are late, too. Scrapers at the same time get the same rendering from Coalmine. The difference between Coalmine and bare is one collection of V8's young generation, about 2 ms in a heap of this size.`,
    rows,
  };
}

async function measure(service, beside, scrapers, load) {
  await Promise.all([service, beside].map(({ ask }) => ask({ isWatched: true })));
  const { ms, bytes } = await scrapers.ask({ port: service.port, ...load });
  const [held, idle] = await Promise.all([service, beside].map(({ ask }) => ask({ isWatched: false })));
  return { ms, bytes, ...held, idle };
}

function rowOf(name, { scrapers, isGzip }, rounds) {
  const shown = (key) => median(rounds.map((round) => round[key])).toFixed(1);
  const isBare = name === 'bare';
  return {
    '': `${scrapers} ${scrapers === 1 ? 'scraper' : 'scrapers'}${isGzip ? ', gzip' : ''}: ${name}`,
    'latest timer, ms': shown('longest'),
    'p99.9 of timers, ms': shown('p999'),
    'latest timer beside, ms': shown('idle'),
    'ms per scrape': isBare ? '' : shown('ms'),
    'MB per scrape': isBare ? '' : (rounds[0].bytes / 1e6).toFixed(1),
  };
}
