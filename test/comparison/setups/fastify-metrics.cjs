const { default: fastifyMetrics } = require('fastify-metrics');

exports.setUp = async (app) => {
  await app.register(fastifyMetrics, { endpoint: '/metrics' });
};
