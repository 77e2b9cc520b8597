/**
 * Returns what `increase()` makes of a range that holds so many scrapes, the latest at `end`, and extends past them by one
 * scrape in all. As Prometheus does, it extrapolates to the ends of the range, though not to before the counter was 0.
 *
 * @param {Int32Array | Float64Array} counter its value at each scrape, the first at 1
 * @param {number} end
 * @param {number} samples
 * @param {number} startedAt the last scrape before the pod started
 * @param {boolean} [isInitialised] whether the series exists before it has counted anything
 */
export function increase(counter, end, samples, startedAt, isInitialised = true) {
  const earliest = end - samples + 1;
  let first = Math.max(startedAt + 1, earliest);
  while (!isInitialised && first < end && counter[first - 1] === 0) first += 1;
  const differences = end - first;
  if (differences < 1) return 0;
  const value = counter[first - 1];
  const growth = counter[end - 1] - value;
  if (growth === 0) return 0;
  const toZero = (differences * value) / growth;
  const toStart = Math.min(TO_START + first - earliest, toZero);
  return growth * (1 + ((toStart < 1.1 ? toStart : 0.5) + TO_END) / differences);
}

// In scrapes, from the start of a range to its first sample and from its last sample to its end.
export const TO_END = 1 / 3;
const TO_START = 1 - TO_END;

/**
 * Returns how many standard errors the canary's share is above stable's: the pooled two-proportion z, or 0 where one side has
 * no requests.
 *
 * @param {number} bad
 * @param {number} all
 * @param {number} badOfStable
 * @param {number} allOfStable
 */
export function differenceZ(bad, all, badOfStable, allOfStable) {
  if (all <= 0 || allOfStable <= 0) return 0;
  const pooled = (bad + badOfStable) / (all + allOfStable);
  const variance = pooled * (1 - pooled) * (1 / all + 1 / allOfStable);
  return variance > 0 ? (bad / all - badOfStable / allOfStable) / Math.sqrt(variance) : 0;
}

/**
 * Returns the least share that the requests prove: the lower end of the one-sided Wilson interval.
 *
 * @param {number} bad
 * @param {number} all
 * @param {number} z
 */
export function leastShare(bad, all, z) {
  const width = z * Math.sqrt(Math.max(0, bad - bad ** 2 / all + z ** 2 / 4));
  return (bad + z ** 2 / 2 - width) / (all + z ** 2);
}
