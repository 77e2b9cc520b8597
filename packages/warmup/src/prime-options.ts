import {
  booleanOption,
  InvalidOption,
  integerOption,
  isMapping,
  listOption,
  objectOption,
  secondsOption,
  timerSeconds,
} from '@coalmine/options';

/** The requests that a service sends to itself before it is ready. */
export interface PrimeOptions {
  /** Paths or requests, sent one after the other, again and again. At least one. */
  readonly requests: readonly (string | PrimeRequest)[];
  /** How many requests are sent in all. @defaultValue `1000` */
  readonly count?: number;
  /** Seconds after which priming ends, however many requests were sent. @defaultValue `30` */
  readonly maxSeconds?: number;
  /** How many requests are in flight at a time. @defaultValue `4` */
  readonly concurrency?: number;
  /** Whether the pod stays unready if a request failed, or none got a response. @defaultValue `false` */
  readonly required?: boolean;
  /**
   * Whether methods other than GET and HEAD may be sent. They change something, in every new pod and `count` times.
   * @defaultValue `false`
   */
  readonly unsafe?: boolean;
}

export interface PrimeRequest {
  /** @defaultValue `'GET'` */
  readonly method?: string;
  /** Path and query. */
  readonly path: string;
  /** Headers to send. @defaultValue `host: localhost`, which can be replaced */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A request as it will be sent. The names of its headers are in lower case, except the host. */
export interface Outgoing {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** Parsed {@link PrimeOptions}. */
export interface PrimeSettings {
  readonly requests: readonly Outgoing[];
  readonly count: number;
  readonly maxSeconds: number;
  readonly concurrency: number;
  readonly required: boolean;
}

const KEYS = ['requests', 'count', 'maxSeconds', 'concurrency', 'required', 'unsafe'] as const;
const REQUEST_KEYS = ['method', 'path', 'headers', 'body'] as const;
const SAFE_METHODS = ['GET', 'HEAD'];

/** Parses the options. Throws `InvalidOption`, which names the option by its path below `warmup`. */
export function parsePrime(options: PrimeOptions): PrimeSettings {
  const { requests, count, maxSeconds, concurrency, required, unsafe } = objectOption('prime', options, KEYS);
  const isUnsafe = booleanOption('prime.unsafe', unsafe, false);
  const given = listOption('prime.requests', requests, "a path that begins with '/', or an object with one", isRequest);
  if (given.length === 0) throw new InvalidOption('prime.requests', 'a list of at least one request', requests);
  return {
    requests: given.map((request, i) => parseRequest(`prime.requests[${i}]`, request, isUnsafe)),
    count: integerOption('prime.count', count, 1000, 1),
    maxSeconds: timerSeconds(secondsOption('prime.maxSeconds', maxSeconds, 30)),
    concurrency: integerOption('prime.concurrency', concurrency, 4, 1),
    required: booleanOption('prime.required', required, false),
  };
}

function isRequest(request: string | PrimeRequest): boolean {
  return typeof request === 'string' ? isPath(request) : typeof request === 'object' && request !== null;
}

function parseRequest(name: string, request: string | PrimeRequest, isUnsafe: boolean): Outgoing {
  if (typeof request === 'string') return createOutgoing('GET', request, {}, undefined);
  const { method = 'GET', path, headers, body } = objectOption(name, request, REQUEST_KEYS);
  if (typeof path !== 'string' || !isPath(path)) {
    throw new InvalidOption(`${name}.path`, "a path that begins with '/'", path);
  }
  if (typeof method !== 'string' || !/^[A-Z]+$/.test(method)) {
    throw new InvalidOption(`${name}.method`, 'a method in upper case', method);
  }
  if (!isUnsafe && !SAFE_METHODS.includes(method)) {
    throw new InvalidOption(`${name}.method`, 'GET or HEAD, unless prime.unsafe is true', method);
  }
  if (body !== undefined && typeof body !== 'string') throw new InvalidOption(`${name}.body`, 'a string', body);
  return createOutgoing(method, path, parseHeaders(`${name}.headers`, headers), body);
}

function parseHeaders(name: string, headers: PrimeRequest['headers']): Readonly<Record<string, string>> {
  if (headers === undefined) return {};
  if (!isMapping(headers)) throw new InvalidOption(name, 'an object of header names and values', headers);
  const wrong = Object.entries(headers).find(
    ([header, value]) => !/^[\w!#$%&'*+.^`|~-]+$/.test(header) || typeof value !== 'string' || /[\r\n\0]/.test(value),
  );
  if (wrong !== undefined)
    throw new InvalidOption(`${name}.${wrong[0]}`, 'a header with a string of one line', wrong[1]);
  return Object.fromEntries(Object.entries(headers).map(([header, value]) => [header.toLowerCase(), value]));
}

function createOutgoing(method: string, path: string, given: Outgoing['headers'], body: string | undefined): Outgoing {
  const { host = 'localhost', ...headers } = given;
  return { method, path, host, headers, body };
}

function isPath(path: string): boolean {
  return /^\/[!-~]*$/.test(path) && !path.includes('#');
}
