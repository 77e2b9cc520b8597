import { fork } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROUTES = 200;
// Longer than Coalmine's patience. No other library needs a longer wait.
const PATIENCE_MILLISECONDS = 2300;
const COMBINATIONS = [
  ['GET', ''],
  ['GET', '?missing'],
  ['POST', ''],
  ['PUT', ''],
  ['DELETE', ''],
];

/** Returns a pattern for a series of a route with a status of 500 or above, or for a counter of failures. */
const failing = (route, value) => new RegExp(`^http\\S*(?=.*"${route}")(?=.*(?:="5\\d\\d"|_failed_)).* ${value}$`, 'm');

/** The lines of the table, in their order. Each line is true or false for the expositions of a service. */
export const FEATURES = [
  {
    says: 'the series of an error is at 0 before the first error of a new pod',
    holds: ({ before }) => failing('/boom', '0').test(before),
  },
  {
    says: 'a hang whose client gives up is an error',
    holds: ({ after }) => failing('/hang', '[1-9]\\d*').test(after),
  },
  { says: 'a response that breaks off is an error', holds: ({ after }) => failing('/cut', '[1-9]\\d*').test(after) },
  { says: 'a route has the prefix of its router', holds: ({ after }) => after.includes('"/api/items/:id"') },
  { says: 'unknown paths add no series', holds: ({ after }) => !after.includes('/scanner-') },
  { says: 'scrapes are not requests of users', holds: ({ after }) => !/^http\S*="\/metrics"/m.test(after) },
  { says: "the app's own metrics are on the page", holds: ({ after }) => /^shop_orders_total\S* 1/m.test(after) },
];

/**
 * Starts a service with a setup, sends requests, and returns what its metrics show.
 *
 * @param {import('./contenders.js').Contender} contender
 * @returns {Promise<{ features: boolean[], series: number }>} `series` without those of the process
 */
export async function tryOut({ setup, framework }) {
  const few = await withService(setup, framework, 0, async (port) => {
    // Express finds its routes at the first request, which can be a scrape.
    await scrape(port);
    const before = await scrape(port);
    await send(port, 'GET', '/api/items/1');
    await Promise.all(Array.from({ length: 20 }, (_, i) => send(port, 'GET', `/scanner-${'abcdefghijklmnopqrst'[i]}`)));
    await send(port, 'GET', '/cut');
    await send(port, 'GET', '/hang', PATIENCE_MILLISECONDS);
    await delay(100);
    return { before, after: await scrape(port) };
  });
  const many = await withService(setup, framework, ROUTES, async (port, paths) => {
    for (const path of paths) {
      await Promise.all(COMBINATIONS.map(([method, query]) => send(port, method, `${path}${query}`)));
    }
    await scrape(port);
    return scrape(port);
  });
  return {
    features: FEATURES.map(({ holds }) => holds(few)),
    series: many.match(/^[^#\n].*\/shop\//gm).length,
  };
}

async function withService(setup, framework, routes, use) {
  const child = fork(fileURLToPath(new URL('./service.cjs', import.meta.url)), [setup, framework, String(routes)]);
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  try {
    const [{ port, paths }] = await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => Promise.reject(new Error(`${setup} ended before it listened`))),
    ]);
    return await use(port, paths);
  } finally {
    process.off('exit', kill);
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
}

/** Sends a request, and leaves after a number of milliseconds. */
function send(port, method, path, leaveAfter) {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, method, path, agent: false }, (response) => {
      response.on('error', () => {});
      response.resume();
    });
    request.on('error', () => {});
    request.on('close', resolve);
    if (leaveAfter !== undefined) setTimeout(() => request.destroy(), leaveAfter);
  });
}

async function scrape(port) {
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
}
