import { Cell } from './cell.js';
import type { Recorder } from './recorder.js';
import type { Route } from './route.js';

/**
 * The durations of users, as the option `durationStatus` wants them: the cells by status, or sums of several statuses.
 */
export class DurationCells {
  readonly #recorder: Recorder;
  /** By route and class of status. The sums are kept, because registries recognise the text of labels by identity. */
  readonly #sums = new Map<Route, Map<string, Cell>>();

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** Returns the cells as they are now. */
  readonly view = (): Iterable<Cell> => {
    const { durationStatus } = this.#recorder.settings;
    return durationStatus === 'code' ? this.#recorder.cells(0) : this.#summed(durationStatus);
  };

  *#summed(by: 'class' | 'none'): Generator<Cell, void, undefined> {
    for (const route of this.#recorder.routes) {
      const sums = this.#sums.get(route) ?? new Map<string, Cell>();
      this.#sums.set(route, sums);
      for (const sum of sums.values()) sum.resetTimings(Number.POSITIVE_INFINITY);
      for (const [status, cell] of route.cells) {
        if (cell.timings === undefined) continue;
        const group = by === 'none' ? '' : `${Math.floor(status / 100)}xx`;
        const sum = sums.get(group) ?? this.#open(route, group);
        sums.set(group, sum);
        add(sum, cell, cell.timings);
      }
      yield* sums.values();
    }
  }

  #open(route: Route, group: string): Cell {
    const { names } = this.#recorder.settings;
    const cell = new Cell({ ...route.timed.labels, ...(group === '' ? {} : { [names.labels.status_code]: group }) });
    cell.timedFrom = Number.POSITIVE_INFINITY;
    return cell;
  }
}

/** Adds the durations of one cell to a sum, and its exemplars if they are newer. */
function add(sum: Cell, { timedFrom, exemplars }: Cell, timings: Float64Array): void {
  sum.timings ??= new Float64Array(timings.length);
  for (const [i, count] of timings.entries()) sum.timings[i] = (sum.timings[i] as number) + count;
  sum.timedFrom = Math.min(sum.timedFrom, timedFrom);
  for (const [bucket, exemplar] of exemplars?.entries() ?? []) {
    const known = sum.exemplars?.[bucket];
    if (exemplar === undefined || (known !== undefined && known.timestamp > exemplar.timestamp)) continue;
    sum.exemplars ??= [];
    sum.exemplars[bucket] = exemplar;
  }
}
