import { type Element, NotKnown } from './elements.js';

/** The samples of one series within a range, oldest first. Times are in seconds. */
export interface Window {
  readonly labels: Element['labels'];
  readonly start: number;
  readonly end: number;
  /** At least one sample. */
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly at: number;
  readonly value: number;
}

/** Returns the multiples of a step after a time, up to another. */
export function timesWithin(start: number, end: number, step: number): readonly number[] {
  const first = Math.floor(start / step) + 1;
  const last = Math.floor(end / step);
  const times: number[] = [];
  for (let i = first; i <= last; i += 1) times.push(i * step);
  return times;
}

/** Returns the value of a function of Prometheus for a window; `undefined` if there are too few samples. */
export function windowValue(name: string, window: Window): number | undefined {
  const { samples } = window;
  const call = OF_VALUES[name];
  if (call !== undefined) return call(samples.map(({ value }) => value));
  const ofSamples = OF_SAMPLES[name];
  if (ofSamples === undefined) throw new NotKnown();
  return samples.length < 2 ? undefined : ofSamples(window);
}

/** Returns the largest number, or with `sign` -1 the smallest; `NaN` only if there is no other. */
export function mostOf(values: readonly number[], sign = 1): number {
  return values.reduce((most, value) => (sign * value > sign * most || Number.isNaN(most) ? value : most));
}

export function sumOf(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

export function meanOf(values: readonly number[]): number {
  return sumOf(values) / values.length;
}

export function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return meanOf(values.map((value) => (value - mean) ** 2));
}

/** Returns a quantile, interpolated between two values. */
export function quantileOf(quantile: number, values: readonly number[]): number {
  if (Number.isNaN(quantile)) return Number.NaN;
  if (quantile < 0) return Number.NEGATIVE_INFINITY;
  if (quantile > 1) return Number.POSITIVE_INFINITY;
  // `NaN` counts as the smallest.
  const ranked = [
    ...values.filter((value) => Number.isNaN(value)),
    ...values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b),
  ];
  const rank = quantile * (ranked.length - 1);
  const low = Math.floor(rank);
  const [lower = Number.NaN, upper = lower] = ranked.slice(low, low + 2);
  const weight = rank - low;
  return lower * (1 - weight) + upper * weight;
}

/** Returns how many neighbours differ in a given way. */
function countPairs(values: readonly number[], differs: (before: number, after: number) => boolean): number {
  return values.filter((value, i) => i > 0 && differs(values[i - 1] ?? value, value)).length;
}

const OF_VALUES: Readonly<Record<string, (values: readonly number[]) => number>> = {
  avg_over_time: meanOf,
  changes: (values) =>
    countPairs(values, (before, after) => before !== after && !(Number.isNaN(before) && Number.isNaN(after))),
  count_over_time: (values) => values.length,
  first_over_time: (values) => values[0] ?? Number.NaN,
  last_over_time: (values) => values.at(-1) ?? Number.NaN,
  max_over_time: (values) => mostOf(values),
  min_over_time: (values) => mostOf(values, -1),
  present_over_time: () => 1,
  resets: (values) => countPairs(values, (before, after) => after < before),
  stddev_over_time: (values) => Math.sqrt(varianceOf(values)),
  stdvar_over_time: varianceOf,
  sum_over_time: sumOf,
};

const OF_SAMPLES: Readonly<Record<string, (window: Window) => number>> = {
  delta: (window) => extrapolate(window, false),
  deriv: ({ samples }) => slopeOf(samples),
  idelta: ({ samples }) => lastStep(samples).difference,
  increase: (window) => extrapolate(window, true),
  irate({ samples }) {
    const { difference, seconds, after } = lastStep(samples);
    return (difference < 0 ? after : difference) / seconds;
  },
  rate: (window) => extrapolate(window, true) / (window.end - window.start),
};

function endsOf(samples: readonly Sample[]): readonly [first: Sample, last: Sample] {
  return [samples[0], samples.at(-1)] as [Sample, Sample];
}

function lastStep(samples: readonly Sample[]): {
  readonly difference: number;
  readonly seconds: number;
  readonly after: number;
} {
  const [before, after] = samples.slice(-2) as [Sample, Sample];
  return { difference: after.value - before.value, seconds: after.at - before.at, after: after.value };
}

/**
 * Returns by how much a series grew within its window. Prometheus extrapolates the growth to both ends of the window.
 */
function extrapolate({ samples, start, end }: Window, isCounter: boolean): number {
  const [first, last] = endsOf(samples);
  const growth = last.value - first.value + (isCounter ? lostInResets(samples) : 0);
  const sampled = last.at - first.at;
  const step = sampled / (samples.length - 1);
  // If the samples end well before the window, the series is assumed to end there.
  const reach = (gap: number): number => (gap < 1.1 * step ? gap : step / 2);
  const toStart = first.at - start;
  const toZero =
    isCounter && growth > 0 && first.value >= 0 ? sampled * (first.value / growth) : Number.POSITIVE_INFINITY;
  const before = Math.min(toStart, toZero);
  return growth * ((sampled + reach(before) + reach(end - last.at)) / sampled);
}

/** Returns what a counter had counted before each of its resets. */
function lostInResets(samples: readonly Sample[]): number {
  let [lost, before] = [0, Number.NEGATIVE_INFINITY];
  for (const { value } of samples) {
    if (value < before) lost += before;
    before = value;
  }
  return lost;
}

/** Returns the slope of the least-squares line. */
function slopeOf(samples: readonly Sample[]): number {
  const at = meanOf(samples.map((sample) => sample.at));
  const mean = meanOf(samples.map(({ value }) => value));
  const along = sumOf(samples.map((sample) => (sample.at - at) * (sample.value - mean)));
  return along / sumOf(samples.map((sample) => (sample.at - at) ** 2));
}
