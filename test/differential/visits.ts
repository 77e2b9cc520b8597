import type { Random } from '../support/random.js';

/** One connection of a client, as plain data. */
export interface Visit {
  /** The bytes of each request, as latin1. */
  readonly requests: readonly string[];
  /** Whether a request waits for the response to the request before it. */
  readonly isPipelined: boolean;
  /** Whether the client resets the connection in the end. */
  readonly isReset: boolean;
}

/** Paths that the apps of every framework may have. A path that is listed twice gets more requests. */
export const PLAIN_PATHS = ['/', '/a', '/a', '/b', '/a/b', '/b/a', '/a/x', '/A', '/a/', '/a/b/c', '/1'];

/** What a generated app serves, for requests that reach it. */
export interface Targets {
  readonly paths: readonly string[];
  readonly methods: readonly string[];
}

const QUERIES = ['', '', '', '?x=1', '?x=1&x=2&y[z]=3&__proto__[a]=1', '?n=five', '?', '?a=%ff&b=%', ';x=1'];
const UPGRADE = 'Connection: Upgrade\r\nUpgrade: websocket';
const HEADERS = [
  'Connection: close',
  'Connection: keep-alive',
  UPGRADE,
  'Expect: 100-continue',
  'Expect: something-else',
  'If-None-Match: *',
  'If-None-Match: "none", W/"5-x"',
  'If-Modified-Since: Wed, 01 Jan 2070 00:00:00 GMT',
  'If-Unmodified-Since: Wed, 01 Jan 1970 00:00:00 GMT',
  'Range: bytes=0-3',
  'Range: bytes=-5,1-2',
  'Range: bytes=900-',
  'Accept: text/html',
  'Accept: application/json;q=0.5, text/plain',
  'Accept-Version: 2.x',
  'X-Forwarded-For: 198.51.100.7, 203.0.113.9\r\nX-Forwarded-Proto: https',
  'X-Requested-With: XMLHttpRequest',
  'Cookie: a=1',
  'X-Number: seven',
  'User-Agent: monitor/1.0',
];
const JSON_TYPE = 'Content-Type: application/json\r\n';
const BODIES = [
  `${JSON_TYPE}Content-Length: 7\r\n\r\n{"a":1}`,
  `${JSON_TYPE}Content-Length: 9\r\n\r\n{"a":"b"}`,
  `${JSON_TYPE}Content-Length: 5\r\n\r\n{"a":`,
  `${JSON_TYPE}Content-Length: 22\r\n\r\n{"__proto__":{"a": 1}}`,
  `${JSON_TYPE}Content-Length: 0\r\n\r\n`,
  `${JSON_TYPE}Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope`,
  `${JSON_TYPE}Transfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n4\r\n":1}\r\n0\r\nX-Trailer: 1\r\n\r\n`,
  `${JSON_TYPE}Content-Length: 300\r\n\r\n{"a":1,"b":"${'x'.repeat(286)}"}`,
  'Content-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n\r\nplain',
  'Content-Type: text/plain; charset=utf-99\r\nContent-Length: 5\r\n\r\nplain',
  'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 11\r\n\r\na=1&b[c]=2&',
  'Content-Type: application/custom\r\nContent-Length: 6\r\n\r\ncustom',
  'Content-Length: 4\r\n\r\nbare',
];
// Requests that Node or the router refuses.
const UNUSUAL = [
  (id: string) => `GET /a HTTP/1.1\r\nX-Id: ${id}\r\n\r\n`,
  (id: string) => `GET /a HTTP/1.0\r\nX-Id: ${id}\r\n\r\n`,
  (id: string) => `GET /a HTTP/1.0\r\nX-Id: ${id}\r\nConnection: keep-alive\r\n\r\n`,
  (id: string) => `GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\nX-Id: ${id}\r\n\r\n`,
  (id: string) => `GET /a HTTP/1.1\r\nHost: a\r\nX-Id: ${id}\r\nbad header\r\n\r\n`,
  (id: string) => `BREW /a HTTP/1.1\r\nHost: a\r\nX-Id: ${id}\r\n\r\n`,
  (id: string) => `CONNECT a:80 HTTP/1.1\r\nHost: a\r\nX-Id: ${id}\r\n\r\n`,
  (id: string) => `OPTIONS * HTTP/1.1\r\nHost: a\r\nX-Id: ${id}\r\n\r\n`,
  (id: string) => `GET http://other.test/a HTTP/1.1\r\nHost: a\r\nX-Id: ${id}\r\n\r\n`,
  (id: string) => `GET no-slash HTTP/1.1\r\nHost: a\r\nX-Id: ${id}\r\n\r\n`,
  (id: string) => `GET /a HTTP/1.1\r\nHost: a\r\nX-Id: ${id}\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`,
  (id: string) => `POST /a HTTP/1.1\r\nHost: a\r\nX-Id: ${id}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
  (id: string) =>
    `POST /a HTTP/1.1\r\nHost: a\r\nX-Id: ${id}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`,
  (id: string) => `POST /a HTTP/1.1\r\nHost: a\r\nX-Id: ${id}\r\n${JSON_TYPE}Content-Length: -1\r\n\r\n`,
  () => 'not http at all\r\n\r\n',
] as const;

export function visitsOf(random: Random, targets: Targets): Visit[] {
  return Array.from({ length: 1 + random.below(5) }, (_, visit) => {
    const requests = Array.from({ length: 1 + random.below(4) }, (__, i) =>
      requestOf(random, targets, `v${visit}r${i}`),
    );
    const last = requests.findIndex((request) => request.includes(UPGRADE));
    return {
      // Node reads nothing more from a connection after it has asked for an upgrade.
      requests: last === -1 ? requests : requests.slice(0, last + 1),
      isPipelined: random.chance(0.25),
      isReset: random.chance(0.1),
    };
  });
}

function requestOf(random: Random, { paths, methods }: Targets, id: string): string {
  if (random.chance(0.06)) return random.pick(UNUSUAL)(id);
  const headers = Array.from({ length: random.below(3) }, () => `${random.pick(HEADERS)}\r\n`).join('');
  const method = random.pick(methods);
  const hasBody = random.chance(method === 'GET' || method === 'HEAD' ? 0.05 : 0.8);
  const rest = hasBody ? random.pick(BODIES) : '\r\n';
  const target = `${random.pick(paths)}${random.pick(QUERIES)}`;
  return `${method} ${target} HTTP/1.1\r\nHost: shop.test\r\nX-Id: ${id}\r\n${headers}${rest}`;
}
