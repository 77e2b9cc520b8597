import { parseNames } from '@coalmine/metrics';
import { describe, expect, it } from 'vitest';
import { parseExposition } from './parse-exposition.js';
import { classOf, labelNames, type Traffic, totalName, trafficIn } from './traffic.js';

const family = (name: string, type: string, labels = ''): string => {
  const sample = type === 'histogram' || type === 'summary' ? `${name}_count` : name;
  return `# TYPE ${name} ${type}\n${sample}${labels === '' ? '' : `{${labels}}`} 1\n`;
};
const traffic = (...families: readonly string[]): Traffic =>
  trafficIn(parseExposition(families.join(''), 'text'), parseNames(undefined));

describe('the counter of requests', () => {
  it.each([
    'http_requests_total',
    'http_server_requests_total',
    'requests_total',
    'shop_request_count',
    'http_server_hits',
    'api_requests',
  ])('may be %s', (name) => {
    expect(traffic(family(name, 'counter')).counter?.name).toBe(name);
  });

  it.each([
    'coalmine_excluded_requests_total',
    'http_client_requests_total',
    'outgoing_requests_total',
    'http_fetch_requests_total',
    'upstream_requests_total',
    'http_request_size_total',
    'http_requests_bytes_total',
    'http_requests_in_flight',
    'http_active_requests_total',
    'http_request_errors_total',
    'http_requests_failed_total',
    'http_request_failures_total',
    'http_request_seconds_total',
    'http_request_duration_total',
    'hits_total',
  ])('is not %s', (name) => {
    expect(traffic(family(name, 'counter')).counter).toBeUndefined();
  });

  it('is the one of the configured name, or the one with the most labels', () => {
    const others = [family('a_requests', 'counter', 'x="1"'), family('b_requests', 'counter', 'x="1",y="1"')];
    expect(traffic(...others).counter?.name).toBe('b_requests');
    expect(traffic(...others, family('http_requests_total', 'counter')).counter?.name).toBe('http_requests_total');
  });

  it('needs no type if its name says what it is', () => {
    expect(traffic('http_requests_total 1\n').counter?.name).toBe('http_requests_total');
    expect(traffic('http_requests 1\n').counter).toBeUndefined();
    expect(traffic('# TYPE http_requests_total counter\n').counter).toBeUndefined();
    expect(traffic(family('http_requests_total', 'gauge')).counter).toBeUndefined();
  });

  it('may have dots', () => {
    expect(traffic('# TYPE "http.server.requests" counter\n{"http.server.requests"} 1\n').counter?.name).toBe(
      'http.server.requests',
    );
  });
});

describe('the traffic of an exposition', () => {
  it('has durations, a summary, errors, slow requests and an objective', () => {
    const { durations, summary, errors, slow, objective } = traffic(
      family('http_request_duration_seconds', 'histogram'),
      family('http_request_summary_seconds', 'summary'),
      family('http_errors_total', 'counter'),
      family('http_requests_slow_total', 'counter'),
      family('coalmine_objective_latency_seconds', 'gauge'),
    );
    expect([durations?.name, summary?.name, errors?.name, slow?.name, objective]).toEqual([
      'http_request_duration_seconds',
      'http_request_summary_seconds',
      'http_errors_total',
      'http_requests_slow_total',
      1,
    ]);
  });

  it('has errors of requests alone', () => {
    const errorsOf = (name: string) => traffic(family(name, 'counter')).errors?.name;
    expect(errorsOf('http_request_errors_total')).toBe('http_request_errors_total');
    expect(errorsOf('requests_failed')).toBe('requests_failed');
    expect(errorsOf('db_errors_total')).toBeUndefined();
    expect(errorsOf('http_client_errors_total')).toBeUndefined();
    expect(errorsOf('http_requests_total')).toBeUndefined();
  });

  it('is counted by the counter, by the durations otherwise, and by the summary in the end', () => {
    const [counter, durations, summary] = [
      family('http_requests_total', 'counter'),
      family('http_request_duration_seconds', 'histogram'),
      family('http_request_seconds', 'summary'),
    ] as const;
    expect(traffic(summary, durations, counter).family?.type).toBe('counter');
    expect(traffic(summary, durations).family?.type).toBe('histogram');
    expect(traffic(summary).family?.type).toBe('summary');
    expect(traffic()).toMatchObject({ family: undefined, labels: {}, requests: [] });
  });

  it.each<[string, Traffic['labels']]>([
    ['method="GET",route="/a",status_code="200"', { method: 'method', route: 'route', status: 'status_code' }],
    ['status="200",status_code="200"', { status: 'status_code' }],
    ['path="/a",handler="b"', { route: 'path' }],
    ['verb="GET",uri="/a",code="200"', { method: 'verb', route: 'uri', status: 'code' }],
    [
      '"http.request.method"="GET","http.route"="/a","http.response.status_code"="200"',
      { method: 'http.request.method', route: 'http.route', status: 'http.response.status_code' },
    ],
    ...['method', 'http_request_method', 'http_method', 'verb'].map((method): [string, Traffic['labels']] => [
      `${method}="GET"`,
      { method },
    ]),
    ...['route', 'path', 'http_route', 'handler', 'uri', 'url', 'endpoint', 'url_path', 'http_target'].map(
      (route): [string, Traffic['labels']] => [`${route}="/"`, { route }],
    ),
    ...[
      'status',
      'code',
      'http_response_status_code',
      'http_status_code',
      'statusCode',
      'response_code',
      'http_status',
    ].map((status): [string, Traffic['labels']] => [`${status}="200"`, { status }]),
    ['pod="a"', {}],
  ])('has the labels %s', (labels, expected) => {
    expect(traffic(family('http_requests_total', 'counter', labels)).labels).toEqual(expected);
  });

  it('has requests, with empty texts for what is not known', () => {
    expect(traffic(family('http_requests_total', 'counter', 'method="GET"')).requests).toEqual([
      { method: 'GET', route: '', status: '', count: 1, line: 2 },
    ]);
  });
});

it.each([
  ['200', '2'],
  ['101', '1'],
  ['5xx', '5'],
  ['4XX', '4'],
  ['600', ''],
  ['20', ''],
  ['2000', ''],
  ['', ''],
])('the class of %j is %j', (status, digit) => {
  expect(classOf(status)).toBe(digit);
});

it('the name of a counter in a query has its suffix', () => {
  const [counter] = parseExposition('# TYPE a counter\na_total 1\n# EOF\n', 'openmetrics').families;
  expect(counter && totalName(counter)).toBe('a_total');
  const [gauge] = parseExposition('a{x="1",y="2"} 1\na{z="1"} 1\n', 'text').families;
  expect(gauge && totalName(gauge)).toBe('a');
  expect([...labelNames(gauge)]).toEqual(['x', 'y', 'z']);
  expect([...labelNames(undefined)]).toEqual([]);
});
