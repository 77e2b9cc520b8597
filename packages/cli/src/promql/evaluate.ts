import { memoize } from '../memoize.js';
import type { Element, Value } from './elements.js';
import { createEvaluator, type Samples } from './evaluator.js';
import type { Promql, Selector } from './promql.js';
import { type Sample, timesWithin } from './windows.js';

/** Finds the series of a selector. All of them grow evenly: the value of an element is its growth per second. */
export type Select = (selector: Selector) => readonly Element[];

/** The time at which a query is evaluated: every series has grown for this many seconds. */
export const NOW_SECONDS = 2_592_000;

const SCRAPE_SECONDS = 15;
// A longer range is sampled more coarsely.
const MOST_SAMPLES = 240;

/** Returns the result of Prometheus for a query. Throws `NotKnown` for what is not known here. */
export function evaluate(tree: Promql, select: Select, now: number = NOW_SECONDS): Value {
  return createEvaluator(createGrowing(select))(tree, now);
}

/** Returns the samples of series that all grow evenly. */
function createGrowing(select: Select): Samples {
  // A subquery reads the same series at each of its steps.
  const seriesOf = memoize(select);
  return {
    latest: (selector, at) =>
      seriesOf(selector).map(({ labels, value }) => ({ labels, value: growTo(value, lastScrape(at)) })),
    within(selector, start, end) {
      if (end <= start) return [];
      const step = SCRAPE_SECONDS * Math.ceil((end - start) / SCRAPE_SECONDS / MOST_SAMPLES);
      const times = timesWithin(start, end, step);
      if (times.length === 0) return [];
      // Many series have the same rate.
      const samplesOf = new Map<number, readonly Sample[]>();
      return seriesOf(selector).map(({ labels, value }) => {
        const samples = samplesOf.get(value) ?? times.map((time) => ({ at: time, value: growTo(value, time) }));
        samplesOf.set(value, samples);
        return { labels, start, end, samples };
      });
    },
  };
}

/** Returns the value that a series has grown to; before the start of all series it was 0. */
function growTo(rate: number, at: number): number {
  return rate * Math.max(0, at);
}

function lastScrape(at: number): number {
  return SCRAPE_SECONDS * Math.floor(at / SCRAPE_SECONDS);
}
