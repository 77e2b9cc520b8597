const { Counter, Histogram, register } = require('prom-client');

exports.setUp = (app) => {
  const labelNames = ['method', 'route', 'status_code'];
  const requests = new Counter({ name: 'http_requests_total', help: 'Requests', labelNames });
  const duration = new Histogram({ name: 'http_request_duration_seconds', help: 'Durations', labelNames });
  app.use((request, response, next) => {
    const end = duration.startTimer();
    response.on('finish', () => {
      const labels = { method: request.method, route: request.route?.path, status_code: response.statusCode };
      requests.inc(labels);
      end(labels);
    });
    next();
  });
  app.get('/metrics', async (_request, response) => {
    response.type(register.contentType).send(await register.metrics());
  });
};
