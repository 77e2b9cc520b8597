import { withDefaults } from './default-labels.js';
import { epochSeconds } from './epoch-seconds.js';
import { exemplarText } from './exemplar.js';
import { Family, type Labelled, type Style } from './family.js';
import type { Recorder } from './recorder.js';
import { copyExemplar, type MetricValue, type Sample } from './registry.js';
import type { HistogramSeries, Source, Timings } from './series.js';

/** A histogram of durations. What has observed nothing has no series. */
export class HistogramFamily extends Family {
  readonly #source: Source<HistogramSeries>;

  constructor(recorder: Recorder, name: string, help: string, source: Source<HistogramSeries>) {
    super(recorder, name, help, 'histogram');
    this.#source = source;
  }

  override reset(): void {
    this.#source.reset(epochSeconds());
  }

  override *lines(style: Style): Generator<string, void, undefined> {
    const { name } = this;
    const { created } = this.recorder.settings;
    const heads = this.#heads();
    for (const [series, timings] of this.#series()) {
      const labels = `${withDefaults(series, style)}}`;
      let text = '';
      let count = 0;
      for (let i = 0; i < heads.length; i++) {
        count += timings[i] as number;
        const exemplar = style.openMetrics ? exemplarText(series.exemplars?.[i]) : '';
        // Short pieces are joined first: V8 makes an object for each piece that is appended to a longer text.
        const value = ` ${count}${exemplar}\n`;
        text += heads[i] + labels + value;
      }
      text += `${name}_sum{${labels} ${timings[heads.length]}\n${name}_count{${labels} ${count}\n`;
      yield style.openMetrics && created ? `${text}${name}_created{${labels} ${series.timedFrom}\n` : text;
    }
  }

  override *samples(style: Style): Generator<Sample[], void, undefined> {
    const { name } = this;
    const heads = this.#heads();
    for (const [series, timings] of this.#series()) {
      const labels = `${withDefaults(series, style)}}`;
      let count = 0;
      const samples = heads.map((head, i): Sample => {
        count += timings[i] as number;
        return { series: head + labels, value: count, exemplar: series.exemplars?.[i] };
      });
      samples.push({ series: `${name}_sum{${labels}`, value: timings[heads.length] as number, exemplar: undefined });
      samples.push({ series: `${name}_count{${labels}`, value: count, exemplar: undefined });
      yield samples;
    }
  }

  override *rows(name: string, labelled: Labelled): Generator<MetricValue[], void, undefined> {
    const bounds = [...this.recorder.settings.bounds, '+Inf'] as const;
    for (const [series, timings] of this.#series()) {
      const own = series.labels;
      let count = 0;
      const rows = bounds.map((le, i): MetricValue => {
        count += timings[i] as number;
        const { labels, ...shared } = labelled(own);
        return {
          metricName: `${name}_bucket`,
          labels: { le, ...labels },
          ...shared,
          value: count,
          ...copyExemplar(series.exemplars?.[i]),
        };
      });
      rows.push({ metricName: `${name}_sum`, ...labelled(own), value: timings[bounds.length] as number });
      rows.push({ metricName: `${name}_count`, ...labelled(own), value: count });
      yield rows;
    }
  }

  /** Returns the text before the labels of each bucket. */
  #heads(): readonly string[] {
    return [...this.recorder.settings.bounds, '+Inf'].map((le) => `${this.name}_bucket{le="${le}",`);
  }

  *#series(): Generator<[HistogramSeries, Timings], void, undefined> {
    for (const series of this.#source.series()) {
      const { timings } = series;
      if (timings !== undefined) yield [series, timings];
    }
  }
}
