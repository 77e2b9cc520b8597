import { CONTENDERS, fill, pathsOf } from './contenders.js';
import { seriesInHead } from './head.js';

const ROUTES = 1_000;
const PODS = 20;
const ROUTES_OF_A_POD = 200;
// The default `Accept` of Prometheus 3.
const ACCEPT = [
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5',
  'application/openmetrics-text;version=0.0.1;q=0.4',
  'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3',
  'text/plain;version=0.0.4;q=0.2',
  '*/*;q=0.1',
].join(',');

const integer = new Intl.NumberFormat('en');

/** Returns the section about the series of each contender after the same traffic, without the default metrics of the clients. */
export async function series() {
  const measured = [];
  for (const { name, start } of CONTENDERS) {
    const [large, pod] = [await measure(start, ROUTES), await measure(start, ROUTES_OF_A_POD, PODS)];
    measured.push({ name, large, pod });
  }
  const [{ large: base, pod: basePod }] = measured;
  return {
    title: 'Series',
    note: `Each route has served five combinations of method and status: \`GET\` 200 and 404, \`POST\` 200, \`PUT\` 200, \`DELETE\` 500. The
pods are warm. The first columns are about one exposition of ${integer.format(ROUTES)} routes. The other columns are about a Prometheus that scrapes
${PODS} pods of ${ROUTES_OF_A_POD} routes each with its default \`Accept\`: the series in its head, and the size of one scrape of one pod before
compression. The ratios are to the first row. For each other status than 200, 500, 503 and 504, Coalmine has one more series if
the status is below 400, such as a 201, and two more series otherwise.`,
    rows: measured.map(({ name, large, pod }) => ({
      '': name,
      [`lines, ${integer.format(ROUTES)} routes`]: integer.format(large.lines),
      MB: (large.bytes / 1e6).toFixed(1),
      ratio: (large.lines / base.lines).toFixed(2),
      [`head series, ${PODS} × ${ROUTES_OF_A_POD} routes`]: integer.format(pod.head),
      'MB a scrape': (pod.bytes / 1e6).toFixed(2),
      'ratio of head series': (pod.head / basePod.head).toFixed(2),
    })),
  };
}

/**
 * Returns the size of the exposition of a service whose routes have all served every combination.
 *
 * @param {(paths: readonly string[]) => Promise<import('./contenders.js').Service>} start
 * @param {number} routes
 * @param {number} [pods] the number of pods that a Prometheus scrapes; without it, no Prometheus runs
 * @returns {Promise<{ lines: number, bytes: number, head: number | undefined }>}
 */
export async function measure(start, routes, pods) {
  const paths = pathsOf(routes);
  const { port, close } = await start(paths);
  try {
    await fill(port, paths);
    // Uses the second scrape, which counts the first.
    await scrape(port);
    const text = await scrape(port);
    const head = pods === undefined ? undefined : await seriesInHead(port, pods);
    return { lines: text.match(/^[^#\n]/gm).length, bytes: Buffer.byteLength(text), head };
  } finally {
    await close();
  }
}

async function scrape(port) {
  return (await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { accept: ACCEPT } })).text();
}
