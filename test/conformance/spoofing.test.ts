import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { agents, type CoalmineOptions, signExclusion } from '@coalmine/node';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FRAMEWORKS, type PlainRoute, type Service } from './frameworks.js';

const HOST = 'shop.example';
const PROXY = '127.0.0.1';
// Another loopback address, which neither the service nor its proxy knows.
const STRANGER = '127.0.0.9';
// Linux has all addresses of 127.0.0.0/8. Other systems have only the first.
const hasStrangers = process.platform === 'linux';
if (!hasStrangers) process.stderr.write(`SKIPPING the tests of strangers: ${STRANGER} is no address of this system\n`);
const secret = 'a secret of at least thirty-two characters';
const otherSecret = 'somebody else’s secret, just as long as ours';

// All rules are on, so that there is a rule for everything that a stranger can pretend.
const options: CoalmineOptions = {
  traffic: {
    exclude: {
      routes: ['/alive'],
      signed: { keys: { monitor: secret, other: `${secret}, the other one` } },
      trusted: {
        cidrs: ['192.0.2.0/24', '2001:db8:7::/48'],
        proxies: [PROXY],
        userAgents: Object.values(agents).map(({ userAgent }) => userAgent),
      },
      when: () => false,
    },
  },
};

const ROUTES: readonly PlainRoute[] = [
  { method: 'GET', pattern: '/items/:id', handle: (_request, response) => response.end('item') },
  { method: 'GET', pattern: '/alive', handle: (_request, response) => response.end('alive') },
  {
    method: 'GET',
    pattern: '/fail',
    handle: (_request, response) => {
      response.statusCode = 500;
      response.end('failed');
    },
  },
];

type Header = readonly [name: string, value: string];

const probe: Header = ['User-Agent', 'kube-probe/1.30'];

const AGENTS: readonly Header[] = [
  'kube-probe/1.30',
  'Prometheus/3.1.0',
  'Envoy/HC',
  'ELB-HealthChecker/2.0',
  'GoogleHC/1.0',
  'Consul Health Check',
  'Edge Health Probe',
  'Datadog/Synthetics',
  'Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)',
  'Grafana k6/1.2.0',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'checkout-service/1.4.2',
  '',
].map((agent) => ['User-Agent', agent] as const);

const FORWARDED = [
  '127.0.0.1',
  '::1',
  '::ffff:127.0.0.1',
  '192.0.2.7',
  '192.0.2.7, 127.0.0.1',
  '192.0.2.7:443',
  '[2001:db8:7::1]:443',
  '2001:db8:7::1%eth0',
  '::ffff:192.0.2.7',
  '::ffff:c000:207',
  '192.0.2.7,',
  ',192.0.2.7',
  'unknown, 192.0.2.7',
  '0300.0.2.7',
  '3221225991',
  'localhost',
  '"192.0.2.7"',
  Array.from({ length: 100 }, () => '192.0.2.7').join(', '),
  Array.from({ length: 100 }, () => '127.0.0.1').join(','),
].map((value): readonly Header[] => [['X-Forwarded-For', value], probe]);

const PRETENCES = (
  [
    [
      ['X-Forwarded-For', '192.0.2.7'],
      ['x-forwarded-for', '192.0.2.8'],
    ],
    [['Forwarded', 'for=192.0.2.7;proto=https']],
    [['X-Real-IP', '192.0.2.7']],
    [['True-Client-IP', '192.0.2.7']],
    [['X-Client-IP', '192.0.2.7']],
    [['X-Envoy-Internal', 'true']],
    [['X-Envoy-External-Address', '192.0.2.7']],
    [['X-Forwarded-Client-Cert', 'By=spiffe://cluster.local/ns/default/sa/monitor']],
    [['X-Synthetic', '1']],
    [['X-Internal', 'true']],
    [['X-Coalmine-Excluded', '1']],
    [['X-Original-URL', '/livez']],
    [['X-Rewrite-URL', '/livez']],
    [['X-HTTP-Method-Override', 'HEAD']],
    [['Baggage', 'synthetic_request=true']],
    [['Via', '1.1 127.0.0.1']],
  ] as const
).map((headers): readonly Header[] => [...headers, probe]);

