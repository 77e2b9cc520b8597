import { createRequire } from 'node:module';
import { Registry } from 'prom-client';

const require = createRequire(import.meta.url);

/**
 * OpenTelemetry's HTTP instrumentation with its Prometheus exporter. It patches `node:http` of the whole thread, so that a
 * thread has one pod, and stands first.
 *
 * @type {Instrument}
 */
export const openTelemetry = startOpenTelemetry();

/**
 * Instrumentations that a service carries side by side, each with a registry of its own: they see the very same requests.
 *
 * @typedef {object} Instrument
 * @property {string} library
 * @property {Registry} [registry]
 * @property {import('node:http').RequestListener} [expose] where it has no registry of prom-client's
 */

/**
 * What a library is told; nothing for what it does by itself.
 *
 * @typedef {{ buckets?: number[] }} Tuning
 */

/** Paths of probes, and those that each library is scraped at. */
const NO_USERS = [
  '/readyz',
  '/livez',
  ...['coalmine', 'snippet', 'express-prom-bundle', 'fastify-metrics', 'opentelemetry'].map((library) => `/${library}`),
];

/** The objective as the libraries without one would be told it: a bucket at it. */
export const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * The usual snippet: a counter and a timer in a `finish` listener.
 *
 * @param {Tuning} tuning
 * @returns {Instrument & { begin(method: string, response: import('node:http').ServerResponse, routeOf: () => string | undefined): void }}
 */
export function snippet(tuning) {
  const { Counter, Histogram } = require('prom-client');
  const registry = new Registry();
  const labelNames = ['method', 'route', 'status_code'];
  const registers = [registry];
  const requests = new Counter({ name: 'http_requests_total', help: 'Requests', labelNames, registers });
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Duration',
    labelNames,
    ...tuning,
    registers,
  });
  return {
    library: 'snippet',
    registry,
    begin(method, response, routeOf) {
      const end = duration.startTimer();
      response.on('finish', () => {
        const labels = { method, route: routeOf() ?? 'unknown', status_code: String(response.statusCode) };
        requests.inc(labels);
        end(labels);
      });
    },
  };
}

/**
 * express-prom-bundle, set up as its README advises: method, path and status as labels, ids in paths normalised.
 *
 * @param {Tuning} tuning
 * @returns {Instrument & { middleware: import('express').RequestHandler }}
 */
export function promBundle(tuning) {
  const bundle = require('express-prom-bundle');
  const registry = new Registry();
  const middleware = bundle({
    includeMethod: true,
    includePath: true,
    autoregister: false,
    promRegistry: registry,
    ...tuning,
  });
  return { library: 'express-prom-bundle', registry, middleware };
}

/**
 * fastify-metrics, as its README has it.
 *
 * @param {import('fastify').FastifyInstance} app
 * @param {Tuning} tuning
 * @returns {Promise<Instrument>}
 */
export async function fastifyMetrics(app, tuning) {
  const { default: plugin } = require('fastify-metrics');
  const registry = new Registry();
  await app.register(plugin, {
    endpoint: null,
    promClient: null,
    defaultMetrics: { enabled: false },
    routeMetrics: {
      overrides: { histogram: { registers: [registry], ...tuning }, summary: { registers: [registry] } },
    },
  });
  return { library: 'fastify-metrics', registry };
}

/** @returns {Instrument} */
function startOpenTelemetry() {
  // The names of the stable conventions, as its documents advise.
  process.env.OTEL_SEMCONV_STABILITY_OPT_IN = 'http';
  const { PrometheusExporter } = require('@opentelemetry/exporter-prometheus');
  const { MeterProvider } = require('@opentelemetry/sdk-metrics');
  const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const meterProvider = new MeterProvider({ readers: [exporter] });
  const instrumentation = new HttpInstrumentation({
    // Its label for the route stays empty without a second instrumentation, so that probes and scrapes are best left out
    // here.
    ignoreIncomingRequestHook: ({ url }) => NO_USERS.includes(url ?? ''),
  });
  instrumentation.setMeterProvider(meterProvider);
  instrumentation.enable();
  require('node:http');
  return {
    library: 'opentelemetry',
    expose: (request, response) => exporter.getMetricsRequestHandler(request, response),
  };
}
