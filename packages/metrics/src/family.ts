import type { Cell } from './cell.js';
import type { Labels } from './names.js';
import { epochSeconds, labelText, type Recorder } from './recorder.js';
import type { MetricObject, MetricValue } from './registry.js';

/** How an exposition is written. */
export interface Style {
  readonly openMetrics: boolean;
  /** The registry's default labels. */
  readonly defaultLabels: Labels;
}

/**
 * One metric of ours, in the shape that prom-client's registries ask of their own.
 *
 * A registry in OpenMetrics mode renames counters: it assigns the name without `_total` to the object and appends
 * `_total` to each row. Answering that assignment for one read only keeps the name right everywhere else.
 */
export abstract class Family {
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly aggregator: 'sum' | 'max';
  readonly recorder: Recorder;
  readonly #name: string;
  #renamed = false;

  constructor(
    recorder: Recorder,
    name: string,
    help: string,
    type: Family['type'],
    aggregator: Family['aggregator'] = 'sum',
  ) {
    this.recorder = recorder;
    this.#name = name;
    this.help = help;
    this.type = type;
    this.aggregator = aggregator;
  }

  get name(): string {
    return this.#name;
  }

  set name(name: string) {
    this.#renamed = name !== this.#name;
  }

  /** Fresh rows with full label sets, for JSON and for cluster aggregation. */
  get(): MetricObject {
    return this.#object(this.name, (labels) => ({ labels: { ...labels } }));
  }

  /** Rows for the registry's own text, which caches the text of shared labels by identity. */
  getForPromString(): MetricObject {
    const name = this.#renamed ? this.name.replace(/_total$/, '') : this.name;
    this.#renamed = false;
    return this.#object(name, (labels) => ({ labels: {}, sharedLabels: labels }));
  }

  /** Back to zero in place. */
  abstract reset(): void;
  /** The exposition of the samples, a few lines at a time. */
  abstract lines(style: Style): Generator<string, void, undefined>;
  protected abstract values(name: string, labelled: Labelled): MetricValue[];

  #object(name: string, labelled: Labelled): MetricObject {
    this.recorder.beforeCollect();
    return { name, help: this.help, type: this.type, aggregator: this.aggregator, values: this.values(name, labelled) };
  }
}

type Labelled = (labels: Labels) => Pick<MetricValue, 'labels' | 'sharedLabels'>;

/** Requests, or the errors among them, by route. */
export class RequestCounter extends Family {
  readonly #leastStatus: number;

  constructor(recorder: Recorder, name: string, help: string, leastStatus: number) {
    super(recorder, name, help, 'counter');
    this.#leastStatus = leastStatus;
  }