const PATHS = [
  '/livez/../items/1',
  '/alive/../items/1',
  '/livez/..%2fitems/1',
  '/alive/..%2fitems/1',
  '/items/../livez',
  '/items/..%2flivez',
  '/items/..;/livez',
  '/items/1?/livez',
  '/items/1?path=/metrics',
  '/items/1;/livez',
  '/fail?/metrics',
  '/fail#/livez',
  '//livez',
  '/livez/',
  '/alive/',
  '/livez//',
  '/alive//',
  '/livez;x',
  '/alive;x',
  '/LIVEZ',
  '/%6civez',
  '/livez%2f..%2ffail',
  '/alive%2f..%2ffail',
  '/livez%00',
  '/alive%00',
  '/./livez',
  '/metrics/../items/1',
  '/metrics/',
  '//metrics',
  '/METRICS',
  '/metrics%3f',
  '/metrics;x',
  '/%6detrics',
  `http://${HOST}/livez`,
  `http://${HOST}/items/1`,
  'http://localhost/metrics',
];

/** Markers that prove nothing, by the reason for which they are rejected. */
const MARKERS: Readonly<Record<string, () => readonly (readonly Header[])[]>> = {
  malformed: () => [
    ...['', 'true', 'v1', 'v1;monitor;;;', `v2;${marker().slice(3)}`, `${marker()};`, ` ${marker()} x`].map(marked),
    [...marked(marker()), ...marked(marker())],
    marked(`${marker()}, ${marker()}`),
    marked(marker().toUpperCase()),
  ],
  unknown_key: () => [
    marked(marker({ keyId: 'guess' })),
    marked(marker({ keyId: '(priming)', secret: otherSecret })),
    marked(marker().replace(';monitor;', ';__proto__;')),
  ],
  expired: () => [marker({ now: () => Date.now() - 90_000 }), marker({ now: () => Date.now() + 90_000 })].map(marked),
  bad_signature: () => [
    marked(marker({ secret: otherSecret })),
    marked(marker({ method: 'POST' })),
    marked(marker({ path: '/items/1' })),
    marked(marker({ path: '/fail?x=1' })),
    marked(marker({ path: '/FAIL' })),
    marked(marker({ host: 'other.example' })),
    marked(marker().replace(';monitor;', ';other;')),
    marked(marker({ nonce: 'nonce-of-mine' }).replace('nonce-of-mine', 'nonce-of-thine')),
    marked(marker().replace(/[0-9a-f]{64}$/, '0'.repeat(64))),
    [['X-COALMINE-EXCLUDE', marker({ secret: otherSecret })]],
  ],
};

