import type { Cell } from './cell.js';
import { withDefaults } from './default-labels.js';
import { epochSeconds } from './epoch-seconds.js';
import { exemplarText } from './exemplar.js';
import { Family, type Labelled, type Style } from './family.js';
import type { Recorder } from './recorder.js';
import { copyExemplar, type MetricValue } from './registry.js';

/** A counter that shows how often each cell has counted. */
export class CellCounter extends Family {
  readonly cells: () => Iterable<Cell>;

  constructor(recorder: Recorder, name: string, help: string, cells: () => Iterable<Cell>) {
    super(recorder, name, help, 'counter');
    this.cells = cells;
  }

  override reset(): void {
    const now = epochSeconds();
    for (const cell of this.cells()) cell.reset(now);
  }

  override *lines(style: Style): Generator<string, void, undefined> {
    // A counter without the suffix is not a counter in OpenMetrics, and only a counter has a creation time.
    const base = style.openMetrics && this.name.endsWith('_total') ? this.name.slice(0, -'_total'.length) : undefined;
    const { created } = this.recorder.settings;
    for (const cell of this.cells()) {
      const text = withDefaults(cell, style);
      const labels = text === '' ? '' : `{${text}}`;
      const exemplar = base === undefined ? '' : exemplarText(cell.exemplar);
      const since = base === undefined || !created ? '' : `${base}_created${labels} ${cell.createdAt}\n`;
      yield `${this.name}${labels} ${cell.requests}${exemplar}\n${since}`;
    }
  }

  override *rows(_name: string, labelled: Labelled): Generator<MetricValue[], void, undefined> {
    for (const cell of this.cells()) {
      yield [{ ...labelled(cell.labels), value: cell.requests, ...copyExemplar(cell.exemplar) }];
    }
  }
}
