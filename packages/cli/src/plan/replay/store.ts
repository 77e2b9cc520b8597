import { memoize } from '../../memoize.js';
import { type Element, NotKnown } from '../../promql/elements.js';
import type { Samples } from '../../promql/evaluator.js';
import { letsThrough } from '../../promql/matcher.js';
import type { Selector } from '../../promql/promql.js';
import type { Sample, Window } from '../../promql/windows.js';

/** A series of the history with its samples, oldest first. */
export interface StoredSeries {
  readonly metric: string;
  /** Labels without the name. */
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly Sample[];
}

// How far Prometheus looks back for the latest sample of a series.
const LOOKBACK_SECONDS = 300;

/** Returns series in the form over which queries are evaluated. */
export function createStore(all: readonly StoredSeries[]): Samples {
  const seriesOf = memoize(select);
  const byMetric = new Map<string, StoredSeries[]>();
  for (const series of all) {
    const others = byMetric.get(series.metric) ?? [];
    others.push(series);
    byMetric.set(series.metric, others);
  }

  return {
    // Loops: a replay asks for thousands of series thousands of times.
    latest(selector, at) {
      const elements: Element[] = [];
      for (const { labels, samples } of seriesOf(selector)) {
        const sample = samples[indexAfter(samples, at) - 1];
        if (sample !== undefined && sample.at > at - LOOKBACK_SECONDS) elements.push({ labels, value: sample.value });
      }
      return elements;
    },
    within(selector, start, end) {
      const windows: Window[] = [];
      for (const { labels, samples } of seriesOf(selector)) {
        const [from, to] = [indexAfter(samples, start), indexAfter(samples, end)];
        if (to > from) windows.push({ labels, start, end, samples: samples.slice(from, to) });
      }
      return windows;
    },
  };

  function select({ metric, matchers }: Selector): readonly StoredSeries[] {
    // The name is a pattern.
    if (metric === '') throw new NotKnown();
    return (byMetric.get(metric) ?? []).filter(({ labels }) =>
      matchers.every((matcher) => {
        const passes = letsThrough(matcher, labels[matcher.label] ?? '');
        if (passes === undefined) throw new NotKnown();
        return passes;
      }),
    );
  }
}

/** Returns the index of the first sample after a time. */
function indexAfter(samples: readonly Sample[], at: number): number {
  let [low, high] = [0, samples.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((samples[middle]?.at ?? at) > at) high = middle;
    else low = middle + 1;
  }
  return low;
}
