import { sumOf } from '../../promql/windows.js';
import { seconds } from '../../queries/series.js';
import { type Counted, MOST_PER_QUERY, type Span } from './reader.js';

/** A metric, and its series in the history. */
export interface Probed extends Counted {
  readonly metric: string;
}

/** The parts of a history that are read. */
export interface Parts {
  /** The ends of the hours, in epoch seconds. */
  readonly times: readonly number[];
  /** The distance of the hours: 1 for every hour. */
  readonly stride: number;
  /** Seconds at the end of each of the hours. */
  readonly window: number;
  /** A remark if less than the whole history is read. */
  readonly note?: string;
}

/** Chooses which parts of a history are read, so that few enough samples are. */
export interface Sampling {
  /**
   * Returns the parts of the history of which some metrics can be read within a share of the samples: a part of each
   * hour, or the least part of some hours.
   */
  partsOf(metrics: readonly (Probed | undefined)[], share: number): Parts;
  /** Returns the samples of some series in a window, of which both ends count with Prometheus 2. */
  samplesIn(window: number, series: number): number;
}

export const HOUR_SECONDS = 3600;
// If whole hours would be too much, a part of each hour is read: as little as this. Then hours are left out.
const LEAST_WINDOW_SECONDS = 300;
// No common divisor with 24, so that hours at this distance reach each hour of the day.
const STRIDES = [1, 5, 7, 11, 13, 17, 19, 23, 25, 35, 49, 71];

interface Limits {
  readonly scrapeSeconds: number;
  /** The samples that may be read. */
  readonly budget: number;
}

export function createSampling(span: Span, { scrapeSeconds, budget }: Limits): Sampling {
  const hours = hoursOf(span);
  return { partsOf, samplesIn };

  function partsOf(metrics: readonly (Probed | undefined)[], share: number): Parts {
    const read = metrics.filter((metric) => metric !== undefined);
    const most = share * budget;
    const all = sumOf(read.map(({ series }) => series));
    const mostInOne = windowOf(MOST_PER_QUERY, Math.max(...read.map(({ series }) => series)));
    const least = Math.max(4 * scrapeSeconds, Math.min(LEAST_WINDOW_SECONDS, mostInOne));
    const mostHours = Math.floor(most / samplesIn(least, all));
    const stride = STRIDES.find((stride) => Math.ceil(hours.length / stride) <= mostHours) ?? hours.length;
    const times = hours.filter((_, i) => i % stride === 0);
    const window = Math.max(least, Math.min(windowOf(most / times.length, all), mostInOne, HOUR_SECONDS));
    const parts = { times, stride, window: Math.min(window, Math.ceil(span.end - span.start)) };
    if (window >= HOUR_SECONDS || window > mostInOne) return parts;
    const names = read.map(({ metric }) => metric).filter((name, i, all) => all.indexOf(name) === i);
    const which = stride === 1 ? 'each hour' : `one hour in ${stride}`;
    const note = `of ${names.join(', ')}, ${seconds(window)} of ${which} were read: give --max-samples to read more`;
    return { ...parts, note };
  }

  function samplesIn(window: number, series: number): number {
    return series * (window / scrapeSeconds + 1);
  }

  /** Returns the seconds of a window with so many samples of some series. */
  function windowOf(samples: number, series: number): number {
    return Math.floor((samples / series - 1) * scrapeSeconds);
  }
}

/** Returns the ends of the whole hours of a span; the end of the span if it is shorter than an hour. */
function hoursOf({ start, end }: Span): readonly number[] {
  const first = Math.ceil((start + LEAST_WINDOW_SECONDS) / HOUR_SECONDS) * HOUR_SECONDS;
  const count = Math.floor((end - first) / HOUR_SECONDS) + 1;
  return count < 1 ? [end] : Array.from({ length: count }, (_, i) => first + i * HOUR_SECONDS);
}
