import { Counter, Histogram } from 'prom-client';

/** Adds the usual prom-client snippet to a Fastify app. */
export function addToFastify(app, options) {
  const { duration, requests } = createMetrics(options);
  app.addHook('onRequest', (request, _reply, done) => {
    request.endTimer = duration.startTimer();
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const labels = { method: request.method, route: request.routeOptions.url, status_code: reply.statusCode };
    request.endTimer(labels);
    requests.inc(labels);
    done();
  });
}

/** Adds the usual prom-client snippet to an Express app. */
export function addToExpress(app, options) {
  const { duration, requests } = createMetrics(options);
  app.use((request, response, next) => {
    const end = duration.startTimer();
    response.on('finish', () => {
      const labels = { method: request.method, route: request.route?.path, status_code: response.statusCode };
      end(labels);
      requests.inc(labels);
    });
    next();
  });
}

/**
 * @param {object} options
 * @param {import('prom-client').Registry} options.registry
 * @param {number[]} [options.buckets] in seconds; the buckets of prom-client by default
 */
function createMetrics({ registry, ...buckets }) {
  const labelNames = ['method', 'route', 'status_code'];
  const registers = [registry];
  return {
    duration: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Seconds',
      labelNames,
      registers,
      ...buckets,
    }),
    requests: new Counter({ name: 'http_requests_total', help: 'Requests', labelNames, registers }),
  };
}
