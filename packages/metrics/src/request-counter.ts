import type { Cell } from './cell.js';
import { restOf } from './default-labels.js';
import { epochSeconds } from './epoch-seconds.js';
import { Family, type Labelled, type Style } from './family.js';
import type { Recorder } from './recorder.js';
import type { MetricValue } from './registry.js';

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
