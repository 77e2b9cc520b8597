import { fetchWithinOrigin, isAddress, reasonOf, splitAddress, withoutCredentials } from './address.js';
import { AnalysisError } from './analysis-error.js';
import { bytesOf, decode } from './contents.js';
import { parseSampleValue } from './sample-value.js';

/** The response of Prometheus to a query, by the type of its result. */
export type Answer =
  | { readonly type: 'scalar'; readonly value: number }
  | { readonly type: 'vector'; readonly values: readonly Sample[] }
  | { readonly type: 'matrix'; readonly values: readonly number[] }
  | { readonly type: 'string' };

/** One element of a vector. */
interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  /** `undefined` for a native histogram, which is not a number. */
  readonly value: number | undefined;
}

/** A Prometheus, or anything that speaks its HTTP API. */
export interface PrometheusClient {
  /**
   * Queries at a time, in epoch seconds. Rejects with the error of Prometheus, or with the reason why it cannot be
   * reached.
   */
  query(promql: string, at: number, options?: AskOptions): Promise<Answer>;
  /** Queries series: with a range selector up to a time, or with a query over a range. Rejects as `query` does. */
  series(
    promql: string,
    when: number | { start: number; end: number; step: number },
    options?: AskOptions,
  ): Promise<readonly SampledSeries[]>;
  /** Queries over a range. All times are in epoch seconds, the step is in seconds. */
  queryRange(
    promql: string,
    range: { start: number; end: number; step: number },
    options?: AskOptions,
  ): Promise<Answer>;
  /** Returns the exemplars of a selector's series within a span, in epoch seconds. Rejects as `query` does. */
  exemplars(
    selector: string,
    span: { start: number; end: number },
    options?: AskOptions,
  ): Promise<readonly SeriesExemplars[]>;
}

/** The methods of a Prometheus that controllers use. */
export type Asked = Pick<PrometheusClient, 'query' | 'queryRange'>;

/** A series with its samples, oldest first. */
export interface SampledSeries {
  /** Its name as `__name__`. */
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly { readonly at: number; readonly value: number }[];
}

/** The stored exemplars of one series. */
export interface SeriesExemplars {
  /** Labels of the series, with its name as `__name__`. */
  readonly labels: Readonly<Record<string, string>>;
  readonly exemplars: readonly Exemplar[];
}

/** One of the requests that a series counts. */
interface Exemplar {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Epoch seconds. */
  readonly at: number;
}

