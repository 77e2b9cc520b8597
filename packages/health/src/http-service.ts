import { type ClientRequest, get as getPlain, type IncomingMessage } from 'node:http';
import { get as getSecure } from 'node:https';
import { InvalidOption } from '@coalmine/options';

/** A service that a check asks over HTTP. */
export interface HttpService {
  /** Sends a `GET`, without following redirects and without keeping the connection. */
  ask(signal: AbortSignal): Promise<HttpAnswer>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The first 64 KiB of the body at most. */
  readonly body: string;
  readonly isWhole: boolean;
}

export interface HttpServiceOptions {
  readonly url: string | URL;
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** The `Accept` header, unless `headers` has one. */
  readonly accept: string;
}

const BYTES_AT_MOST = 64 * 1024;
export const TOO_LONG: string = `responded with more than ${BYTES_AT_MOST / 1024} KiB`;
const STATUSES_WITHOUT_BODY: readonly number[] = [204, 205, 304];

/** Creates a service, whose options a user typed below `option`. Throws `InvalidOption`. */
export function createHttpService(option: string, { url, headers, accept }: HttpServiceOptions): HttpService {
  const address = parseUrl(`${option}.url`, url);
  const sent = parseHeaders(`${option}.headers`, headers);
  if (!sent.has('accept')) sent.set('accept', accept);
  const get = address.protocol === 'https:' ? getSecure : getPlain;
  return {
    // `fetch` would open another connection in place of one that it has to cut.
    ask: (signal) => receive(get(address, { agent: false, headers: Object.fromEntries(sent), signal }), signal),
  };
}

/** Returns a response in the form that functions of users take. */
export function toResponse({ status, headers, body }: HttpAnswer): Response {
  return new Response(STATUSES_WITHOUT_BODY.includes(status) ? null : body, { status, headers });
}

/** Returns why a response counts as a failure because of its status. */
export function statusReason({ status, headers }: HttpAnswer): string {
  const location = headers.get('location');
  return `responded with ${status}${location === null ? '' : `, a redirect to ${location}`}`;
}

function parseUrl(option: string, url: unknown): URL {
  const accepted = 'an http or https URL without a user and a password, which belong in the headers';
  const parsed = URL.canParse(String(url)) ? new URL(String(url)) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) throw new InvalidOption(option, accepted, url);
  if (parsed.username !== '' || parsed.password !== '') {
    // The error must not show the secret.
    throw new InvalidOption(option, accepted, `${parsed.origin}${parsed.pathname}`);
  }
  return parsed;
}

function parseHeaders(option: string, headers: Readonly<Record<string, string>> | undefined): Headers {
  try {
    return new Headers(headers);
  } catch {
    throw new InvalidOption(option, 'an object of the headers to send', headers);
  }
}

function receive(request: ClientRequest, signal: AbortSignal): Promise<HttpAnswer> {
  return new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve);
    request.on('error', reject);
    // A service that switches protocols sends neither a response nor an error.
    request.on('close', () => reject(new Error('closed the connection without a response')));
  })
    .then(read)
    .catch((error) => {
      throw signal.aborted ? signal.reason : error;
    })
    .finally(() => request.destroy());
}

/** Reads a response to the end of its body, or up to the limit. */
async function read(response: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > BYTES_AT_MOST) break;
  }
  const { statusCode = 0, headersDistinct } = response;
  const headers = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  return {
    status: statusCode,
    headers: new Headers(headers),
    body: Buffer.concat(chunks).toString('utf8', 0, BYTES_AT_MOST),
    isWhole: bytes <= BYTES_AT_MOST,
  };
}