  override reset(): void {
    const now = epochSeconds();
    for (const cell of this.#cells()) cell.reset(now);
  }

  override *lines(style: Style): Generator<string, void, undefined> {
    const rest = restOf(this.recorder, style);
    // A counter without the suffix is no OpenMetrics counter, and only a counter has a creation time.
    const base = style.openMetrics && this.name.endsWith('_total') ? this.name.slice(0, -'_total'.length) : undefined;
    for (const cell of this.#cells()) {
      const labels = `{${cell.text}${rest}}`;
      const line = `${this.name}${labels} ${cell.requests}\n`;
      yield base === undefined ? line : `${line}${base}_created${labels} ${cell.createdAt}\n`;
    }
  }

  protected override values(_name: string, labelled: Labelled): MetricValue[] {
    return Array.from(this.#cells(), (cell) => ({ ...labelled(cell.labels), value: cell.requests }));
  }

  *#cells(): Generator<Cell, void, undefined> {
    for (const { cells } of this.recorder.routes) {
      for (const cell of cells.values()) if (cell.status >= this.#leastStatus) yield cell;
    }
  }
}

/** Durations by route. */
export class DurationHistogram extends Family {
  constructor(recorder: Recorder, name: string, help: string) {
    super(recorder, name, help, 'histogram');
  }

  override reset(): void {
    const now = epochSeconds();
    for (const [cell] of this.#cells()) cell.resetTimings(now);
  }

  override *lines(style: Style): Generator<string, void, undefined> {
    const rest = restOf(this.recorder, style);
    const { name } = this;
    const heads = [...this.recorder.settings.bounds, '+Inf'].map((le) => `${name}_bucket{le="${le}",`);
    for (const [cell, timings] of this.#cells()) {
      const labels = `${cell.text}${rest}}`;
      let text = '';
      let count = 0;
      for (let i = 0; i < heads.length; i++) {
        count += timings[i] as number;
        text += `${heads[i]}${labels} ${count}\n`;
      }
      text += `${name}_sum{${labels} ${timings[heads.length]}\n${name}_count{${labels} ${count}\n`;
      yield style.openMetrics ? `${text}${name}_created{${labels} ${cell.timedFrom}\n` : text;
    }
  }

  protected override values(name: string, labelled: Labelled): MetricValue[] {
    const values: MetricValue[] = [];
    const bounds = [...this.recorder.settings.bounds, '+Inf'] as const;
    for (const [cell, timings] of this.#cells()) {
      let count = 0;
      bounds.forEach((le, i) => {
        count += timings[i] as number;
        const { labels, ...shared } = labelled(cell.labels);
        values.push({ metricName: `${name}_bucket`, labels: { le, ...labels }, ...shared, value: count });
      });
      values.push({ metricName: `${name}_sum`, ...labelled(cell.labels), value: timings[bounds.length] as number });
      values.push({ metricName: `${name}_count`, ...labelled(cell.labels), value: count });
    }
    return values;
  }

  *#cells(): Generator<[Cell, Float64Array], void, undefined> {
    for (const { cells } of this.recorder.routes) {
      for (const cell of cells.values()) if (cell.timings !== undefined) yield [cell, cell.timings];
    }
  }
}

/** A number of the whole process, read when asked. */
export class Reading extends Family {
  readonly #read: () => number;
  readonly #labels: Labels;

  constructor(
    recorder: Recorder,
    name: string,
    help: string,
    read: () => number,
    aggregator: Family['aggregator'] = 'sum',
  ) {
    super(recorder, name, help, 'gauge', aggregator);
    this.#read = read;
    this.#labels = Object.freeze({ ...recorder.settings.labels });
  }

  override reset(): void {
    // A reading is what it is.
  }

  override *lines(style: Style): Generator<string, void, undefined> {
    yield `${this.name}${braced(this.#labels, style)} ${this.#read()}\n`;
  }

  protected override values(_name: string, labelled: Labelled): MetricValue[] {
    return [{ ...labelled(this.#labels), value: this.#read() }];
  }
}

/** Routes that were folded into the overflow route. */
export class DroppedCounter extends Family {
  constructor(recorder: Recorder, name: string, help: string) {
    super(recorder, name, help, 'counter');
  }

  override reset(): void {
    this.recorder.dropped = 0;
    this.recorder.droppedFrom = epochSeconds();
  }

  override *lines(style: Style): Generator<string, void, undefined> {
    const labels = braced(this.recorder.settings.labels, style);
    yield `${this.name}${labels} ${this.recorder.dropped}\n`;
    if (style.openMetrics) yield `${this.name.replace(/_total$/, '')}_created${labels} ${this.recorder.droppedFrom}\n`;
  }

  protected override values(_name: string, labelled: Labelled): MetricValue[] {
    return [{ ...labelled(this.recorder.settings.labels), value: this.recorder.dropped }];
  }
}

/** The registry's default labels as text to append, less those that a series has already. */
function restOf(recorder: Recorder, style: Style): string {
  const { names, labels } = recorder.settings;
  const own = new Set([...Object.values(names.labels), ...Object.keys(labels)]);
  const rest = Object.entries(style.defaultLabels).filter(([name]) => !own.has(name));
  return rest.length === 0 ? '' : `,${labelText(Object.fromEntries(rest))}`;
}

function braced(labels: Labels, style: Style): string {
  const text = labelText({ ...style.defaultLabels, ...labels });
  return text === '' ? '' : `{${text}}`;
}