describe.skipIf(!hasStrangers).each(FRAMEWORKS)('a stranger, on $name', ({ start }) => {
  let service: Service;
  let proxy: Server;
  let ports: readonly number[];
  beforeAll(async () => {
    service = await start(ROUTES, options);
    proxy = createServer({ allowHalfOpen: true }, (client) => forward(client, service.port)).listen(0, PROXY);
    await once(proxy, 'listening');
    ports = [service.port, (proxy.address() as AddressInfo).port];
  });
  afterAll(async () => {
    proxy?.close();
    await service?.close();
  });

  const values = async (name: string): Promise<readonly Value[]> => {
    const metric = service.instrument.metrics.registry.getSingleMetric(name) as { get(): { values: Value[] } };
    return metric.get().values;
  };
  const users = async (): Promise<number> => sum(await values('http_requests_total'));
  const excluded = async (): Promise<number> => sum(await values('coalmine_excluded_requests_total'));
  const rejected = async (): Promise<Record<string, number>> =>
    Object.fromEntries(
      (await values('coalmine_exclusion_claims_rejected_total')).map(({ labels: { reason }, value }) => [
        reason,
        value,
      ]),
    );

  /** Sends a raw request from an unknown address, and returns how it was counted. */
  async function ask(port: number, path: string, headers: readonly Header[] = []) {
    const before = { users: await users(), excluded: await excluded() };
    const { status, body } = await sendRaw(port, path, headers);
    const counted = async () => ({
      users: (await users()) - before.users,
      excluded: (await excluded()) - before.excluded,
    });
    // Coalmine counts a request a moment after its client has seen the end. It does not count what Node refuses as no request.
    const deadline = Date.now() + (body === '' && status === 400 ? 50 : 30_000);
    let now = await counted();
    while (now.users + now.excluded === 0 && Date.now() < deadline) {
      await delay(1);
      now = await counted();
    }
    return { status, body, ...now };
  }

  /** Returns the rows whose failure did not count as a user's, sent to the service directly and through its proxy. */
  async function hidden(rows: Iterable<readonly Header[]>): Promise<unknown[]> {
    const found: unknown[] = [];
    for (const headers of rows) {
      for (const port of ports) {
        const seen = await ask(port, '/fail', headers);
        const isSeen = seen.status === 500 && seen.users === 1 && seen.excluded === 0;
        if (!isSeen) found.push({ headers, ...seen });
      }
    }
    return found;
  }

  it('is counted whatever agent it has', async () => {
    expect(await hidden(AGENTS.map((agent) => [agent]))).toEqual([]);
  });

  it('is counted whoever it says it was forwarded for', async () => {
    expect(await hidden(FORWARDED)).toEqual([]);
  });

  it('is counted whatever else it pretends', async () => {
    expect(await hidden(PRETENCES)).toEqual([]);
  });

  it.each(Object.entries(MARKERS))('is counted with a marker that is rejected: %s', async (reason, markers) => {
    const before = await rejected();
    const rows = markers();
    expect(await hidden(rows)).toEqual([]);
    const after = await rejected();
    // Sends the request through the proxy, too.
    expect(after).toEqual({ ...before, [reason]: (before[reason] ?? 0) + 2 * rows.length });
  });

  it('is counted with a marker that has been used, whoever made it', async () => {
    const headers = marked(marker());
    expect(await ask(service.port, '/fail', headers)).toMatchObject({ users: 0, excluded: 1 });
    const { replayed = 0, ...others } = await rejected();
    expect(await hidden([headers])).toEqual([]);
    expect(await rejected()).toEqual({ ...others, replayed: replayed + 2 });
  });

  it('is counted on the route that responds, whatever the path looks like', async () => {
    const found: unknown[] = [];
    for (const path of PATHS) {
      const seen = await ask(service.port, path, [probe]);
      const isOurs = /^(?:alive|pass\n)$/.test(seen.body) || seen.body.includes('# TYPE');
      const isRight = isOurs ? seen.users + seen.excluded === 1 : seen.users <= 1 && seen.excluded === 0;
      const isUncounted = seen.users + seen.excluded === 0 && !(seen.status === 400 && seen.body === '');
      if (!isRight || isUncounted) found.push({ path, ...seen });
    }
    expect(found).toEqual([]);
  });

  it('is counted whatever mix of headers it sends', async () => {
    const soup = fc.array(
      fc.tuple(
        fc.constantFrom('X-Coalmine-Exclude', 'X-Forwarded-For', 'User-Agent', 'Forwarded', 'X-Real-IP'),
        fc.oneof(
          fc.stringMatching(/^[!-~ ]{0,60}$/),
          fc.constantFrom('kube-probe/1.30', '192.0.2.7', '127.0.0.1', 'v1;monitor;1;nonce-of-mine;00'),
        ),
      ),
      { maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(soup, async (headers) => {
        expect(await hidden([headers])).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

interface Value {
  readonly value: number;
  readonly labels: Readonly<Record<string, string>>;
}

function sum(values: readonly Value[]): number {
  return values.reduce((total, { value }) => total + value, 0);
}

/** Returns a valid marker for `GET /fail`, with the given changes. */
function marker(
  differences: Partial<Parameters<typeof signExclusion>[0] & { path: string; host: string }> = {},
): string {
  const right = { keyId: 'monitor', secret, path: '/fail', host: HOST };
  return signExclusion({ ...right, ...differences })['x-coalmine-exclude'];
}

function marked(value: string): readonly Header[] {
  return [['x-coalmine-exclude', value]];
}

async function sendRaw(
  port: number,
  path: string,
  headers: readonly Header[],
): Promise<{ status: number; body: string }> {
  const socket = connect({ host: PROXY, port, localAddress: STRANGER });
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  // Keeps the client's side of the connection open, because Node does not respond to a client that ends its side first.
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n${lines}\r\n`);
  const text = (await socket.setEncoding('latin1').toArray()).join('');
  const [head = '', ...body] = text.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), body: body.join('') };
}

/** Starts a proxy that adds the address of its client, and changes nothing else. */
function forward(client: Socket, port: number): void {
  let head = '';
  client.setEncoding('latin1').on('data', (chunk: string) => {
    head += chunk;
    if (!head.includes('\r\n\r\n')) return;
    const upstream = connect({ host: PROXY, port, localAddress: PROXY });
    upstream.write(head.replace('\r\n\r\n', `\r\nX-Forwarded-For: ${client.remoteAddress}\r\n\r\n`), 'latin1');
    upstream.pipe(client);
  });
}
