import { withDefaults } from './default-labels.js';
import { epochSeconds } from './epoch-seconds.js';
import { exemplarText } from './exemplar.js';
import { Family, type Labelled, type Style } from './family.js';
import type { Recorder } from './recorder.js';
import { copyExemplar, type MetricValue, type Sample } from './registry.js';
import type { CounterSeries, Source } from './series.js';

/** A counter of requests. */
export class CounterFamily extends Family {
  readonly #source: Source<CounterSeries>;

  constructor(recorder: Recorder, name: string, help: string, source: Source<CounterSeries>) {
    super(recorder, name, help, 'counter');
    this.#source = source;
  }

  series(): Iterable<CounterSeries> {
    return this.#source.series();
  }

  override reset(): void {
    this.#source.reset(epochSeconds());
  }

  override *lines(style: Style): Generator<string, void, undefined> {
    // A counter without the suffix is not a counter in OpenMetrics, and only a counter has a creation time.
    const base = style.openMetrics && this.name.endsWith('_total') ? this.name.slice(0, -'_total'.length) : undefined;
    const { created } = this.recorder.settings;
    const head = `${this.name}{`;
    for (const series of this.series()) {
      const text = withDefaults(series, style);
      const exemplar = base === undefined ? '' : exemplarText(series.exemplar);
      // Short pieces are joined first: V8 makes an object for each piece that is appended to a longer text.
      const value = ` ${series.requests}${exemplar}\n`;
      yield text === '' ? this.name + value : head + text + `}${value}`;
      if (base === undefined || !created) continue;
      yield `${base}_created${text === '' ? '' : `{${text}}`} ${series.createdAt}\n`;
    }
  }

  override *samples(style: Style): Generator<Sample[], void, undefined> {
    for (const series of this.series()) {
      const text = withDefaults(series, style);
      const { requests: value, exemplar } = series;
      yield [{ series: text === '' ? this.name : `${this.name}{${text}}`, value, exemplar }];
    }
  }

  override *rows(_name: string, labelled: Labelled): Generator<MetricValue[], void, undefined> {
    for (const { labels, requests, exemplar } of this.series()) {
      yield [{ ...labelled(labels), value: requests, ...copyExemplar(exemplar) }];
    }
  }
}
