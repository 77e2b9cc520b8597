import { setTimeout as delay } from 'node:timers/promises';
import { createClients } from './clients.js';
import { durationsOf, increaseOf, readSamples, sumOf } from './exposition.js';
import { drawArrivals, peakOf } from './loads.js';
import { watchMachine } from './machine.js';
import { OBJECTIVE } from './objective.js';
import { startService } from './start-service.js';

const ROUTE = '/work';
const PATIENCE_MILLISECONDS = 2000;
// Nobody waits for this time to pass unless something hangs: even on a busy machine, the processes start within it, and the
// queues drain within it.
const GRACE_SECONDS = 300;

/**
 * @typedef {object} Setup
 * @property {import('./loads.js').Load} load
 * @property {'fastify' | 'express'} framework
 * @property {'kept' | 'new' | 'leaving'} connections The clients keep their connections, open a new one for each request, or
 *   leave and close their connection when their patience is over.
 */

/**
 * @typedef {object} Durations What the clients or a metric say about the same requests.
 * @property {number} share The share over the objective.
 * @property {(q: number) => number} quantile in seconds
 */

/**
 * @typedef {object} Measurement
 * @property {Durations} clients
 * @property {Durations} snippet
 * @property {Durations} coalmine
 * @property {number} left The share of the clients that left.
 * @property {number} failed The share of the clients that got no response, or one with another status than 200.
 * @property {boolean} isCounted The snippet and Coalmine have a duration for every request of the clients.
 * @property {number} counted499 The share of the requests that Coalmine counts as 499.
 * @property {number} counted504 The share of the requests that Coalmine counts as 504.
 * @property {number} offered The part of the time for which handlers have held the event loop.
 * @property {number | undefined} read The utilisation of the event loop, read from Coalmine's metrics if they have it.
 */

/**
 * Measures each setup in several runs, with a service process of its own. Every process has ended when the promise
 * settles.
 *
 * The saturated loads of a run go side by side, because a handler holds its event loop without using the CPU. The healthy
 * loads do use the CPU, so few of them go at a time.
 *
 * @param {Setup[]} setups
 * @param {object} options
 * @param {number} options.runs Each run has other arrivals.
 * @param {number} options.seconds How long a saturated load lasts in each run.
 * @param {number} options.healthySeconds How long a healthy load lasts in each run.
 * @param {number} options.atOnce How many loads go side by side, at most.
 * @returns {Promise<Measurement[][]>} for each run, the measurements of the setups
 */
export async function measureRuns(setups, options) {
  const services = setups.map(({ framework }) => startService(framework));
  try {
    return await Promise.race([...services.map(({ failed }) => failed), measureAll(setups, services, options)]);
  } finally {
    await Promise.all(services.map(({ stop }) => stop()));
  }
}

async function measureAll(setups, services, { atOnce, ...options }) {
  const { runs, seconds, healthySeconds } = options;
  const preparing = Promise.all(setups.map((setup, i) => prepare(setup, services[i], options)));
  const benches = await within(GRACE_SECONDS, 'the services to start', preparing);
  const turns = takeTurns(benches, atOnce);
  const measured = [];
  for (let run = 0; run < runs; run++) {
    const measurements = new Map();
    for (const { name, turn } of turns) {
      process.stderr.write(`The hidden wait: run ${run + 1} of ${runs}, ${turn.length} side by side (${name})\n`);
      const readBusy = watchMachine();
      const measuring = turn.map(async (bench) => measurements.set(bench, await measure(bench, bench.arrivals[run])));
      await within(Math.max(seconds, healthySeconds) + GRACE_SECONDS, 'the loads to end', Promise.all(measuring));
      process.stderr.write(`  the machine was busy for ${(100 * readBusy()).toFixed(0)} % of the time\n`);
    }
    measured.push(benches.map((bench) => measurements.get(bench)));
  }
  return measured;
}

/** Returns which loads go side by side. */
function takeTurns(benches, atOnce) {
  const groups = new Map();
  for (const bench of benches) {
    const name = bench.load.isHealthy ? `healthy, connections: ${bench.connections}` : 'saturated';
    groups.set(name, [...(groups.get(name) ?? []), bench]);
  }
  return [...groups].flatMap(([name, group]) => {
    const count = Math.ceil(group.length / atOnce);
    return Array.from({ length: count }, (_, i) => ({ name, turn: group.slice(i * atOnce, (i + 1) * atOnce) }));
  });
}

