/**
 * Returns the result of `increase()` over a range that contains `samples` scrapes, the latest at `end`, and is longer than their time
 * by one scrape. Like Prometheus, it extrapolates to the ends of the range, but not to a time before the counter was 0.
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

/**
 * Marks the spans that complete a proof: `length` spans in a row that hold evidence.
 *
 * @param {Uint8Array} proven
 * @param {number} length
 * @param {(span: number) => boolean} holds whether a span holds evidence
 */
export function markProofs(proven, length, holds) {
  let inRow = 0;
  for (let span = 0; span < proven.length; span++) {
    inRow = holds(span) ? inRow + 1 : 0;
    if (inRow >= length) proven[span] = 1;
  }
}

// The number of scrapes from the start of a range to its first sample, and from its last sample to its end.
export const TO_END = 1 / 3;
const TO_START = 1 - TO_END;

/**
 * Whether the canary's share is above stable's by more than chance. Fewer standard errors prove a large difference, without half an
 * event of the canary.
 *
 * @param {import('./rule.js').Rule['persistence']} persistence
 * @param {boolean} isLarge
 * @param {number} bad
 * @param {number} all
 * @param {number} badOfStable
 * @param {number} allOfStable
 */
export function isEvidence({ z, zOfLarge }, isLarge, bad, all, badOfStable, allOfStable) {
  return isLarge
    ? differenceZ(bad - 0.5, all, badOfStable, allOfStable) > zOfLarge
    : differenceZ(bad, all, badOfStable, allOfStable) > z;
}

/**
 * Returns how many standard errors the canary's share is above stable's: the difference of the arcsines of their square
 * roots, as Anscombe corrects them for few requests.
 *
 * @param {number} bad
 * @param {number} all
 * @param {number} badOfStable
 * @param {number} allOfStable
 */
export function differenceZ(bad, all, badOfStable, allOfStable) {
  return (
    (2 * (angle(bad, all) - angle(badOfStable, allOfStable))) / Math.sqrt(1 / (all + 0.5) + 1 / (allOfStable + 0.5))
  );
}

/** @param {number} bad @param {number} all */
function angle(bad, all) {
  return Math.asin(Math.sqrt(Math.min(1, (bad + 0.375) / (all + 0.75))));
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

/**
 * Returns a function that returns the increase of a counter of one side in a span. Consecutive spans count each increase
 * exactly once. After a switch, stable is compared earlier.
 *
 * @param {import('./release.js').Release} release
 * @param {import('./rule.js').Rule} rule
 */
export function increasesInSpans({ stable, phase }, { pace }) {
  /** @param {import('./release.js').Counters} side @param {Int32Array} counter @param {number} span @param {boolean} [isInitialised] */
  return (side, counter, span, isInitialised = true) => {
    const end = phase + span * pace.span - (side === stable ? pace.earlier : 0);
    return increase(counter, end, pace.span + 1, side.startedAt, isInitialised);
  };
}
