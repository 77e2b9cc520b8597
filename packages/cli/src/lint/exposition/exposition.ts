import type { Format } from '@coalmine/metrics';
import { parseSampleValue } from '../../sample-value.js';

/** One line with a value. */
export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
  /** From 1. */
  readonly line: number;
}

/** The types that a `# TYPE` line can name, in either format. */
export type FamilyType =
  | 'counter'
  | 'gauge'
  | 'histogram'
  | 'gaugehistogram'
  | 'summary'
  | 'info'
  | 'stateset'
  | 'unknown';

/** The samples of one metric. */
export interface Family {
  /** The name in its `# TYPE` line; in OpenMetrics the name of a counter has no `_total`. */
  readonly name: string;
  readonly type: FamilyType;
  /** The line at which it starts. */
  readonly line: number;
  readonly samples: readonly Sample[];
}

/** An exposition, as far as it can be read. */
export interface Exposition {
  readonly format: Format;
  readonly families: readonly Family[];
  /** The names of the families that are declared and have no samples. */
  readonly idle: readonly string[];
}

/** Returns the samples that count whole series: one per set of labels, none per bucket. */
export function countingSamplesOf({ name, type, samples }: Family): readonly Sample[] {
  if (type === 'histogram' || type === 'summary') return samples.filter((sample) => sample.name === `${name}_count`);
  return samples.filter((sample) => !sample.name.endsWith('_created'));
}

/** Returns a bound as a number, as Prometheus reads it; `NaN` if it is not a number. */
export function boundOf(sample: Sample): number {
  return parseSampleValue(sample.labels.get('le') ?? '') ?? Number.NaN;
}

/** Returns a key that is equal for equal series, whatever the order of their labels and however a bound is written. */
export function seriesKeyOf({ name, labels }: Sample, without?: string): string {
  const pairs: string[] = [];
  for (const [label, value] of labels) {
    if (label === without) continue;
    const text = canonical(label, value);
    // A value may contain the separator, so the key contains its length as well.
    pairs.push(`${label}\n${text.length}\n${text}`);
  }
  return `${name}\n${pairs.sort().join('\n')}`;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Returns a series as text for people. */
export function showSeries({ name, labels }: Sample): string {
  const pairs = [...labels].map(([label, value]) => `${LABEL.test(label) ? label : JSON.stringify(label)}="${value}"`);
  // A name that only Prometheus 3 allows is written among the labels, in the exposition and in a query.
  if (!NAME.test(name)) return `{${[JSON.stringify(name), ...pairs].join(',')}}`;
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`;
}

/** Groups things by a key, in the order in which each key first came. */
export function groupedBy<T>(things: Iterable<T>, keyOfThing: (thing: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const thing of things) {
    const key = keyOfThing(thing);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [thing]);
    else group.push(thing);
  }
  return groups;
}

function canonical(label: string, value: string): string {
  return label === 'le' || label === 'quantile' ? String(parseSampleValue(value) ?? value) : value;
}
