import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { portOf } from './fixtures/meeting.js';
import { collectWarnings } from './fixtures/warnings.js';
import { type MetricsEndpointOptions, metricsEndpoint } from './metrics-endpoint.js';

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Serves an endpoint that renders the name of the format, and returns how to ask it. */
async function serve(options: Partial<MetricsEndpointOptions> = {}) {
  let scrapes = 0;
  const endpoint = metricsEndpoint({
    path: '/numbers',
    async *render(format) {
      yield format;
    },
    authorize: undefined,
    scraped: () => void scrapes++,
    ...options,
  });
  const port = await portOf(createServer((request, response) => endpoint.handle(request, response)));
  return {
    scrapes: () => scrapes,
    async ask(headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
      const asked = request({ port, method, headers, host: '127.0.0.1', agent: false }).end();
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      const body = Buffer.concat(await response.toArray());
      return { status: response.statusCode, headers: response.headers, body };
    },
  };
}

// What Prometheus 3 sends, with and without its protobuf.
const PROMETHEUS =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1';

describe('the format of the metrics', () => {
  it.each<[accept: string | undefined, format: string]>([
    [undefined, 'text'],
    ['', 'text'],
    ['*/*', 'text'],
    ['text/html', 'text'],
    ['image/png, nonsense;;;', 'text'],
    [PROMETHEUS, 'openmetrics'],
    ['application/openmetrics-text; version=1.0.0', 'openmetrics'],
    ['application/openmetrics-text; version=1.0.0; q=0.1, text/plain; q=0.2', 'text'],
    ['application/openmetrics-text; version=1.0.0; escaping=underscores', 'openmetrics'],
    ['application/openmetrics-text; version=2.0.0, text/plain', 'text'],
    ['application/openmetrics-text; version=1.0.0; q=0', 'text'],
    [`application/openmetrics-text; version=1.0.0, ${'a/b, '.repeat(200)}`, 'text'],
  ])('for %j is %s', async (accept, format) => {
    const { ask } = await serve();
    const { body, headers } = await ask(accept === undefined ? {} : { accept });
    expect(body.toString()).toBe(format);
    expect(headers['content-type']).toMatch(format === 'text' ? /^text\/plain/ : /^application\/openmetrics-text/);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', vary: 'accept, accept-encoding' });
  });
});

describe('the encoding of the metrics', () => {
  it.each<[accepted: string | undefined, isGzip: boolean]>([
    [undefined, false],
    ['', false],
    ['gzip', true],
    ['deflate, br', false],
    ['gzip;q=0', false],
    ['gzip;q=0.5, identity', false],
    ['*', true],
    [`gzip, ${'br, '.repeat(300)}`, false],
  ])('for %j is gzip: %s', async (accepted, isGzip) => {
    const { ask } = await serve();
    const { body, headers } = await ask(accepted === undefined ? {} : { 'accept-encoding': accepted });
    expect(headers['content-encoding']).toBe(isGzip ? 'gzip' : undefined);
    expect((isGzip ? gunzipSync(body) : body).toString()).toBe('text');
    expect(headers['content-length']).toBe(`${body.length}`);
  });
});

describe('a scrape', () => {
  it('counts if it was read completely, and not if only its head was asked for', async () => {
    const { ask, scrapes } = await serve();
    const { status, headers, body } = await ask({ 'accept-encoding': 'gzip' }, 'HEAD');
    expect([status, headers['content-encoding'], body.length, scrapes()]).toEqual([200, 'gzip', 0, 0]);
    await ask();
    await expect.poll(scrapes).toBe(1);
  });

  it.each<[allowed: unknown, status: number]>([
    [true, 200],
    [Promise.resolve(true), 200],
    [false, 403],
    [Promise.resolve(false), 403],
    [1, 403],
    ['yes', 403],
    [undefined, 403],
  ])('is allowed by true only: authorize() returns %j', async (allowed, status) => {
    const { ask, scrapes } = await serve({ authorize: () => allowed as boolean });
    const answer = await ask();
    expect(answer.status).toBe(status);
    expect(answer.body.toString()).toBe(status === 200 ? 'text' : 'Forbidden\n');
    expect(scrapes()).toBe(status === 200 ? 1 : 0);
  });

  it('is refused if authorize() fails, with one warning', async () => {
    const warnings = collectWarnings();
    const { ask } = await serve({
      authorize: async ({ headers }) => {
        throw headers.accept === 'text' ? 'a text' : new Error('no directory');
      },
    });
    expect((await ask()).status).toBe(403);
    expect((await ask({ accept: 'text' }, 'HEAD')).status).toBe(403);
    expect(warnings).toEqual([
      'COALMINE_AUTHORIZE_FAILED metrics.authorize failed, so the scrape was refused: no directory',
    ]);
  });

  it('that cannot be rendered is a 500, with one warning, and later ones succeed', async () => {
    const warnings = collectWarnings();
    let isBroken = true;
    const { ask, scrapes } = await serve({
      async *render() {
        yield 'a part ';
        if (isBroken) throw new Error('out of numbers');
        yield 'the rest';
      },
    });
    for (let i = 0; i < 2; i++) {
      const { status, body } = await ask();
      expect([status, body.toString()]).toEqual([500, 'Internal Server Error\n']);
    }
    isBroken = false;
    expect((await ask()).body.toString()).toBe('a part the rest');
    await expect.poll(scrapes).toBe(1);
    expect(warnings).toEqual(['COALMINE_ENDPOINT_FAILED /numbers could not be served: out of numbers']);
  });
});
