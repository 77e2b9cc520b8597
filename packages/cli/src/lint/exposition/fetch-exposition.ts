import { CONTENT_TYPES, type Format } from '@coalmine/metrics';
import { fetchWithinOrigin, reasonOf, splitAddress, withoutCredentials } from '../../address.js';
import { AnalysisError } from '../../analysis-error.js';
import { bytesOf, type Contents, decode } from '../../contents.js';
import type { Read } from './read.js';

export interface FetchOptions {
  /** The format to ask for; the server decides. */
  readonly format: Format;
  readonly timeoutSeconds: number;
  readonly headers?: Readonly<Record<string, string>>;
}

// Prometheus also sends a list of formats: some servers refuse a format that they do not have.
const ACCEPT: Readonly<Record<Format, string>> = {
  text: 'text/plain;version=0.0.4;q=0.9,*/*;q=0.1',
  openmetrics: 'application/openmetrics-text;version=1.0.0;q=0.9,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
};

/**
 * Reads the exposition at an address, as Prometheus does. Throws `AnalysisError` with the reason if it cannot be read.
 */
export async function fetchExposition(address: string, options: FetchOptions): Promise<Read & Contents> {
  const shown = withoutCredentials(address);
  if (!URL.canParse(address)) throw new AnalysisError(`${shown} is not an address`);
  const { url, credentials } = splitAddress(address);
  const timeout = AbortSignal.timeout(1000 * options.timeoutSeconds);
  try {
    const response = await fetchWithinOrigin(url, {
      headers: { accept: ACCEPT[options.format], ...credentials, ...options.headers },
      signal: timeout,
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new AnalysisError(`${shown} responded with ${response.status} ${response.statusText}`.trimEnd());
    }
    const contents = decode(response.body === null ? Buffer.alloc(0) : await bytesOf(response.body, shown));
    return { ...contents, contentType: response.headers.get('content-type') ?? '' };
  } catch (error) {
    if (error instanceof AnalysisError) throw error;
    if (timeout.aborted) throw new AnalysisError(`${shown} did not respond within ${options.timeoutSeconds} s`);
    throw new AnalysisError(`${shown} cannot be read: ${reasonOf(error)}`);
  }
}

/** Whether a server that was asked for OpenMetrics sent it. */
export function isOpenMetrics({ contentType = '' }: Read): boolean {
  return contentType.startsWith(CONTENT_TYPES.openmetrics.split(';', 1)[0] as string);
}
