import type { Cell } from './cell.js';
import { restOf } from './default-labels.js';
import { epochSeconds } from './epoch-seconds.js';
import { Family, type Labelled, type Style } from './family.js';
import type { Recorder } from './recorder.js';
import type { MetricValue } from './registry.js';

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