/** Draws the arrivals of each run and opens the connections that the clients keep. */
async function prepare(setup, service, { runs, seconds, healthySeconds }) {
  const { load, connections } = setup;
  const port = await service.port;
  const length = load.isHealthy ? healthySeconds : seconds;
  const arrivals = Array.from({ length: runs }, (_, run) => drawArrivals(load, length, run));
  const patience = connections === 'leaving' ? PATIENCE_MILLISECONDS : undefined;
  const clients = createClients({ port, isKept: connections !== 'new', patience });
  // Twice as many as a perfect server needs, so that one is always idle.
  if (connections === 'kept') await clients.open(20 + 2 * Math.max(...arrivals.map((drawn) => peakOf(drawn, load))));
  return { ...setup, port, arrivals, clients };
}

async function measure({ load, framework, connections, port, clients }, arrivals) {
  const before = await scrape(port);
  const idle = connections === 'kept' ? clients.countIdle() : 0;
  const visits = await clients.visit(
    arrivals.map(({ at, hold }) => ({ at, path: `/work?hold=${hold}&work=${load.work}` })),
  );
  const after = await scrapeWhenIdle(port);
  const samples = increaseOf(before.coalmine, after.coalmine);
  const coalmine = durationsOf(samples, ROUTE);
  const others = increaseOf(before.snippet, after.snippet);
  const snippet = durationsOf(others, ROUTE);
  const late = connections === 'kept' ? clients.countIdle() - idle : 0;
  if (late > 0) {
    process.stderr.write(`  ${load.name} on ${framework}: ${late} connections were not opened beforehand\n`);
  }
  return {
    clients: clientDurations(visits),
    snippet: { share: snippet.shareOver(OBJECTIVE), quantile: snippet.quantile },
    coalmine: { share: coalmine.shareOver(OBJECTIVE), quantile: coalmine.quantile },
    left: shareOf(visits, 'left'),
    failed: shareOf(visits, 'failed'),
    isCounted: snippet.count === visits.length && coalmine.count === visits.length,
    counted499: shareOfStatus(samples, '499'),
    counted504: shareOfStatus(samples, '504'),
    offered: Math.min(1, (1000 * sumOf(others, 'work_held_seconds_total')) / (after.at - before.at)),
    read: readUtilisation(samples),
  };
}

async function read(port, path) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return response.text();
}

async function scrape(port) {
  const coalmine = readSamples(await read(port, '/metrics'));
  const at = performance.now();
  return { at, coalmine, snippet: readSamples(await read(port, '/snippet')) };
}

/** Scrapes when the service has no request in flight: clients that have left leave requests behind. */
async function scrapeWhenIdle(port) {
  while (true) {
    await delay(100);
    const scraped = await scrape(port);
    if (sumOf(scraped.coalmine, 'http_requests_in_flight') === 0) return scraped;
  }
}

function clientDurations(visits) {
  const seconds = visits.map((visit) => visit.seconds).sort((a, b) => a - b);
  return {
    share: seconds.filter((duration) => duration > OBJECTIVE).length / seconds.length,
    quantile: (q) => seconds[Math.ceil(q * seconds.length) - 1],
  };
}

function shareOf(visits, outcome) {
  return visits.filter((visit) => visit.outcome === outcome).length / visits.length;
}

function shareOfStatus(samples, status) {
  const name = 'http_requests_total';
  return (sumOf(samples, name, { route: ROUTE, status_code: status }) ?? 0) / sumOf(samples, name, { route: ROUTE });
}

function readUtilisation(samples) {
  const [active, idle] = ['active', 'idle'].map((state) =>
    sumOf(samples, 'nodejs_eventloop_time_seconds_total', { nodejs_eventloop_state: state }),
  );
  return active === undefined || idle === undefined ? undefined : active / (active + idle);
}

/** Rejects when something takes longer than it may. */
async function within(seconds, what, promise) {
  const settled = new AbortController();
  const expired = delay(seconds * 1000, undefined, { signal: settled.signal }).then(() => {
    throw new Error(`waited ${seconds} s in vain for ${what}`);
  });
  try {
    return await Promise.race([promise, expired]);
  } finally {
    settled.abort();
  }
}
