/**
 * @typedef {object} Sample
 * @property {string} series The name with the labels, as in the exposition.
 * @property {string} name
 * @property {Record<string, string>} labels
 * @property {number} value
 */

/**
 * Returns the samples of an exposition in Prometheus's text format.
 *
 * @param {string} text
 * @returns {Sample[]}
 */
export function readSamples(text) {
  return [...text.matchAll(/^((\w+)(?:\{(.*)\})?) (\S+)$/gm)].map(([, series, name, labels = '', value]) => ({
    series,
    name,
    labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, text]) => [label, text])),
    value: Number(value),
  }));
}

/** Returns by how much each sample has grown between two scrapes. A series that is new has grown from zero. */
export function increaseOf(before, after) {
  const earlier = new Map(before.map(({ series, value }) => [series, value]));
  return after.map((sample) => ({ ...sample, value: sample.value - (earlier.get(sample.series) ?? 0) }));
}

/** Returns the sum of the samples that have a name and these labels, or `undefined` if there is none. */
export function sumOf(samples, name, labels = {}) {
  const found = samples.filter((sample) => sample.name === name && hasLabels(sample, labels));
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
}

/**
 * Returns the durations of a route in an exposition, over all statuses.
 *
 * @param {Sample[]} samples
 * @param {string} route
 */
export function durationsOf(samples, route) {
  const name = 'http_request_duration_seconds';
  const sums = new Map();
  for (const sample of samples) {
    if (sample.name !== `${name}_bucket` || sample.labels.route !== route) continue;
    const bound = sample.labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(sample.labels.le);
    sums.set(bound, (sums.get(bound) ?? 0) + sample.value);
  }
  const bounds = [...sums.keys()].sort((a, b) => a - b);
  const count = sumOf(samples, `${name}_count`, { route }) ?? 0;
  return {
    count,
    /** Returns the share of the durations that are above a bound. */
    shareOver(bound) {
      return 1 - sums.get(bound) / count;
    },
    /** Returns a quantile as `histogram_quantile` of Prometheus does: interpolated in the bucket that contains it. */
    quantile(q) {
      const rank = q * count;
      const at = bounds.findIndex((bound) => sums.get(bound) >= rank);
      const [lower, before] = at > 0 ? [bounds[at - 1], sums.get(bounds[at - 1])] : [0, 0];
      const upper = bounds[at];
      if (upper === Number.POSITIVE_INFINITY) return lower;
      return lower + ((upper - lower) * (rank - before)) / (sums.get(upper) - before);
    },
  };
}

function hasLabels(sample, labels) {
  return Object.entries(labels).every(([label, value]) => sample.labels[label] === value);
}
