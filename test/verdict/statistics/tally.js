import { chance } from '../chance.js';
import { bothSides, simulateRelease } from './release.js';
import { decide } from './rule.js';

/**
 * The outcomes of a number of releases.
 *
 * @typedef {object} Tally
 * @property {number} releases
 * @property {number[]} rolledBackAt for each that was rolled back, the number of scrapes since its start
 * @property {Record<string, number>} by the number of releases that each question rolled back
 * @property {number} asked how many of the others were paused for a small difference
 * @property {number} shared how many of the others were paused because canary and stable failed alike
 * @property {number} silent how many of the others were paused because they had too few requests
 */

/**
 * Simulates and decides releases of one setting. The same seeds give the same releases.
 *
 * @param {import('./release.js').Setting} setting
 * @param {import('./rule.js').Rule} rule
 * @param {{ readonly from: number, readonly to: number }} seeds
 * @returns {Tally}
 */
export function tallyReleases(setting, rule, { from, to }) {
  /** @type {Tally} */
  const tally = { releases: to - from, rolledBackAt: [], by: {}, asked: 0, shared: 0, silent: 0 };
  const counters = bothSides(setting);
  for (let seed = from; seed < to; seed++) {
    const release = simulateRelease(setting, chance(seed), counters);
    const { rollback, asked, shared, silent } = decide(release, rule);
    if (rollback !== undefined) {
      tally.rolledBackAt.push(rollback.at - release.startedAt);
      tally.by[rollback.by] = (tally.by[rollback.by] ?? 0) + 1;
      continue;
    }
    tally.asked += Number(asked !== undefined);
    tally.shared += Number(shared !== undefined);
    tally.silent += Number(silent !== undefined);
  }
  return tally;
}

/** Adds up tallies of one setting. @param {readonly Tally[]} tallies @returns {Tally} */
export function addTallies(tallies) {
  const sum = (/** @type {(tally: Tally) => number} */ of) => tallies.reduce((all, tally) => all + of(tally), 0);
  const questions = new Set(tallies.flatMap(({ by }) => Object.keys(by)));
  return {
    releases: sum(({ releases }) => releases),
    rolledBackAt: tallies.flatMap(({ rolledBackAt }) => rolledBackAt),
    by: Object.fromEntries([...questions].map((question) => [question, sum(({ by }) => by[question] ?? 0)])),
    asked: sum(({ asked }) => asked),
    shared: sum(({ shared }) => shared),
    silent: sum(({ silent }) => silent),
  };
}
