/**
 * Returns what `increase()` makes of a range that holds so many scrapes, up to the scrape `end`: the sum of the differences,
 * of which there is one fewer, extrapolated to the range. What a pod counted before its first scrape is never seen.
 *
 * @param {Int32Array | Float64Array} growth how much the counter grew before each scrape
 * @param {number} end
 * @param {number} samples
 */
export function increase(growth, end, samples) {
  const first = Math.max(1, end - samples + 1);
  const differences = end - first;
  if (differences < 1) return 0;
  let sum = 0;
  for (let i = first; i < end; i++) sum += growth[i];
  return sum * (1 + 1 / differences);
}

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
