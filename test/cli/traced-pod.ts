import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that a pod served. */
export interface Served {
  readonly status: 200 | 500 | 504;
  readonly seconds: number;
  readonly traceId: string;
}

/** What stood in a scrape as an exemplar. */
export interface Shown extends Served {
  readonly at: number;
}

/** A pod that exposes what it is told that it served, as OpenMetrics with an exemplar for each series. */
export interface TracedPod {
  readonly port: number;
  serve(request: Served): void;
  /** Exemplars that were scraped, each of a counter and a bucket once. */
  shown(series: 'counter' | 'bucket'): readonly Shown[];
  close(): Promise<void>;
}

const BOUNDS = [0.1, 0.5, 1, Number.POSITIVE_INFINITY];

/** Starts one on loopback; `label` is the exemplar's label with the trace's id. */
export async function startTracedPod(label: string): Promise<TracedPod> {
  const counters = new Map(
    [200, 500, 504].map((status) => [status, { count: 0, last: undefined as Shown | undefined }]),
  );
  const buckets = BOUNDS.map((bound) => ({ bound, count: 0, last: undefined as Shown | undefined }));
  const scraped = { counter: new Set<Shown>(), bucket: new Set<Shown>() };
  let [sum, at] = [0, 0];

  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/openmetrics-text; version=1.0.0; charset=utf-8');
    response.end(rendered());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    serve(request) {
      // No two at once, so that they have one order.
      at = Math.max(at + 1, Date.now());
      const seen = { ...request, at: at / 1000 };
      sum += request.seconds;
      Object.assign(counters.get(request.status) ?? {}, {
        count: (counters.get(request.status)?.count ?? 0) + 1,
        last: seen,
      });
      const bucket = buckets.find(({ bound }) => request.seconds <= bound);
      if (bucket !== undefined) Object.assign(bucket, { count: bucket.count + 1, last: seen });
    },
    shown: (series) => [...scraped[series]],
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  function rendered(): string {
    let below = 0;
    return [
      '# TYPE http_requests counter',
      ...[...counters].map(
        ([status, { count, last }]) =>
          `http_requests_total{status_code="${status}"} ${count}${exemplar('counter', last, 1)}`,
      ),
      '# TYPE http_request_duration_seconds histogram',
      ...buckets.map(({ bound, count, last }) => {
        below += count;
        const le = bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound);
        return `http_request_duration_seconds_bucket{le="${le}"} ${below}${exemplar('bucket', last, last?.seconds)}`;
      }),
      `http_request_duration_seconds_count ${below}`,
      `http_request_duration_seconds_sum ${sum}`,
      '# TYPE http_requests_overdue gauge',
      'http_requests_overdue 20',
      '# EOF\n',
    ].join('\n');
  }

  function exemplar(series: 'counter' | 'bucket', last: Shown | undefined, value: number | undefined): string {
    if (last === undefined) return '';
    scraped[series].add(last);
    return ` # {${label}="${last.traceId}",span_id="00f067aa0ba902b7"} ${value} ${last.at.toFixed(3)}`;
  }
}
