import { describe, expect, it } from 'vitest';
import { Exchange } from './in-flight.js';
import { parseNames } from './names.js';
import type { Objective } from './objective.js';
import { Recorder, type RecorderSettings } from './recorder.js';
import { OVERFLOW, UNMATCHED } from './route.js';
import { byRoute, byStatus, durations } from './route-series.js';
import type { CounterSeries, Source } from './series.js';

function recorder(settings: Partial<RecorderSettings> = {}): Recorder {
  return new Recorder({
    names: parseNames(undefined),
    labels: {},
    bounds: [0.1, 0.5],
    objective: { latency: 0.1, patience: 0.4 },
    maxRoutes: 1000,
    durationStatus: 'code',
    created: false,
    now: () => 0,
    ...settings,
  });
}

describe('a route', () => {
  it('has its counters at zero for 200, 500, 503 and 504 as soon as it is known, and no histogram', () => {
    const one = recorder();
    one.route('GET', '/items/:id');
    const shown = (source: Source<CounterSeries>): readonly string[] =>
      Array.from(source.series(), ({ text, requests }) => `${text} ${requests}`).filter((text) => text.includes(':id'));
    const ofRoute = 'method="GET",route="/items/:id"';
    const zeros = [200, 500, 503, 504].map((status) => `${ofRoute},status_code="${status}" 0`);
    expect(shown(byStatus(one, 0))).toEqual(zeros);
    expect(shown(byStatus(one, 400))).toEqual(zeros.slice(1));
    for (const which of ['timed', 'slow', 'failed'] as const)
      expect(shown(byRoute(one, which))).toEqual([`${ofRoute} 0`]);
    expect([...durations(one).series()]).toEqual([]);
  });

  it('counts what is timed, what is over its own objective, and what fails', () => {
    const one = recorder();
    const route = one.route('GET', '/reports/:id', { latency: 1, patience: 4 });
    const counts = (): readonly number[] => [route.timed, route.slow, route.failed];
    one.record(route, 200, 1);
    expect(counts()).toEqual([1, 0, 0]);
    one.record(route, 200, 1.001);
    expect(counts()).toEqual([2, 1, 0]);
    // Withheld while the pod is cold: the failure counts, its duration does not.
    one.record(route, 500, undefined);
    expect(counts()).toEqual([2, 1, 1]);
    one.record(route, 504, 5);
    expect(counts()).toEqual([3, 2, 2]);
    one.record(route, 499, undefined);
    one.record(route, 404, 0.1);
    expect(counts()).toEqual([4, 2, 2]);
  });

  it('counts what is refused with its status, and not as a failure', () => {
    const one = recorder();
    const route = one.route('GET', '/');
    one.refuse(route, 503);
    one.refuse(route, 408);
    expect(route.statuses().map((status) => [status, route.cell(status)?.requests ?? 0])).toEqual([
      [200, 0],
      [500, 0],
      [503, 1],
      [504, 0],
      [408, 1],
    ]);
    expect([route.timed, route.slow, route.failed]).toEqual([0, 0, 0]);
  });

  it.each([UNMATCHED, '/*', '/files/*'])(
    'does not time what %s refuses: a scanner would hide slow requests',
    (pattern) => {
      const metrics = recorder();
      const route = metrics.route('GET', pattern);
      for (const status of [404, 405, 401]) metrics.record(route, status, 1);
      expect([route.timed, route.slow]).toEqual([0, 0]);
      expect(route.cell(404)?.requests).toBe(1);
      for (const status of [200, 499, 500]) metrics.record(route, status, 1);
      expect([route.timed, route.slow]).toEqual([3, 3]);
    },
  );

  it('is one object for each method, however often it is asked for', () => {
    const one = recorder();
    const route = one.route('GET', '/items/:id');
    expect(one.route('GET', '/items/:id')).toBe(route);
    expect(one.route('POST', '/items/:id')).not.toBe(route);
    expect(one.route('POST', '/items/:id')).toMatchObject({ method: 'POST', pattern: '/items/:id' });
  });

  it('exists from the start for requests that no route matches', () => {
    expect(recorder().routes).toMatchObject([{ method: 'GET', pattern: UNMATCHED }]);
  });

  it('keeps the objective of its first call, or the objective of the service', () => {
    const one = recorder();
    const objective = { latency: 0.5, patience: 2 };
    expect(one.route('GET', '/slow', objective).objective).toBe(objective);
    expect(one.route('GET', '/slow').objective).toBe(objective);
    expect(one.route('GET', '/').objective).toEqual({ latency: 0.1, patience: 0.4 });
  });

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', 'QUERY'])(
    'keeps the method %s',
    (method) => {
      expect(recorder().route(method, '/').method).toBe(method);
    },
  );

  it.each(['get', 'PROPFIND', '', 'GET ', '__proto__', 'X'.repeat(100)])('has _OTHER for the method %j', (method) => {
    const one = recorder();
    expect(one.route(method, '/').method).toBe('_OTHER');
    expect(one.route('M-SEARCH', '/')).toBe(one.route(method, '/'));
  });
});