interface AskOptions {
  readonly timeoutSeconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/**
 * Creates a client for the Prometheus at an address, which may have a path and credentials. Throws `AnalysisError` for
 * any other text. `onWarning` is called with each warning of an answer, such as that the result is partial.
 */
export function createPrometheusClient(
  address: string,
  headers: Readonly<Record<string, string>> = {},
  onWarning: (warning: string) => void = () => {},
): PrometheusClient {
  if (!isAddress(address)) {
    const shown = JSON.stringify(withoutCredentials(address));
    throw new AnalysisError(`the address of a Prometheus must start with http:// or https://, got ${shown}`);
  }
  const { url, credentials } = splitAddress(address);
  const base = url.replace(/\/$/, '');
  const shown = withoutCredentials(base);

  return {
    query: async (query, at, options) => answerOf(await ask('query', { query, time: at.toFixed(3) }, options)),
    queryRange: async (query, { start, end, step }, options) =>
      answerOf(
        await ask('query_range', { query, start: start.toFixed(3), end: end.toFixed(3), step: String(step) }, options),
      ),
    series: async (query, when, options) => {
      const data =
        typeof when === 'number'
          ? await ask<Data>('query', { query, time: when.toFixed(3) }, options)
          : await ask<Data>(
              'query_range',
              { query, start: when.start.toFixed(3), end: when.end.toFixed(3), step: String(when.step) },
              options,
            );
      return sampledSeriesOf(data);
    },
    exemplars: async (query, { start, end }, options) =>
      exemplarsIn(await ask('query_exemplars', { query, start: start.toFixed(3), end: end.toFixed(3) }, options)),
  };

  async function ask<T>(path: string, form: Record<string, string>, options: AskOptions = {}): Promise<T> {
    const { timeoutSeconds = 30, signal } = options;
    const timeout = AbortSignal.timeout(1000 * timeoutSeconds);
    let response: Response;
    let body: string;
    try {
      response = await fetchWithinOrigin(`${base}/api/v1/${path}`, {
        method: 'POST',
        body: new URLSearchParams(form),
        headers: { ...credentials, ...headers, ...options.headers },
        signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
      });
      body = response.body === null ? '' : decode(await bytesOf(response.body, `the response of ${shown}`)).text;
    } catch (error) {
      if (timeout.aborted) throw new Error(`${shown} did not respond within ${timeoutSeconds} s`);
      if (error instanceof AnalysisError) throw error;
      throw new Error(`${shown} cannot be reached: ${reasonOf(error)}`);
    }
    const answer = parsed<T>(body);
    if (answer?.status === 'error') throw new Error(`${answer.errorType}: ${answer.error}`);
    if (answer?.status !== 'success' || answer.data === undefined) {
      const code = `${response.status} ${response.statusText}`.trimEnd();
      // A proxy before Prometheus may respond instead.
      throw new Error(
        response.ok
          ? `${shown} is not a Prometheus: it responded with ${code}`
          : `${shown} responded with ${code}${REFUSALS.includes(response.status) ? ': it needs credentials, or other ones' : ''}`,
      );
    }
    for (const warning of warningsOf(answer)) onWarning(warning);
    return answer.data;
  }
}

/** Returns the warnings of a reply. Some versions of Prometheus count remarks on the query among them. */
function warningsOf({ warnings, isPartial }: Reply<unknown>): readonly string[] {
  const real = (warnings ?? []).filter((warning) => !warning.startsWith('PromQL info: '));
  return isPartial === true ? [...real, 'the result is partial'] : real;
}
const REFUSALS: readonly number[] = [401, 403, 407];

interface Reply<T> {
  readonly status?: string;
  readonly warnings?: readonly string[] | null;
  /** What VictoriaMetrics says instead of a warning. */
  readonly isPartial?: boolean;
  readonly errorType?: string;
  readonly error?: string;
  readonly data?: T;
}

interface Data {
  readonly resultType: string;
  /** Some proxies write `null` for a list without elements. */
  readonly result: unknown;
}

type Point = readonly [at: number, value: string];

function parsed<T>(body: string): Reply<T> | undefined {
  try {
    return JSON.parse(body) as Reply<T>;
  } catch {
    return undefined;
  }
}

function answerOf({ resultType, result }: Data): Answer {
  if (resultType === 'scalar') return { type: 'scalar', value: sampleValue((result as Point)[1]) };
  if (resultType === 'vector') {
    const elements = (result ?? []) as { metric?: Record<string, string>; value?: Point }[];
    return {
      type: 'vector',
      values: elements.map(({ metric = {}, value }) => ({ labels: metric, value: value && sampleValue(value[1]) })),
    };
  }
  if (resultType === 'matrix') {
    const series = (result ?? []) as { values?: readonly Point[] }[];
    return { type: 'matrix', values: series.flatMap(({ values = [] }) => values.map(([, text]) => sampleValue(text))) };
  }
  return { type: 'string' };
}

function sampledSeriesOf({ resultType, result }: Data): readonly SampledSeries[] {
  if (resultType !== 'matrix') return [];
  const series = (result ?? []) as { metric?: Record<string, string>; values?: readonly Point[] }[];
  return series.map(({ metric = {}, values = [] }) => ({
    labels: metric,
    samples: values.map(([at, text]) => ({ at, value: sampleValue(text) })),
  }));
}

interface StoredSeries {
  readonly seriesLabels: Readonly<Record<string, string>>;
  readonly exemplars: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: string;
    readonly timestamp: number;
  }[];
}

function exemplarsIn(series: readonly StoredSeries[]): readonly SeriesExemplars[] {
  return series.map(({ seriesLabels, exemplars }) => ({
    labels: seriesLabels,
    exemplars: exemplars.map(({ labels, value, timestamp }) => ({ labels, value: sampleValue(value), at: timestamp })),
  }));
}

function sampleValue(text: string): number {
  return parseSampleValue(text) ?? Number.NaN;
}
