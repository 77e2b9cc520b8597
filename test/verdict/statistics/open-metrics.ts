import { CLASSES, type Counters, type Release } from './release.js';

/** A simulated release, with the time and the namespace of its stored counters. */
export interface Stored {
  readonly namespace: string;
  readonly release: Release;
  /** The epoch seconds of one scrape before its first. */
  readonly from: number;
}

// One status for each class of responses. Slow requests are not a class of responses.
const STATUSES: Readonly<Record<string, string>> = { '3xx': '302', '4xx': '409', failed: '500' };
const ANSWERS = CLASSES.filter((name) => name !== 'slow').map((name) => ({
  kind: CLASSES.indexOf(name),
  status: STATUSES[name] ?? name,
}));

/** Returns the matchers of the pods of one side. */
export function podsOf({ namespace }: Pick<Stored, 'namespace'>, side: 'canary' | 'stable'): string {
  return `namespace="${namespace}",pod="${side}"`;
}

/**
 * Yields the counters of releases as Coalmine exposes them, in OpenMetrics with timestamps. A route has more requests than
 * its classes have events: {@link withRest} ensures that.
 */
export function* openMetricsOf(releases: readonly Stored[], scrapeSeconds: number): Generator<string> {
  yield* family(
    'http_requests',
    (counters, route) => [
      { labels: 'status_code="200"', values: restOf(counters, route), isInitialised: true },
      ...statusesOf(counters.events[route]),
    ],
    ({ unmatched }) => statusesOf(unmatched),
  );
  yield* family('http_requests_failed', (counters, route) => [
    initialised(counters.events[route]?.[CLASSES.indexOf('failed')]),
  ]);
  yield* family('http_requests_slow', (counters, route) => [
    initialised(counters.events[route]?.[CLASSES.indexOf('slow')]),
  ]);
  yield* family(
    'http_requests_timed',
    (counters, route) => [initialised(counters.requests[route])],
    ({ unmatched }) => [{ labels: '', values: unmatched[CLASSES.indexOf('3xx')] ?? [], isInitialised: false }],
  );
  yield* gauge('coalmine_pod_ready_timestamp_seconds', ({ startedAt, overdue }, from) =>
    // The time of the first scrape of the pod.
    Array.from(overdue, () => from + (startedAt + 1) * scrapeSeconds),
  );
  yield* gauge('http_requests_overdue', ({ overdue }) => overdue);
  yield '# EOF\n';

  /** Yields a number of each pod. */
  function* gauge(name: string, valuesOf: (counters: Counters, from: number) => ArrayLike<number>): Generator<string> {
    yield `# TYPE ${name} gauge\n`;
    for (const { namespace, release, from } of releases) {
      for (const side of ['canary', 'stable'] as const) {
        const values = valuesOf(release[side], from);
        yield samples(`${name}{${podsOf({ namespace }, side)}}`, values, release[side].startedAt, from);
      }
    }
  }

  /** Yields a counter of each route, and of the requests that no route matches. */
  function* family(
    name: string,
    seriesOf: (counters: Counters, route: number) => readonly Series[],
    seriesOfUnmatched: (counters: Counters) => readonly Series[] = () => [],
  ): Generator<string> {
    yield `# TYPE ${name} counter\n`;
    for (const { namespace, release, from } of releases) {
      for (const side of ['canary', 'stable'] as const) {
        const counters = release[side];
        const routes = Array.from({ length: release.routes }, (_, i) => [`/${i}`, seriesOf(counters, i)] as const);
        for (const [route, series] of [...routes, ['(unmatched)', seriesOfUnmatched(counters)] as const]) {
          for (const { labels, values, isInitialised } of series) {
            const all = `${podsOf({ namespace }, side)},method="GET",route="${route}"${labels && `,${labels}`}`;
            yield samples(`${name}_total{${all}}`, values, isInitialised ? counters.startedAt : undefined, from);
          }
        }
      }
    }
  }

  /** Yields the samples of a series, from the start of its pod or from its first event. */
  function samples(name: string, values: ArrayLike<number>, startedAt: number | undefined, from: number): string {
    return Array.from(values, (value, i) =>
      (startedAt === undefined ? value > 0 : i >= startedAt)
        ? `${name} ${value} ${from + (i + 1) * scrapeSeconds}\n`
        : '',
    ).join('');
  }
}

/**
 * Adds requests if a simulated route has more events than requests. The simulation draws each class separately, but a real request
 * has one status.
 */
export function withRest(release: Release): Release {
  for (const counters of [release.canary, release.stable]) {
    counters.requests.forEach((requests, route) => {
      let rest = 0;
      const fewest = answered(counters, route);
      for (const [i, events] of fewest.entries()) {
        rest = Math.max(rest, (requests[i] ?? 0) - events);
        requests[i] = events + rest;
      }
    });
  }
  return release;
}

/** A series of a counter: its labels, without the labels of pod and route, and its value at each scrape. */
interface Series {
  readonly labels: string;
  readonly values: ArrayLike<number>;
  /** Whether the series exists before it has counted anything. */
  readonly isInitialised: boolean;
}

/** Returns a series of each status but 200. */
function statusesOf(events: Counters['unmatched'] = []): readonly Series[] {
  return ANSWERS.map(({ kind, status }) => ({
    labels: `status_code="${status}"`,
    values: events[kind] ?? [],
    isInitialised: status === '500',
  }));
}

function initialised(values: ArrayLike<number> = []): Series {
  return { labels: '', values, isInitialised: true };
}

function restOf(counters: Counters, route: number): readonly number[] {
  return answered(counters, route).map((events, i) => (counters.requests[route]?.[i] ?? 0) - events);
}

/** Returns the events of all classes of responses on a route, at each scrape. */
function answered({ requests, events }: Counters, route: number): readonly number[] {
  return Array.from(requests[route] ?? [], (_, i) =>
    ANSWERS.reduce((all, { kind }) => all + (events[route]?.[kind]?.[i] ?? 0), 0),
  );
}
