import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that a pod served. */
export interface Served {
  readonly status: 200 | 500 | 504;
  readonly seconds: number;
  readonly traceId: string;
}

/** An exemplar in a scrape. */
export interface Shown extends Served {
  readonly at: number;
}

/** The counters with exemplars: requests by status, failed requests, slow requests. */
type Exposed = 'counter' | 'failed' | 'slow';

/** A pod that exposes the given requests as OpenMetrics, with an exemplar for each series. */
export interface TracedPod {
  readonly port: number;
  serve(request: Served): void;
  /** The scraped exemplars, each once. */
  shown(series: Exposed): readonly Shown[];
  close(): Promise<void>;
}

const OBJECTIVE = 0.5;

/** Starts such a pod on loopback. `label` is the exemplar's label for the id of the trace, and `overdue` the number of hangs. */
export async function startTracedPod(label: string, overdue: number): Promise<TracedPod> {
  const counters = new Map(
    [200, 500, 504].map((status) => [status, { count: 0, last: undefined as Shown | undefined }]),
  );
  const [failed, slow] = [0, 0].map((count) => ({ count, last: undefined as Shown | undefined }));
  const scraped = { counter: new Set<Shown>(), failed: new Set<Shown>(), slow: new Set<Shown>() };
  let [timed, at] = [0, 0];

  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/openmetrics-text; version=1.0.0; charset=utf-8');
    response.end(rendered());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    serve(request) {
      // No two requests are at the same time, so that their order is unique.
      at = Math.max(at + 1, Date.now());
      const seen = { ...request, at: at / 1000 };
      timed += 1;
      const counted = [
        counters.get(request.status),
        ...(request.status >= 500 ? [failed] : []),
        ...(request.seconds > OBJECTIVE ? [slow] : []),
      ];
      for (const each of counted) if (each !== undefined) Object.assign(each, { count: each.count + 1, last: seen });
    },
    shown: (series) => [...scraped[series]],
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  function rendered(): string {
    const route = 'method="GET",route="/"';
    return [
      '# TYPE http_requests counter',
      ...[...counters].map(
        ([status, { count, last }]) =>
          `http_requests_total{${route},status_code="${status}"} ${count}${exemplar('counter', last)}`,
      ),
      '# TYPE http_requests_failed counter',
      `http_requests_failed_total{${route}} ${failed?.count}${exemplar('failed', failed?.last)}`,
      '# TYPE http_requests_slow counter',
      `http_requests_slow_total{${route}} ${slow?.count}${exemplar('slow', slow?.last)}`,
      '# TYPE http_requests_timed counter',
      `http_requests_timed_total{${route}} ${timed}`,
      '# TYPE http_requests_overdue gauge',
      `http_requests_overdue ${overdue}`,
      '# TYPE coalmine_objective_latency_seconds gauge',
      `coalmine_objective_latency_seconds ${OBJECTIVE}`,
      '# TYPE coalmine_pod_ready_timestamp_seconds gauge',
      'coalmine_pod_ready_timestamp_seconds 1',
      '# EOF\n',
    ].join('\n');
  }

  function exemplar(series: Exposed, last: Shown | undefined): string {
    if (last === undefined) return '';
    scraped[series].add(last);
    return ` # {${label}="${last.traceId}",span_id="00f067aa0ba902b7"} 1 ${last.at.toFixed(3)}`;
  }
}