describe('a route of code without types', () => {
  it('has the patience that its latency gives, or the latency of the service, if its objective leaves one out', () => {
    const one = recorder();
    const { objective } = one.route('GET', '/report', { latency: 2.5 } as Objective);
    expect(objective).toEqual({ latency: 2.5, patience: 10 });
    expect(one.route('GET', '/upload', { patience: 3 } as Objective).objective).toEqual({ latency: 0.1, patience: 3 });
  });

  it('is refused if its pattern or its objective cannot be used, and then takes no place of another', () => {
    const one = recorder();
    const patterns = [undefined, null, /^a/, ['/a', '/b']] as unknown as string[];
    for (const pattern of patterns) {
      expect(() => one.route('GET', pattern)).toThrow("pattern must be a text such as '/items/:id', got");
    }
    expect(() => one.route('GET', '/a', { latency: 'slow' } as never)).toThrow(
      'objective.latency must be a finite number of seconds above 0, got "slow"',
    );
    expect(() => one.route('GET', '/a', { objective: { latency: 1 } } as never)).toThrow('objective.objective must be');
    expect(() => one.route('GET', '/a', null as never)).toThrow('objective must be an object with latency, patience');
    expect(one.routes.map(({ pattern }) => pattern)).toEqual(['(unmatched)']);
  });
});

describe('beyond maxRoutes patterns', () => {
  it('routes are counted as (overflow), and the number of their requests is shown', () => {
    const one = recorder({ maxRoutes: 2 });
    const [first] = [one.route('GET', '/1'), one.route('GET', '/2')];
    expect(one.dropped.requests).toBe(0);
    const overflow = one.route('GET', '/3');
    expect(overflow).toMatchObject({ method: 'GET', pattern: OVERFLOW });
    expect(one.route('GET', '/4')).toBe(overflow);
    expect(one.dropped.requests).toBe(2);
    expect(one.route('GET', '/1')).toBe(first);
    expect(one.dropped.requests).toBe(2);
  });

  it('a known pattern takes further methods', () => {
    const one = recorder({ maxRoutes: 1 });
    one.route('GET', '/1');
    expect(one.route('POST', '/1')).toMatchObject({ method: 'POST', pattern: '/1' });
    expect(one.dropped.requests).toBe(0);
  });

  it('unmatched requests and the overflow itself do not count as patterns', () => {
    const one = recorder({ maxRoutes: 1 });
    one.route('POST', UNMATCHED);
    one.route('GET', OVERFLOW);
    expect(one.route('GET', '/1').pattern).toBe('/1');
    expect(one.dropped.requests).toBe(0);
  });

  it('series do not grow, whatever the routes and methods', () => {
    const one = recorder({ maxRoutes: 5 });
    for (let i = 0; i < 10_000; i++) one.record(one.route(`METHOD-${i}`, `/${i}`), 404, 0.1);
    // GET of the unmatched ones; _OTHER of five routes and of the overflow.
    expect(one.routes).toHaveLength(7);
    expect(one.dropped.requests).toBe(9_995);
  });
});

