import { Cell } from './cell.js';
import type { CellNumbers } from './cell-numbers.js';
import { epochSeconds } from './epoch-seconds.js';
import { labelText } from './label-text.js';
import type { Labels } from './names.js';
import type { CounterSeries, HistogramSeries, Source } from './series.js';

/** A cell that does not belong to a route, with its labels. */
export class LabelledCell extends Cell implements CounterSeries, HistogramSeries {
  readonly labels: Labels;
  readonly text: string;

  constructor(numbers: CellNumbers, labels: Labels) {
    super(numbers, epochSeconds());
    this.labels = Object.freeze(labels);
    this.text = labelText(labels);
  }
}

/** Shows the counts of cells. */
export function countsOf(cells: () => Iterable<LabelledCell>): Source<CounterSeries> {
  return {
    series: cells,
    reset(createdAt) {
      for (const cell of cells()) cell.reset(createdAt);
    },
  };
}

/** Shows the durations of cells. */
export function durationsOf(cells: () => Iterable<LabelledCell>): Source<HistogramSeries> {
  return {
    series: cells,
    reset(createdAt) {
      for (const cell of cells()) cell.resetTimings(createdAt);
    },
  };
}
