import { AnalysisError } from './analysis-error.js';

/** What Prometheus answers a query, by the type of its result. */
export type Answer =
  | { readonly type: 'scalar'; readonly value: number }
  | { readonly type: 'vector'; readonly values: readonly Sample[] }
  | { readonly type: 'matrix'; readonly values: readonly number[] }
  | { readonly type: 'string' };

/** One element of a vector. */
interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  /** `undefined` of a native histogram, which is no number. */
  readonly value: number | undefined;
}

/** A Prometheus, or anything that speaks its HTTP API. */
export interface PrometheusClient {
  /** Asks at a time, in epoch seconds. Rejects with what Prometheus says, or with why it could not be asked. */
  query(promql: string, at: number, options?: AskOptions): Promise<Answer>;
  /** Asks over a range; all in epoch seconds, the step in seconds. */
  queryRange(
    promql: string,
    range: { start: number; end: number; step: number },
    options?: AskOptions,
  ): Promise<Answer>;
}

interface AskOptions {
  readonly timeoutSeconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Asks the Prometheus at an address, which may have a path and credentials in it. Throws `AnalysisError` for any other. */
export function createPrometheusClient(
  address: string,
  headers: Readonly<Record<string, string>> = {},
): PrometheusClient {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new AnalysisError(`a Prometheus has an address with http:// or https://, not ${JSON.stringify(address)}`);
  }
  const credentials = url.username === '' ? {} : { authorization: basic(url) };
  url.username = '';
  url.password = '';
  const base = url.href.replace(/\/$/, '');

  return {
    query: (query, at, options) => ask('query', { query, time: at.toFixed(3) }, options),
    queryRange: (query, { start, end, step }, options) =>
      ask('query_range', { query, start: start.toFixed(3), end: end.toFixed(3), step: String(step) }, options),
  };

  async function ask(path: string, form: Record<string, string>, options: AskOptions = {}): Promise<Answer> {
    const { timeoutSeconds = 30, signal } = options;
    const timeout = AbortSignal.timeout(1000 * timeoutSeconds);
    let response: Response;
    try {
      response = await fetch(`${base}/api/v1/${path}`, {
        method: 'POST',
        body: new URLSearchParams(form),
        headers: { ...credentials, ...headers, ...options.headers },
        signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
      });
    } catch (error) {
      if (timeout.aborted) throw new Error(`${base} did not answer within ${timeoutSeconds} s`);
      throw new Error(`${base} cannot be reached: ${reasonOf(error)}`);
    }
    const body = await response.text();
    const answer = parsed(body);
    if (answer?.status === 'error') throw new Error(`${answer.errorType}: ${answer.error}`);
    if (answer?.status !== 'success' || answer.data === undefined) {
      throw new Error(`${base} is no Prometheus: it answered ${response.status} ${response.statusText}`.trimEnd());
    }
    return answerOf(answer.data);
  }
}

interface Reply {
  readonly status?: string;
  readonly errorType?: string;
  readonly error?: string;
  readonly data?: { readonly resultType: string; readonly result: unknown };
}

type Point = readonly [at: number, value: string];

function parsed(body: string): Reply | undefined {
  try {
    return JSON.parse(body) as Reply;
  } catch {
    return undefined;
  }
}

function answerOf({ resultType, result }: NonNullable<Reply['data']>): Answer {
  if (resultType === 'scalar') return { type: 'scalar', value: numberOf((result as Point)[1]) };
  if (resultType === 'vector') {
    const elements = result as { metric: Record<string, string>; value?: Point }[];
    return {
      type: 'vector',
      values: elements.map(({ metric, value }) => ({ labels: metric, value: value && numberOf(value[1]) })),
    };
  }
  if (resultType === 'matrix') {
    const series = result as { values?: readonly Point[] }[];
    return { type: 'matrix', values: series.flatMap(({ values = [] }) => values.map(([, text]) => numberOf(text))) };
  }
  return { type: 'string' };
}

/** A number as Prometheus writes it. */
function numberOf(text: string): number {
  return Number(text.replace('Inf', 'Infinity'));
}

function basic({ username, password }: URL): string {
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: Error };
  return cause?.message || (cause as NodeJS.ErrnoException | undefined)?.code || message;
}
