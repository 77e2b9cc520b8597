import { OBJECTIVE } from './objective.js';

/**
 * What a controller can know about a release.
 *
 * @typedef {object} Reading
 * @property {Map<string, number>} byStatus requests by `METHOD route status`
 * @property {number} requests
 * @property {number} faults requests that ended with a 5xx
 * @property {number} observed requests with a duration
 * @property {number} over requests slower than the objective
 * @property {number} p95 seconds
 * @property {number} withheld durations that were withheld because the pod was cold
 * @property {Map<string, number>} excluded requests that no user sent, by `reason class`
 */

/**
 * Reads an exposition with the formulas of the usual queries.
 *
 * @param {string} exposition
 * @returns {Reading}
 */
export function read(exposition) {
  const samples = exposition.split('\n').flatMap(parse);
  const byStatus = new Map();
  for (const { labels, value } of named('http_requests_total')) {
    if (value > 0) byStatus.set(`${labels.method} ${labels.route} ${labels.status_code}`, value);
  }
  const buckets = new Map();
  for (const { labels, value } of named('http_request_duration_seconds_bucket')) {
    const bound = labels.le === '+Inf' ? Infinity : Number(labels.le);
    buckets.set(bound, (buckets.get(bound) ?? 0) + value);
  }
  const excluded = new Map();
  for (const { labels, value } of named('coalmine_excluded_requests_total')) {
    // The requests with the reason `metrics` are the demo's own scrapes.
    if (value > 0 && labels.reason !== 'metrics') excluded.set(`${labels.reason} ${labels.code_class}`, value);
  }
  const observed = sum(named('http_request_duration_seconds_count'));
  return {
    byStatus,
    requests: sum(named('http_requests_total')),
    faults: sum(named('http_errors_total').filter(({ labels }) => labels.status_code.startsWith('5'))),
    observed,
    over: observed - (buckets.get(OBJECTIVE.latency) ?? 0),
    p95: quantile(0.95, buckets),
    withheld: sum(
      named('coalmine_excluded_request_duration_seconds_count').filter(({ labels }) => labels.reason === 'warmup'),
    ),
    excluded,
  };

  function named(name) {
    return samples.filter((sample) => sample.name === name);
  }
}

/** Returns the value of a gauge without labels. */
export function gauge(name, exposition) {
  return exposition
    .split('\n')
    .flatMap(parse)
    .find((sample) => sample.name === name)?.value;
}

function parse(line) {
  const match = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
  if (match === null) return [];
  const [, name, labels = '', value] = match;
  const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, text]) => [label, text]);
  return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
}

function sum(samples) {
  return samples.reduce((total, { value }) => total + value, 0);
}

/** Returns the quantile as `histogram_quantile` does: linear within the bucket, and NaN if nothing was observed. */
function quantile(q, cumulative) {
  if (cumulative.size === 0) return Number.NaN;
  const buckets = [...cumulative].map(([le, count]) => ({ le, count })).sort((a, b) => a.le - b.le);
  const rank = q * cumulative.get(Infinity);
  const i = buckets.findIndex(({ count }) => count >= rank);
  const below = buckets[i - 1] ?? { le: 0, count: 0 };
  const { le, count } = buckets[i];
  if (le === Infinity) return below.le;
  return below.le + ((le - below.le) * (rank - below.count)) / (count - below.count);
}
