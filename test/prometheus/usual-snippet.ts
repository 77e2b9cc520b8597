import type { ServerResponse } from 'node:http';
import { Counter, Histogram, Registry } from 'prom-client';

/** The usual snippet of most services, from a tutorial: a counter and a timer with labels, which change when a response finishes. */
export interface UsualSnippet {
  readonly registry: Registry;
  /** Must be called when a request arrives. */
  measure(method: string, response: ServerResponse, routeOf: () => string | undefined): void;
}

export function createUsualSnippet(): UsualSnippet {
  const registry = new Registry();
  const labelNames = ['method', 'route', 'status_code'];
  const registers = [registry];
  const requests = new Counter({ name: 'http_requests_total', help: 'Requests', labelNames, registers });
  const errors = new Counter({ name: 'http_errors_total', help: 'Errors', labelNames, registers });
  const duration = new Histogram({ name: 'http_request_duration_seconds', help: 'Duration', labelNames, registers });
  return {
    registry,
    measure(method, response, routeOf) {
      const end = duration.startTimer();
      response.on('finish', () => {
        const labels = { method, route: routeOf() ?? 'unknown', status_code: String(response.statusCode) };
        requests.inc(labels);
        if (response.statusCode >= 400) errors.inc(labels);
        end(labels);
      });
    },
  };
}
