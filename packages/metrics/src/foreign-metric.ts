import { messageOf, textOf, warn } from '@coalmine/options';
import type { RegistryLike } from './clients.js';
import type { Exemplar } from './exemplar.js';
import type { Style } from './family.js';
import { labelText } from './label-text.js';
import { isReadableLabelName, isReadableMetricName } from './names.js';
import type { RegisteredMetric, Sample } from './registry.js';
import type { Slice } from './slice.js';

/** A user's metric, checked and ready to be shown: {@link rowsOf}. */
export interface ForeignMetric {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  /** How its client would aggregate the metric in a cluster, if the client says so. */
  readonly aggregator: unknown;
  readonly values: readonly GivenRow[];
  /** Names of its samples that no metric of this name and type has: they may be the name of another metric. */
  readonly strangeNames: readonly string[];
}

/** A sample as the client returned it. */
interface GivenRow {
  readonly metricName?: unknown;
  readonly labels?: object | null;
  readonly sharedLabels?: object | null;
  readonly value: number;
  readonly exemplar?: object | null;
}

/** The types of both formats, and `unknown`, which the text format calls `untyped`. */
export type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'unknown';

const TYPES: ReadonlySet<unknown> = new Set<MetricType>(['counter', 'gauge', 'histogram', 'summary', 'unknown']);
// Reading the clock for each row would cost more than the check.
const ROWS_PER_LOOK = 32;
const SUFFIXES = ['', '_total', '_created', '_bucket', '_sum', '_count'];
// The value of this label is the bound or the quantile of a sample.
const NUMBER_LABELS: Readonly<Record<string, string>> = { histogram: 'le', summary: 'quantile' };

// Metrics that did not return in time and have not returned since. Each is asked again once it has returned.
const unanswered = new WeakSet<object>();

/**
 * Asks a user's metric for its values. Rejects if the metric fails, takes too long, or is busy with the previous
 * question.
 */
export async function askForeign(metric: RegisteredMetric, milliseconds: number): Promise<unknown> {
  if (unanswered.has(metric)) throw new Error('it has not returned since the scrape before');
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      unanswered.add(metric);
      reject(new Error(`no values after ${milliseconds} ms`));
    }, milliseconds);
    timer.unref();
  });
  const asked = (async () => metric.get())().finally(() => unanswered.delete(metric));
  try {
    return await Promise.race([asked, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Reads what a metric returned, and yields to the event loop between slices. Rejects with what no scraper could read.
 */
export async function readForeign(given: unknown, registry: RegistryLike, slice: Slice): Promise<ForeignMetric> {
  if (typeof given !== 'object' || given === null) throw new TypeError(`it returned ${textOf(given)}`);
  const { name, help, type, aggregator, values = [] } = given as Record<string, unknown>;
  if (!isReadableMetricName(name)) throw new TypeError(`it is named ${textOf(name)}`);
  if (!Array.isArray(values)) throw new TypeError(`its values are ${textOf(values)}`);
  const shownType = TYPES.has(type) ? (type as MetricType) : 'unknown';
  const names = new Set<string>();
  const check = rowCheck(NUMBER_LABELS[shownType], names);
  // All rows are checked before any row is shown, because half a metric would be wrong.
  for (let i = 0; i < values.length; i++) {
    check(values[i]);
    if (i % ROWS_PER_LOOK === 0 && slice.isOver()) await slice.next();
  }
  return {
    name: showName(name, type, registry),
    help: typeof help === 'string' && help !== '' ? help : '(no help given)',
    type: shownType,
    aggregator,
    values,
    strangeNames: [...names].filter((each) => !SUFFIXES.some((suffix) => each === name + suffix)),
  };
}

/** Yields the samples of a metric, one at a time, with the default labels that they lack. */
export function* rowsOf({ name, values }: ForeignMetric, style: Style): Generator<Sample, void, undefined> {
  for (const { metricName = name, labels, sharedLabels, value, exemplar } of values) {
    let text: string;
    try {
      text = labelText({ ...style.defaultLabels, ...labels, ...sharedLabels }, style.isSorted);
    } catch {
      // The client has changed the row since it was checked.
      continue;
    }
    yield {
      series: text === '' ? String(metricName) : `${metricName}{${text}}`,
      value,
      exemplar: style.openMetrics && exemplar ? exemplarIn(exemplar) : undefined,
    };
  }
}

/** Warns, once for each metric, that the metric is left out. */
export function leaveOut(metric: RegisteredMetric, error: unknown, registry: RegistryLike): void {
  const cause = typeof metric === 'object' && metric !== null ? metric : registry;
  const message = `The metric ${readName(metric) ?? 'of somebody else'} was left out of /metrics: ${messageOf(error)}`;
  warn('COALMINE_COLLECT_FAILED', message, cause);
}

/** Returns the name under which a metric is registered, or `undefined` if the name cannot be read. */
export function readName(metric: RegisteredMetric): string | undefined {
  try {
    return typeof metric.name === 'string' ? metric.name : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Returns a check of rows. The check throws what no scraper could read, and collects the names of the samples in
 * `names`. Most rows have the same names: each name is checked once.
 */
function rowCheck(numberLabel: string | undefined, names: Set<string>): (row: unknown) => void {
  const labelNames = new Set<string>();
  return (row) => {
    const { metricName, labels, sharedLabels, value } = row as Record<string, unknown>;
    if (typeof value !== 'number') throw new TypeError(`a value is ${textOf(value)}`);
    if (metricName !== undefined && !names.has(metricName as string)) {
      if (!isReadableMetricName(metricName)) throw new TypeError(`a sample is named ${textOf(metricName)}`);
      names.add(metricName);
    }
    checkLabels(labels);
    checkLabels(sharedLabels);
  };

  function checkLabels(labels: unknown): void {
    if (labels === undefined || labels === null) return;
    for (const name of Object.keys(labels)) {
      if (!labelNames.has(name)) {
        if (!isReadableLabelName(name)) throw new TypeError(`a label is named ${textOf(name)}`);
        labelNames.add(name);
      }
      const value = (labels as Record<string, unknown>)[name];
      // Only an object can throw when it is turned into text.
      const text =
        typeof value === 'object' || typeof value === 'function' || name === numberLabel ? String(value) : '';
      if (name === numberLabel && !isBound(text)) throw new TypeError(`a label ${name} is ${textOf(value)}`);
    }
  }
}

function isBound(text: string): boolean {
  return text === '+Inf' || (text.trim() !== '' && Number.isFinite(Number(text)));
}

/** Returns the exemplar of a row, or `undefined` if it cannot be shown. */
function exemplarIn(exemplar: object): Exemplar | undefined {
  try {
    const { labelSet, value, timestamp } = exemplar as Record<string, unknown>;
    if (typeof value !== 'number' || typeof timestamp !== 'number' || typeof labelSet !== 'object') return undefined;
    const labels = Object.entries(labelSet ?? {}).map(([name, text]): [string, string] => [name, String(text)]);
    if (!labels.every(([name]) => isReadableLabelName(name))) return undefined;
    return { labelSet: Object.fromEntries(labels), value, timestamp };
  } catch {
    return undefined;
  }
}

/**
 * Returns the name to show: a registry in OpenMetrics mode removes `_total` from its counters for good, and adds it
 * again to its text.
 */
function showName(name: string, type: unknown, { contentType }: RegistryLike): string {
  const isBare =
    type === 'counter' && contentType.startsWith('application/openmetrics-text') && !name.endsWith('_total');
  return isBare ? `${name}_total` : name;
}
