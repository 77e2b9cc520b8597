import { AnalysisError } from './analysis-error.js';

/** Whether a text starts as an address does, and not as a path. */
export function startsAsAddress(text: string): boolean {
  return /^https?:\/\//i.test(text);
}

/** Whether a text is an address with `http://` or `https://`. */
export function isAddress(text: unknown): text is string {
  return typeof text === 'string' && startsAsAddress(text.trimStart()) && URL.canParse(text);
}

/**
 * Returns an address without its credentials, because `fetch` refuses credentials in an address, and the credentials as
 * a header.
 */
export function splitAddress(address: string): {
  readonly url: string;
  readonly credentials: Readonly<Record<string, string>>;
} {
  const url = new URL(address);
  const credentials: Record<string, string> = url.username === '' ? {} : { authorization: basic(url) };
  url.username = '';
  url.password = '';
  return { url: url.href, credentials };
}

const SECRET = /([?&;][^=&;#\s]*(?:token|key|secret|passw|auth|sig)[^=&;#\s]*=)[^&;#\s"']*/gi;

/** Returns a text without the credentials of the addresses in it, for a terminal or a log. */
export function withoutCredentials(text: string): string {
  return text
    .replace(/:\/\/[^/\s"']*@/g, '://***@')
    .replace(/^[^/\s"'@]+@/, '***@')
    .replace(SECRET, '$1***');
}

// As many as browsers follow.
const MOST_REDIRECTS = 20;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/**
 * Fetches as `fetch` does, but follows a redirect only within the origin, because any header may be a credential.
 * Rejects with `AnalysisError` for a redirect to another origin, and for a header that cannot be sent.
 */
export async function fetchWithinOrigin(address: string, options: RequestInit): Promise<Response> {
  checkHeaders(options.headers as Readonly<Record<string, string>> | undefined);
  let url = new URL(address);
  let request: RequestInit = { ...options, redirect: 'manual' };
  for (let i = 0; i <= MOST_REDIRECTS; i += 1) {
    const response = await fetch(url.href, request);
    const location = response.headers.get('location');
    if (location === null || !REDIRECTS.includes(response.status)) return response;
    await response.body?.cancel();
    const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
    if (next?.origin !== url.origin) {
      const where = next === undefined ? 'something that is not an address' : withoutCredentials(next.origin);
      throw new AnalysisError(
        `${withoutCredentials(address)} redirects to ${where}, another origin: coalmine does not follow it, because it sends no headers to another origin`,
      );
    }
    // As browsers do: only 307 and 308 keep the method and the body.
    if (response.status <= 303) request = { ...request, method: 'GET', body: null };
    url = next;
  }
  throw new AnalysisError(`${withoutCredentials(address)} redirects more than ${MOST_REDIRECTS} times`);
}

/** Returns why `fetch` failed, which is in the cause of its error. */
export function reasonOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: Error };
  return cause?.message || (cause as NodeJS.ErrnoException | undefined)?.code || message;
}

/** Checks headers, because `fetch` would show the value of a header that it refuses. */
function checkHeaders(headers: Readonly<Record<string, string>> = {}): void {
  for (const [name, value] of Object.entries(headers)) {
    try {
      new Headers([[name, value]]);
    } catch {
      throw new AnalysisError(
        `the header ${JSON.stringify(name)} cannot be sent: its name or its value is not valid in HTTP`,
      );
    }
  }
}

function basic({ username, password }: URL): string {
  const pair = `${decodePart(username)}:${decodePart(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** Returns a part of an address without its escapes, or unchanged if a `%` in it is not an escape. */
function decodePart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
