/**
 * Returns functions that draw from distributions.
 *
 * @param {() => number} random returns numbers from 0 up to, not including, 1
 */
export function createDraws(random) {
  let [meanBefore, noneBefore] = [0, 1];
  /** @type {number | undefined} */
  let spare;
  return { random, normal, poisson, addPoisson, geometric, successes, addSuccesses };

  /** Draws from the standard normal distribution (Box and Muller), two at a time. */
  function normal() {
    if (spare !== undefined) {
      const drawn = spare;
      spare = undefined;
      return drawn;
    }
    const length = Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    spare = length * Math.sin(angle);
    return length * Math.cos(angle);
  }

  /** @param {number} mean */
  function poisson(mean) {
    if (mean > MANY) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
    // Many draws in a row have the same mean.
    if (mean !== meanBefore) [meanBefore, noneBefore] = [mean, Math.exp(-mean)];
    let count = 0;
    let probability = noneBefore;
    let rest = random() - probability;
    while (rest >= 0 && count < 10 * MANY) {
      count += 1;
      probability *= mean / count;
      rest -= probability;
    }
    return count;
  }

  /**
   * Adds a Poisson draw to each element of a part. If the mean is small, it draws the sum of all elements and spreads it.
   *
   * @param {Int32Array} counts
   * @param {number} from
   * @param {number} length
   * @param {number} mean
   */
  function addPoisson(counts, from, length, mean) {
    if (mean > 1) {
      for (let i = from; i < from + length; i++) counts[i] += poisson(mean);
      return;
    }
    for (let left = poisson(mean * length); left > 0; left--) counts[from + Math.floor(random() * length)] += 1;
  }

  /** Draws the number of trials up to the first success, at least 1. @param {number} mean */
  function geometric(mean) {
    return 1 + Math.floor(Math.log(1 - random()) / Math.log1p(-1 / mean));
  }

  /** Draws how many of a number of trials succeed. @param {number} trials @param {number} share */
  function successes(trials, share) {
    if (share > 0.5) return trials - successes(trials, 1 - share);
    if (share <= 0) return 0;
    const mean = trials * share;
    if (mean > MANY) {
      return Math.min(trials, Math.max(0, Math.round(mean + Math.sqrt(mean * (1 - share)) * normal())));
    }
    let count = 0;
    const perFailure = 1 / Math.log1p(-share);
    for (let at = skipped(perFailure); at < trials; at += 1 + skipped(perFailure)) count += 1;
    return count;
  }

  /**
   * Adds to each element of `counts` the number of trials that succeed. It draws the distance to the next success, across the
   * elements, because events are rare and this needs few draws.
   *
   * @param {Int32Array} trials
   * @param {number} sum of the trials
   * @param {Int32Array} counts
   * @param {number} share
   */
  function addSuccesses(trials, sum, counts, share) {
    if (share <= 0) return;
    if (share > 0.5 || sum * share > MANY * trials.length) {
      for (let i = 0; i < trials.length; i++) counts[i] += successes(trials[i], share);
      return;
    }
    const perFailure = 1 / Math.log1p(-share);
    let passed = 0;
    let element = 0;
    for (let at = skipped(perFailure); at < sum; at += 1 + skipped(perFailure)) {
      while (passed + trials[element] <= at) passed += trials[element++];
      counts[element] += 1;
    }
  }

  /** Draws how many trials fail before the next success. @param {number} perFailure 1 over the logarithm of a failure's share */
  function skipped(perFailure) {
    return Math.floor(Math.log(1 - random()) * perFailure);
  }
}

// Above this mean, the normal distribution is close enough to the Poisson and the binomial distribution.
const MANY = 12;
