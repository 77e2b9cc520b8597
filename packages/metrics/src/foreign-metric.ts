import { messageOf, textOf, warn } from '@coalmine/options';
import type { RegistryLike } from './clients.js';
import type { Exemplar } from './exemplar.js';
import type { Style } from './family.js';
import { labelText } from './label-text.js';
import { isReadableLabelName, isReadableMetricName } from './names.js';
import type { RegisteredMetric } from './registry.js';
import type { Slice } from './slice.js';

/** Somebody else's metric, checked and fit to be shown: {@link rowsOf}. */
export interface ForeignMetric {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  /** How its client would aggregate it in a cluster, if it says so. */
  readonly aggregator: unknown;
  readonly values: readonly GivenRow[];
  /** What its samples are named that no metric of its name and type has: a name of another metric's, perhaps. */
  readonly strangeNames: readonly string[];
}

/** One sample of somebody else's metric. */
export interface ForeignRow {
  /** Name and labels, as they stand in an exposition. */
  readonly series: string;
  readonly value: number;
  readonly exemplar: Exemplar | undefined;
}

/** A sample as its client gave it. */
interface GivenRow {
  readonly metricName?: unknown;
  readonly labels?: object | null;
  readonly sharedLabels?: object | null;
  readonly value: number;
  readonly exemplar?: object | null;
}

/** What both formats know, and `unknown`, which the text format calls `untyped`. */
export type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'unknown';

const TYPES: ReadonlySet<unknown> = new Set<MetricType>(['counter', 'gauge', 'histogram', 'summary', 'unknown']);
// Reading the clock for each would be dearer than the check.
const ROWS_PER_LOOK = 32;
const SUFFIXES = ['', '_total', '_created', '_bucket', '_sum', '_count'];
// Their value says which bound or quantile a sample is of.
const NUMBER_LABELS: Readonly<Record<string, string>> = { histogram: 'le', summary: 'quantile' };

// Metrics that did not answer in time and have not since: each is asked again once it has.
const unanswered = new WeakSet<object>();

/** Asks somebody else's metric for its values. Rejects where it fails, takes too long, or is busy with the question before. */
export async function askForeign(metric: RegisteredMetric, milliseconds: number): Promise<unknown> {
  if (unanswered.has(metric)) throw new Error('it has not answered since it was asked before');
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

/** Reads what a metric gave, giving the event loop back between slices. Rejects with what no scraper could read in it. */
export async function readForeign(given: unknown, registry: RegistryLike, slice: Slice): Promise<ForeignMetric> {
  if (typeof given !== 'object' || given === null) throw new TypeError(`it gave ${textOf(given)}`);
  const { name, help, type, aggregator, values = [] } = given as Record<string, unknown>;
  if (!isReadableMetricName(name)) throw new TypeError(`it is named ${textOf(name)}`);
  if (!Array.isArray(values)) throw new TypeError(`its values are ${textOf(values)}`);
  const shownType = TYPES.has(type) ? (type as MetricType) : 'unknown';
  const names = new Set<string>();
  const check = rowCheck(NUMBER_LABELS[shownType], names);
  // All of it before any of it is shown: half a metric would be wrong.
  for (let i = 0; i < values.length; i++) {
    check(values[i]);
    if (i % ROWS_PER_LOOK === 0 && slice.isOver()) await slice.next();
  }
  return {
    name: shownName(name, type, registry),
    help: typeof help === 'string' && help !== '' ? help : '(no help given)',
    type: shownType,
    aggregator,
    values,
    strangeNames: [...names].filter((each) => !SUFFIXES.some((suffix) => each === name + suffix)),
  };
}

/** The samples of a metric, one at a time, with those default labels that they lack. */
export function* rowsOf({ name, values }: ForeignMetric, style: Style): Generator<ForeignRow, void, undefined> {
  for (const { metricName = name, labels, sharedLabels, value, exemplar } of values) {
    let text: string;
    try {
      text = labelText({ ...style.defaultLabels, ...labels, ...sharedLabels }, style.isSorted);
    } catch {
      // Its client has changed the row since it was checked.
      continue;
    }
    yield {
      series: text === '' ? String(metricName) : `${metricName}{${text}}`,
      value,
      exemplar: style.openMetrics && exemplar ? exemplarIn(exemplar) : undefined,
    };
  }
}

/** Warns, once for each metric, that it is not shown. */
export function leaveOut(metric: RegisteredMetric, error: unknown, registry: RegistryLike): void {
  const cause = typeof metric === 'object' && metric !== null ? metric : registry;
  const message = `The metric ${registeredName(metric) ?? 'of somebody else'} was left out of /metrics: ${messageOf(error)}`;
  warn('COALMINE_COLLECT_FAILED', message, cause);
}

/** Returns the name under which a metric is registered; `undefined` where it cannot be read. */
export function registeredName(metric: RegisteredMetric): string | undefined {
  try {
    return typeof metric.name === 'string' ? metric.name : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Returns a check of rows, which throws what no scraper could read, and collects the names of samples in `names`. Most rows
 * have the same names: each is checked once.
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
      // What only an object can do: throw when it is made a text.
      const text =
        typeof value === 'object' || typeof value === 'function' || name === numberLabel ? String(value) : '';
      if (name === numberLabel && !isBound(text)) throw new TypeError(`a label ${name} is ${textOf(value)}`);
    }
  }
}

function isBound(text: string): boolean {
  return text === '+Inf' || (text.trim() !== '' && Number.isFinite(Number(text)));
}

/** Returns the exemplar of a row. What cannot be shown is none. */
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

/** A registry in OpenMetrics mode takes `_total` off its counters, for good, and puts it on again in what it writes. */
function shownName(name: string, type: unknown, { contentType }: RegistryLike): string {
  const isBare =
    type === 'counter' && contentType.startsWith('application/openmetrics-text') && !name.endsWith('_total');
  return isBare ? `${name}_total` : name;
}
