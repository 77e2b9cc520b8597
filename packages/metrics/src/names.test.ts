import { describe, expect, it } from 'vitest';
import { parseLabels, parseNames } from './names.js';

const DEFAULTS = {
  requests: 'http_requests_total',
  errors: 'http_errors_total',
  duration: 'http_request_duration_seconds',
  timed: 'http_requests_timed_total',
  slow: 'http_requests_slow_total',
  failed: 'http_requests_failed_total',
  inFlight: 'http_requests_in_flight',
  overdue: 'http_requests_overdue',
  labels: { method: 'method', route: 'route', status_code: 'status_code' },
};

describe('names', () => {
  it('are the names that common queries use, unless mapped one by one', () => {
    expect(parseNames(undefined)).toEqual(DEFAULTS);
    expect(parseNames({})).toEqual(DEFAULTS);
    expect(parseNames({ errors: 'failures_total', labels: { status_code: 'status' } })).toEqual({
      ...DEFAULTS,
      errors: 'failures_total',
      labels: { method: 'method', route: 'route', status_code: 'status' },
    });
  });

  it('keep their defaults if a mapping is undefined', () => {
    expect(parseNames({ requests: undefined, labels: { route: undefined } } as never)).toEqual(DEFAULTS);
  });

  it('may be swapped, and may hold whatever Prometheus lets them', () => {
    expect(parseNames({ requests: 'http_errors_total', errors: 'http_requests_total' })).toMatchObject({
      requests: 'http_errors_total',
    });
    expect(parseNames({ requests: 'job:requests:total', labels: { method: '_m1' } })).toMatchObject({
      requests: 'job:requests:total',
      labels: { method: '_m1' },
    });
  });

  it("are the names of OpenTelemetry for 'otel'", () => {
    expect(parseNames('otel')).toEqual({
      requests: 'http_server_requests_total',
      errors: 'http_server_errors_total',
      duration: 'http_server_request_duration_seconds',
      timed: 'http_server_timed_requests_total',
      slow: 'http_server_slow_requests_total',
      failed: 'http_server_failed_requests_total',
      inFlight: 'http_server_active_requests',
      overdue: 'http_server_overdue_requests',
      labels: {
        method: 'http_request_method',
        route: 'http_route',
        status_code: 'http_response_status_code',
        error_type: 'error_type',
      },
    });
  });

  it.each<[unknown, string]>([
    ['http', `names must be 'otel' or an object of names, got "http"`],
    [
      7,
      'names must be an object with requests, errors, duration, timed, slow, failed, inFlight, overdue, labels, got 7',
    ],
    [
      { latency: 'x' },
      'names.latency must be left out: names takes requests, errors, duration, timed, slow, failed, inFlight, overdue, labels, got "x"',
    ],
    [{ requests: 'http-requests' }, 'names.requests must be a Prometheus metric name, got "http-requests"'],
    [{ errors: '' }, 'names.errors must be a Prometheus metric name, got ""'],
    [{ duration: '1st' }, 'names.duration must be a Prometheus metric name, got "1st"'],
    [{ duration: 'x\n' }, 'names.duration must be a Prometheus metric name, got "x\\n"'],
    [{ inFlight: 7 }, 'names.inFlight must be a Prometheus metric name, got 7'],
    [{ overdue: null }, 'names.overdue must be a Prometheus metric name, got null'],
    [{ errors: 'http_requests_total' }, 'names.errors must be different from requests, got "http_requests_total"'],
    [{ overdue: 'x', inFlight: 'x' }, 'names.overdue must be different from inFlight, got "x"'],
    [
      { labels: ['status'] },
      'names.labels must be an object with method, route, status_code, error_type, got ["status"]',
    ],
    [
      { labels: { status: 'x' } },
      'names.labels.status must be left out: names.labels takes method, route, status_code, error_type, got "x"',
    ],
    [{ labels: { route: 'le' } }, 'names.labels.route must be a Prometheus label name other than le, got "le"'],
    [
      { labels: { route: '__name__' } },
      'names.labels.route must be a Prometheus label name other than le, got "__name__"',
    ],
    [{ labels: { method: 'a:b' } }, 'names.labels.method must be a Prometheus label name other than le, got "a:b"'],
    [
      { labels: { method: () => 'x' } },
      'names.labels.method must be a Prometheus label name other than le, got a function',
    ],
    [{ labels: { status_code: 'method' } }, 'names.labels.status_code must be different from method, got "method"'],
    [{ labels: { error_type: 'route' } }, 'names.labels.error_type must be different from route, got "route"'],
  ])('refuse %j in one sentence', (map, message) => {
    expect(() => parseNames(map as never)).toThrow(
      expect.objectContaining({ code: 'COALMINE_INVALID_OPTION', message }),
    );
  });
});

describe('constant labels', () => {
  const names = parseNames({ labels: { status_code: 'status' } });

  it('are absent unless given, and hold any text', () => {
    expect(parseLabels(undefined, names)).toEqual({});
    expect(parseLabels({ team: '', zone: 'a "b" \\ c\nd' }, names)).toEqual({ team: '', zone: 'a "b" \\ c\nd' });
  });

  it('may be named like members of every object', () => {
    const labels = { constructor: 'a', toString: 'b', hasOwnProperty: 'c' };
    expect(Object.entries(parseLabels(labels as never, names)).sort()).toEqual(Object.entries(labels).sort());
  });

  it('may take the name of a label that is mapped to another', () => {
    expect(parseLabels({ status_code: 'x' }, names)).toEqual({ status_code: 'x' });
  });

  it('are a copy: later changes change nothing', () => {
    const given = { team: 'checkout' };
    const labels = parseLabels(given, names);
    given.team = 'search';
    expect(labels).toEqual({ team: 'checkout' });
  });

  const KEYED =
    'labels must be keyed by Prometheus label names other than le, method, route, status, reason, code_class, source, state, check, got';
  it.each<[unknown, string]>([
    [['team'], 'labels must be an object of label names and string values, got ["team"]'],
    ['team', 'labels must be an object of label names and string values, got "team"'],
    [null, 'labels must be an object of label names and string values, got null'],
    [{ le: 'x' }, `${KEYED} "le"`],
    [{ status: 'x' }, `${KEYED} "status"`],
    [{ __name__: 'x' }, `${KEYED} "__name__"`],
    [{ 'a-b': 'x' }, `${KEYED} "a-b"`],
    [{ shard: 1 }, 'labels.shard must be a string, got 1'],
    [{ shard: undefined }, 'labels.shard must be a string, got undefined'],
    [
      { reason: 'x' },
      'labels must be keyed by Prometheus label names other than le, method, route, status, reason, code_class, source, state, check, got "reason"',
    ],
    [{ shard: {} }, 'labels.shard must be a string, got an object'],
  ])('refuse %j in one sentence', (labels, message) => {
    expect(() => parseLabels(labels as never, names)).toThrow(
      expect.objectContaining({ code: 'COALMINE_INVALID_OPTION', message }),
    );
  });
});
