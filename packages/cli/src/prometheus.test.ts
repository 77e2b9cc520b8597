import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createPrometheusClient } from './prometheus.js';

interface Asked {
  readonly path: string;
  readonly form: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** Serves one response to each request, below the path `/p`, and notes what was asked. */
async function serve(body: unknown, status = 200, delayed: Promise<void> = Promise.resolve()) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    asked.push({
      path: request.url ?? '',
      form: Object.fromEntries(new URLSearchParams(text)),
      headers: request.headers,
    });
    await delayed;
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  }).listen(0);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const host = `localhost:${(server.address() as AddressInfo).port}`;
  return { asked, host, at: `http://${host}/p/` };
}

const success = (resultType: string, result: unknown, more = {}) => ({
  status: 'success',
  data: { resultType, result },
  ...more,
});

describe('the result of a query', () => {
  it.each<[resultType: string, result: unknown, answer: object]>([
    ['scalar', [0, '0.5'], { type: 'scalar', value: 0.5 }],
    [
      'vector',
      [
        { metric: { pod: 'a' }, value: [0, 'NaN'] },
        { metric: {}, value: [0, '+Inf'] },
        { metric: { pod: 'b' }, histogram: [0, {}] },
      ],
      {
        type: 'vector',
        values: [
          { labels: { pod: 'a' }, value: Number.NaN },
          { labels: {}, value: Number.POSITIVE_INFINITY },
          { labels: { pod: 'b' }, value: undefined },
        ],
      },
    ],
    ['vector', null, { type: 'vector', values: [] }],
    [
      'matrix',
      [
        {
          values: [
            [0, '1'],
            [15, '2'],
          ],
        },
        { values: [[0, '3']] },
        { histograms: [] },
      ],
      { type: 'matrix', values: [1, 2, 3] },
    ],
    ['string', [0, 'text'], { type: 'string' }],
  ])('may be a %s: %j', async (resultType, result, answer) => {
    const { at } = await serve(success(resultType, result));
    expect(await createPrometheusClient(at).query('up', 0)).toEqual(answer);
  });

  it('is asked for at a time, with the headers and the credentials of the user', async () => {
    const { asked, host } = await serve(success('vector', []));
    const client = createPrometheusClient(`http://user:pass@${host}/p`, { 'x-tenant': 'shop' });
    await client.query('up', 1000.5, { headers: { 'x-more': '1' } });
    expect(asked).toMatchObject([
      {
        path: '/p/api/v1/query',
        form: { query: 'up', time: '1000.500' },
        headers: { 'x-tenant': 'shop', 'x-more': '1', authorization: 'Basic dXNlcjpwYXNz' },
      },
    ]);
  });

  it('may be series over a range, or up to a time', async () => {
    const { asked, at } = await serve(success('matrix', [{ metric: { pod: 'a' }, values: [[15, '2']] }]));
    const client = createPrometheusClient(at);
    const series = [{ labels: { pod: 'a' }, samples: [{ at: 15, value: 2 }] }];
    expect(await client.series('up', { start: 0, end: 30, step: 15 })).toEqual(series);
    expect(await client.series('up[5m]', 30)).toEqual(series);
    expect(asked.map(({ path, form }) => [path, form])).toEqual([
      ['/p/api/v1/query_range', { query: 'up', start: '0.000', end: '30.000', step: '15' }],
      ['/p/api/v1/query', { query: 'up[5m]', time: '30.000' }],
    ]);
  });

  it('may come with warnings, of which remarks on the query are none', async () => {
    const warnings = ['PromQL info: metric might not be a counter', 'a store is gone'];
    const { at } = await serve(success('vector', [], { warnings, isPartial: true }));
    const heard: string[] = [];
    await createPrometheusClient(at, {}, (warning) => void heard.push(warning)).query('up', 0);
    expect(heard).toEqual(['a store is gone', 'the result is partial']);
  });
});

it('exemplars have their series, their value and their time', async () => {
  const { at } = await serve({
    status: 'success',
    data: [{ seriesLabels: { __name__: 'x' }, exemplars: [{ labels: { trace_id: 'a' }, value: '1', timestamp: 5.5 }] }],
  });
  expect(await createPrometheusClient(at).exemplars('x', { start: 0, end: 10 })).toEqual([
    { labels: { __name__: 'x' }, exemplars: [{ labels: { trace_id: 'a' }, value: 1, at: 5.5 }] },
  ]);
});

describe('an error', () => {
  it.each<[what: string, body: unknown, status: number, message: RegExp]>([
    ['of Prometheus', { status: 'error', errorType: 'bad_data', error: 'parse error' }, 400, /^bad_data: parse error$/],
    ['of a proxy', '<html>', 502, /^http:\/\/localhost:\d+\/p responded with 502 Bad Gateway$/],
    ['of a login', 'no', 401, /responded with 401 Unauthorized: it needs credentials, or other ones$/],
    ['of another server', '<html>', 200, /^http:\/\/localhost:\d+\/p is not a Prometheus: it responded with 200 OK$/],
    ['of a server of JSON', '{"a":1}', 200, /is not a Prometheus/],
  ])('%s is reported', async (_, body, status, message) => {
    const { at } = await serve(body, status);
    await expect(createPrometheusClient(at).query('up', 0)).rejects.toThrow(message);
  });

  it('without a response says so, and shows no credentials', async () => {
    const { host } = await serve('', 200, new Promise(() => {}));
    const client = createPrometheusClient(`http://user:pass@${host}`);
    await expect(client.query('up', 0, { timeoutSeconds: 0.05 })).rejects.toThrow(
      `http://${host} did not respond within 0.05 s`,
    );
    await expect(createPrometheusClient('http://localhost:1').query('up', 0)).rejects.toThrow(
      /^http:\/\/localhost:1 cannot be reached: /,
    );
  });

  it.each(['prometheus:9090', 'ftp://prometheus', '', 'user:secret@prometheus'])(
    'is the address %j, which nobody can ask',
    (address) => {
      expect(() => createPrometheusClient(address)).toThrow(
        /^the address of a Prometheus must start with http:\/\/ or https:\/\/, got "(?!.*secret)/,
      );
    },
  );
});
