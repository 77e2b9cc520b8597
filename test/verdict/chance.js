/**
 * Returns a random source that returns the same numbers for the same seed (mulberry32).
 *
 * @param {number} seed
 * @returns {() => number} a number from 0 up to, not including, 1
 */
export function chance(seed) {
  // The state is signed, so that V8 keeps it as a small integer.
  let state = (seed * 0x9e3779b9) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Returns a function that returns true for a share of its calls, at even distances from a random start. So a scenario of 3 % has
 * 3 % in every run, without random differences.
 *
 * @param {number} share
 * @param {() => number} random
 */
export function oneIn(share, random) {
  if (share <= 0) return () => false;
  let debt = random();
  return () => {
    debt += share;
    if (debt < 1) return false;
    debt -= 1;
    return true;
  };
}
