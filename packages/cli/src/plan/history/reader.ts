import { AnalysisError } from '../../analysis-error.js';
import type { PrometheusClient, SampledSeries } from '../../prometheus.js';
import { seconds } from '../../queries/series.js';
import type { Load } from '../result.js';

/** Reads the history of a service from Prometheus: one query at a time, in slices, within a limit of samples. */
export interface Reader {
  /**
   * Reads the samples of a selector as they are stored, after `start` and up to `end`. `series` is the highest number
   * of series of the selector. Returns `undefined` if that would pass a limit of samples.
   */
  stored(selector: string, span: Span, series: number): Promise<readonly SampledSeries[] | undefined>;
  /**
   * Evaluates a query at the start of a span and every `step` after it. `samplesPerStep` is the number of samples that
   * it makes Prometheus read at each point. Returns `undefined` if that would pass a limit of samples.
   */
  evaluated(promql: string, span: Span & { step: number }, samplesPerStep: number): Promise<Evaluated>;
  /**
   * Returns how many series a selector has at most at the points of a span, and since when; `undefined` if it has none.
   */
  counted(selector: string, span: Span & { step: number }): Promise<Counted | undefined>;
  /** Returns how many samples may still be read. */
  left(): number;
  load(): Load;
}

type Evaluated = readonly SampledSeries[] | undefined;

/** The series of a selector. */
export interface Counted {
  readonly series: number;
  /** The first point at which there was one, in epoch seconds. */
  readonly since: number;
}

/** Epoch seconds. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

interface Options {
  readonly client: PrometheusClient;
  readonly scrapeSeconds: number;
  readonly mostSamples: number;
  /** Called with each query, and with the share of the allowed samples that has been read. */
  readonly onQuery?: (share: number) => void;
}

/** The most samples that one query makes Prometheus read; a twentieth of what a server allows by default. */
export const MOST_PER_QUERY = 2_500_000;
/** Why a part of the history was not read. */
export const LIMIT_REACHED = 'the limit of samples is reached: give --max-samples to read more';
/** The most samples in one response: some 15 MB. */
const MOST_PER_ANSWER = 500_000;
// Prometheus refuses a range query with more points per series.
const MOST_POINTS = 11_000;
const TIMEOUT_SECONDS = 120;

export function createReader({ client, scrapeSeconds, mostSamples, onQuery }: Options): Reader {
  let [queries, samples] = [0, 0];

  return {
    async stored(selector, { start, end }, series) {
      const perSecond = Math.max(1, series) / scrapeSeconds;
      const length = Math.max(4 * scrapeSeconds, Math.floor(MOST_PER_ANSWER / perSecond));
      if (!isAllowed((end - start) * perSecond, Math.min(end - start, length) * perSecond)) return undefined;
      const slices: (readonly SampledSeries[])[] = [];
      for (let from = start; from < end; from += length) {
        const to = Math.min(from + length, end);
        const slice = await ask(`${selector}[${seconds(to - from)}]`, to);
        slices.push(slice);
        samples += slice.reduce((sum, each) => sum + each.samples.length, 0);
      }
      return joinSlices(slices);
    },
    async evaluated(promql, { start, end, step }, samplesPerStep) {
      const points = Math.floor((end - start) / step) + 1;
      if (!isAllowed(points * samplesPerStep, samplesPerStep)) return undefined;
      const atOnce = Math.max(1, Math.min(MOST_POINTS, Math.floor(MOST_PER_QUERY / Math.max(1, samplesPerStep))));
      const slices: (readonly SampledSeries[])[] = [];
      for (let first = 0; first < points; first += atOnce) {
        const last = Math.min(first + atOnce, points) - 1;
        slices.push(await ask(promql, { start: start + first * step, end: start + last * step, step }));
        samples += (last - first + 1) * samplesPerStep;
      }
      return joinSlices(slices);
    },
    async counted(selector, { start, end, step }) {
      let counted: Counted | undefined;
      // One query for each point: before it, the number of series is not known.
      for (let i = 0; start + i * step <= end && samples < mostSamples; i += 1) {
        const at = start + i * step;
        const [found] = await ask(`count(${selector})`, { start: at, end: at, step });
        const series = found?.samples[0]?.value ?? 0;
        samples += series;
        if (series > 0) counted = { since: counted?.since ?? at, series: Math.max(counted?.series ?? 0, series) };
      }
      return counted;
    },
    left: () => mostSamples - samples,
    load: () => ({ queries, samples: Math.round(samples), mostSamples, mostSamplesPerQuery: MOST_PER_QUERY }),
  };

  function isAllowed(more: number, ofOneQuery: number): boolean {
    return samples + more <= mostSamples && ofOneQuery <= MOST_PER_QUERY;
  }

  async function ask(
    promql: string,
    when: number | { start: number; end: number; step: number },
  ): Promise<readonly SampledSeries[]> {
    queries += 1;
    onQuery?.(Math.min(1, samples / mostSamples));
    try {
      return await client.series(promql, when, { timeoutSeconds: TIMEOUT_SECONDS });
    } catch (error) {
      if (error instanceof AnalysisError) throw error;
      throw new AnalysisError(`the history cannot be read: ${(error as Error).message}`);
    }
  }
}

/** Joins the series of consecutive slices. With Prometheus 2, a sample between two slices is in both of them. */
function joinSlices(slices: readonly (readonly SampledSeries[])[]): readonly SampledSeries[] {
  const [only, ...more] = slices;
  if (more.length === 0) return only ?? [];
  const all = new Map<string, { labels: SampledSeries['labels']; samples: SampledSeries['samples'][number][] }>();
  for (const { labels, samples } of slices.flat()) {
    const key = JSON.stringify(labels);
    const series = all.get(key) ?? { labels, samples: [] };
    const last = series.samples.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
    for (const sample of samples) if (sample.at > last) series.samples.push(sample);
    all.set(key, series);
  }
  return [...all.values()];
}
