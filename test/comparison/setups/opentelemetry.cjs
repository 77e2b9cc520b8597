const { PrometheusExporter } = require('@opentelemetry/exporter-prometheus');
const { ExpressInstrumentation } = require('@opentelemetry/instrumentation-express');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { NodeSDK } = require('@opentelemetry/sdk-node');

const exporter = new PrometheusExporter({ preventServerStart: true });
const instrumentations = [new HttpInstrumentation(), new ExpressInstrumentation()];
const sdk = new NodeSDK({ metricReaders: [exporter], instrumentations, traceExporter: null });
sdk.start();

exports.exporter = exporter;
exports.setUp = (app) => {
  app.get('/metrics', (request, response) => exporter.getMetricsRequestHandler(request, response));
};
