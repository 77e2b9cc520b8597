import { decide, errorRatio, OBJECTIVE, overShare } from './objective.js';

const VERDICT_WIDTHS = [28, 10, 6, 13, 12, 10];
const COUNT_WIDTHS = [28, 10, 10, 10, 12, 10, 10];

const OBSERVERS = { clients: 'what the clients saw', snippet: 'the usual snippet', coalmine: 'Coalmine' };

// hasColors() respects NO_COLOR and terminals without colours.
const isColourful = process.stdout.isTTY && process.stdout.hasColors();

/**
 * The readings of one release, by observer.
 *
 * @typedef {Record<'clients' | 'snippet' | 'coalmine', import('./reading.js').Reading>} Readings
 */

/**
 * Returns a table of one release as each observer reads it, with what a controller would decide from that reading.
 *
 * @param {string} title
 * @param {Readings} readings
 */
export function verdicts(title, readings) {
  const over = `over ${OBJECTIVE.latency} s`;
  const head = `${columns([title, 'requests', '5xx', 'error ratio', over, 'p95'], VERDICT_WIDTHS)}   decision`;
  const rows = Object.entries(OBSERVERS).map(([observer, shown]) => {
    const reading = readings[observer];
    const decision = decide(reading);
    const isRight = decision === decide(readings.clients);
    const cells = [
      `  ${shown}`,
      reading.requests,
      reading.faults,
      percent(errorRatio(reading)),
      percent(overShare(reading)),
      `${reading.p95.toFixed(3)} s`,
    ];
    return `${columns(cells, VERDICT_WIDTHS)}   ${isRight ? decision : paint(`${decision} (wrong)`, 31)}`;
  });
  return [paint(head, 1), ...rows].join('\n');
}

/**
 * Returns a table of the requests by route and status, as each observer of each release counted them.
 *
 * @param {Readings[]} releases two of them, stable first
 */
export function counts(releases) {
  const observers = releases.flatMap((readings) =>
    Object.keys(OBSERVERS).map((observer) => readings[observer].byStatus),
  );
  const keys = [...new Set(observers.flatMap((byStatus) => [...byStatus.keys()]))].sort(byRoute);
  const rows = keys.map((key) => columns([`  ${key}`, ...observers.map((each) => each.get(key) ?? '-')], COUNT_WIDTHS));
  const names = ['clients', 'snippet', 'Coalmine'];
  return [
    paint(columns(['', 'stable', '', '', 'canary', '', ''], COUNT_WIDTHS).trimEnd(), 1),
    paint(columns(['requests by status', ...names, ...names], COUNT_WIDTHS), 1),
    ...rows,
  ].join('\n');
}

/**
 * Returns the cells as one line, the first aligned to the left and all others to the right.
 *
 * @param {(string | number)[]} cells
 * @param {number[]} widths
 */
function columns(cells, widths) {
  return cells.map((cell, i) => String(cell)[i === 0 ? 'padEnd' : 'padStart'](widths[i])).join('');
}

function percent(share) {
  return `${(100 * share).toFixed(2)} %`;
}

function byRoute(a, b) {
  const [, route, status] = a.split(' ');
  const [, otherRoute, otherStatus] = b.split(' ');
  return route.localeCompare(otherRoute) || status.localeCompare(otherStatus);
}

function paint(text, code) {
  return isColourful ? `\u001b[${code}m${text}\u001b[0m` : text;
}
