import type { Cell } from './cell.js';
import { withDefaults } from './default-labels.js';
import { epochSeconds } from './epoch-seconds.js';
import { exemplarText } from './exemplar.js';
import { Family, type Labelled, type Style } from './family.js';
import type { Recorder } from './recorder.js';
import { copyExemplar, type MetricValue } from './registry.js';

/** A histogram of the durations of those cells that have any. */
export class DurationHistogram extends Family {
  readonly #source: () => Iterable<Cell>;
  readonly #shown: () => Iterable<Cell>;

  /** `source` has the cells that observe. `shown` has the cells that are shown, if they are others. */
  constructor(
    recorder: Recorder,
    name: string,
    help: string,
    source: () => Iterable<Cell>,
    shown: () => Iterable<Cell> = source,
  ) {
    super(recorder, name, help, 'histogram');
    this.#source = source;
    this.#shown = shown;
  }

  override reset(): void {
    const now = epochSeconds();
    for (const cell of this.#source()) cell.resetTimings(now);
  }

  override *lines(style: Style): Generator<string, void, undefined> {
    const { name } = this;
    const { bounds, created } = this.recorder.settings;
    const heads = [...bounds, '+Inf'].map((le) => `${name}_bucket{le="${le}",`);
    for (const [cell, timings] of this.#cells()) {
      const labels = `${withDefaults(cell, style)}}`;
      let text = '';
      let count = 0;
      for (let i = 0; i < heads.length; i++) {
        count += timings[i] as number;
        const exemplar = style.openMetrics ? exemplarText(cell.exemplars?.[i]) : '';
        text += `${heads[i]}${labels} ${count}${exemplar}\n`;
      }
      text += `${name}_sum{${labels} ${timings[heads.length]}\n${name}_count{${labels} ${count}\n`;
      yield style.openMetrics && created ? `${text}${name}_created{${labels} ${cell.timedFrom}\n` : text;
    }
  }

  override *rows(name: string, labelled: Labelled): Generator<MetricValue[], void, undefined> {
    const bounds = [...this.recorder.settings.bounds, '+Inf'] as const;
    for (const [cell, timings] of this.#cells()) {
      let count = 0;
      const rows = bounds.map((le, i): MetricValue => {
        count += timings[i] as number;
        const { labels, ...shared } = labelled(cell.labels);
        return {
          metricName: `${name}_bucket`,
          labels: { le, ...labels },
          ...shared,
          value: count,
          ...copyExemplar(cell.exemplars?.[i]),
        };
      });
      rows.push({ metricName: `${name}_sum`, ...labelled(cell.labels), value: timings[bounds.length] as number });
      rows.push({ metricName: `${name}_count`, ...labelled(cell.labels), value: count });
      yield rows;
    }
  }

  *#cells(): Generator<[Cell, Float64Array], void, undefined> {
    for (const cell of this.#shown()) if (cell.timings !== undefined) yield [cell, cell.timings];
  }
}