describe('a reset', () => {
  it('of one metric changes neither the counts nor the times of zero of the others', () => {
    const one = recorder();
    const route = one.route('GET', '/');
    one.record(route, 200, 0.3);
    one.record(route, 500, 0.3);
    const shown = (): readonly unknown[] =>
      (['timed', 'slow', 'failed'] as const).map((which) => {
        const series = [...byRoute(one, which).series()].find(({ text }) => text.endsWith('route="/"'));
        return [series?.requests, series?.createdAt];
      });
    const { knownFrom } = route;
    byStatus(one, 0).reset(knownFrom + 10);
    expect(shown()).toEqual([2, 2, 1].map((count) => [count, knownFrom]));
    byRoute(one, 'slow').reset(knownFrom + 20);
    expect(shown()).toEqual([
      [2, knownFrom],
      [0, knownFrom + 20],
      [1, knownFrom],
    ]);
    const statuses = [...byStatus(one, 0).series()].filter(({ text }) => text.includes('route="/"'));
    expect(statuses.map(({ requests, createdAt }) => [requests, createdAt])).toEqual(
      Array.from({ length: 4 }, () => [0, knownFrom + 10]),
    );
  });
});

describe('recording', () => {
  it('counts a request, and its duration if it has one', () => {
    const one = recorder();
    const route = one.route('GET', '/');
    one.record(route, 200, 0.1);
    one.record(route, 200, 0.3);
    one.record(route, 200, undefined);
    expect(route.cell(200)).toMatchObject({ requests: 3 });
    expect([...(route.cell(200)?.timings ?? [])]).toEqual([1, 1, 0, 0.4]);
  });

  it('makes the series of a status that is new', () => {
    const one = recorder();
    const route = one.route('GET', '/');
    one.record(route, 418, undefined);
    expect(route.cell(418)).toMatchObject({ requests: 1, timings: undefined });
    one.record(route, 418, 2);
    expect([...(route.cell(418)?.timings ?? [])]).toEqual([0, 0, 1, 2]);
  });

  it('labels a series with the mapped names of labels, then with the constant labels', () => {
    const names = parseNames({ labels: { method: 'verb', route: 'path', status_code: 'status' } });
    const one = recorder({ names, labels: { team: 'a "b"\n\\c' } });
    const route = one.route('GET', '/"');
    one.record(route, 500, 0.1);
    for (const source of [byStatus(one, 500), durations(one)]) {
      const { labels, text } = [...source.series()].find(({ text }) => text.includes('path="/')) ?? {};
      expect(labels).toEqual({ verb: 'GET', path: '/"', status: '500', team: 'a "b"\n\\c' });
      expect(text).toBe('verb="GET",path="/\\"",status="500",team="a \\"b\\"\\n\\\\c"');
    }
  });
});

describe('a request in flight', () => {
  it('is overdue by the clock that was given, each by the patience of its route', () => {
    let now = 0;
    const one = recorder({ now: () => now });
    const patient = one.route('GET', '/patient', { latency: 1, patience: 4 });
    const hasty = one.route('GET', '/hasty', { latency: 0.05, patience: 0.1 });
    for (const route of [patient, hasty, one.route('GET', '/')]) one.inFlight.add(new Exchange(route, now));
    const overdueAt = (milliseconds: number): number => {
      now = milliseconds;
      return one.overdue();
    };
    expect([100, 101, 400, 401, 4000, 4001].map(overdueAt)).toEqual([0, 1, 1, 2, 2, 3]);
  });

  it('leaves once', () => {
    const one = recorder();
    const exchange = new Exchange(one.route('GET', '/'), 0);
    one.inFlight.add(exchange);
    expect(one.inFlight.remove(exchange)).toBe(true);
    expect(one.inFlight.remove(exchange)).toBe(false);
    expect(one.inFlight.size).toBe(0);
  });
});
