import { measureRuns } from './measure.js';
import { toRows } from './report.js';
import { SETUPS } from './setups.js';

const SECTIONS = [
  {
    title: 'The hidden wait',
    note: `The clients have opened their connections beforehand, and wait for their responses. The bounds: the share is within 10
points of the clients' (one load of the six: 15), the p95 within 35 %, and the utilisation within 0.05 of what is
offered.`,
    includes: ({ load, connections }) => !load.isHealthy && connections === 'kept',
  },
  {
    title: 'The hidden wait, with a new connection for each request',
    note: `Node accepts one connection in each turn of the event loop. The other connections wait in the kernel, where an estimate
sees little of their wait. The utilisation shows that the pod cannot keep up. The bound: the utilisation is within 0.05
of what is offered.`,
    includes: ({ load, connections }) => !load.isHealthy && connections === 'new',
  },
  {
    title: 'The hidden wait, with clients that leave after 2 s',
    note: `A client that leaves closes its connection, and a later client opens a new one. A client that left has measured 2 s. Coalmine
counts it as 504 if its wait was past the patience (2 s here too), and as 499 otherwise. These loads have no
bound.`,
    includes: ({ connections }) => connections === 'leaving',
  },
  {
    title: 'A healthy service beside its clients',
    note: `Each request needs 5 ms of asynchronous work, and no handler holds the event loop. The utilisation read is the time that
Node, the framework and the metrics need. The bounds: the share is not above the clients' by more than 1 point, and the
p95 not by more than 10 %.`,
    includes: ({ load }) => load.isHealthy,
  },
];

/**
 * Returns the sections about the wait that a server does not see.
 *
 * @param {object} options
 * @param {number} options.runs
 * @param {number} options.seconds How long a saturated load lasts in each run. A healthy load lasts a tenth of that.
 * @param {number} options.atOnce How many loads go side by side, at most.
 */
export async function waiting({ runs, seconds, atOnce }) {
  const measured = await measureRuns(SETUPS, { runs, seconds, healthySeconds: seconds / 10, atOnce });
  const sections = SECTIONS.map(({ title, note, includes }) => {
    const at = SETUPS.flatMap((setup, i) => (includes(setup) ? [i] : []));
    const rows = toRows(
      at.map((i) => SETUPS[i]),
      measured.map((run) => at.map((i) => run[i])),
    );
    return { title, note, rows };
  });
  sections[0].note = `${introduce(runs, seconds)}\n\n${sections[0].note}`;
  return sections;
}

function introduce(runs, seconds) {
  return `A handler that holds the event loop makes other requests wait before Node reads them. A timer that starts with the
handler does not see this wait. The tables below compare what clients measured with what the usual prom-client snippet
and Coalmine say about the same requests to the same service.

The name of a load says for how long a request holds the event loop, which part of the requests does so (all of them if
the name does not say), and how many requests arrive in a second. Each request then waits for 20 ms of asynchronous
work. Requests arrive at random (a Poisson process), whether or not the earlier ones have a response. Each load has a
service process of its own. A handler holds the event loop without using the CPU, so the loads can run side by side.

A cell shows the share of the requests over the objective of 0.5 s, and the p95. The buckets of both histograms are 2 %
apart, so interpolation adds less than 2 % to a p95. "Coalmine less clients" is the difference of the shares, and the
relative difference of the p95. The utilisation that is offered is the part of the time for which handlers hold the
event loop. The utilisation that is read comes from Coalmine's \`nodejs_eventloop_time_seconds_total\`; "–" says that the
metric does not exist. Every number is the median of ${runs} runs of ${seconds} s (${seconds / 10} s on the healthy service), so a
difference need not be the difference of the two cells before it. "count" among the bounds says that a request had no
response, or no duration in the snippet or in Coalmine.`;
}
