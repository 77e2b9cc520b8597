import { Counter, Histogram, Registry } from 'prom-client';

const labelNames = ['method', 'route', 'status_code'];

/** Adds what most services have: a timer and two counters on `finish`, and no filter. */
export function snippet(app) {
  const registry = new Registry();
  const registers = [registry];
  const duration = new Histogram({ name: 'http_request_duration_seconds', help: 'Seconds', labelNames, registers });
  const requests = new Counter({ name: 'http_requests_total', help: 'Requests', labelNames, registers });
  const errors = new Counter({ name: 'http_errors_total', help: 'Errors', labelNames, registers });

  app.addHook('onRequest', (request, reply, done) => {
    const end = duration.startTimer();
    reply.raw.on('finish', () => {
      const labels = {
        method: request.method,
        route: request.routeOptions.url,
        status_code: reply.raw.statusCode,
      };
      end(labels);
      requests.inc(labels);
      if (reply.raw.statusCode >= 400) errors.inc(labels);
    });
    done();
  });

  app.get('/snippet-metrics', { config: { coalmine: false } }, async (_request, reply) => {
    reply.type(registry.contentType);
    return registry.metrics();
  });
}
