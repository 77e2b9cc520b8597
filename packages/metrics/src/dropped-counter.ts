import { braced } from './default-labels.js';
import { epochSeconds } from './epoch-seconds.js';
import { Family, type Labelled, type Style } from './family.js';
import type { Recorder } from './recorder.js';
import type { MetricValue } from './registry.js';

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
