import { createRequire } from 'node:module';
import { Registry } from 'prom-client';

const require = createRequire(import.meta.url);

/**
 * The instrumentations of a service, each with its own registry. All of them see the same requests.
 *
 * @typedef {object} Instrument
 * @property {string} library
 * @property {Registry} [registry]
 * @property {import('node:http').RequestListener} [expose] responds to scrapes, if the library has no registry of prom-client
 */

/**
 * The settings of a library. Settings that are left out keep their defaults.
 *
 * @typedef {{ buckets?: number[] }} Tuning
 */

/** The paths of probes, and the paths at which each library is scraped. */
const NO_USERS = [
  '/readyz',
  '/livez',
  ...['coalmine', 'snippet', 'express-prom-bundle', 'fastify-metrics', 'opentelemetry'].map((library) => `/${library}`),
];

/** The buckets for libraries without an objective: one bucket ends at the objective of the suite. */
export const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Returns the usual snippet: a counter and a timer in a `finish` listener.
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
 * Returns express-prom-bundle with the setup that its README recommends: labels for method, path and status, and normalised ids.
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
 * Registers fastify-metrics with the setup of its README.
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

/** @type {Instrument | undefined} */
let started;

/**
 * Starts OpenTelemetry's HTTP instrumentation with its Prometheus exporter, once. It patches `node:http` of the whole thread, so it is
 * the first instrumentation, and a thread has only one pod.
 */
export function useOpenTelemetry() {
  started ??= startOpenTelemetry();
  return started;
}

/** @returns {Instrument} */
function startOpenTelemetry() {
  // Uses the names of the stable conventions, as the documentation recommends.
  process.env.OTEL_SEMCONV_STABILITY_OPT_IN = 'http';
  const { PrometheusExporter } = require('@opentelemetry/exporter-prometheus');
  const { MeterProvider } = require('@opentelemetry/sdk-metrics');
  const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const meterProvider = new MeterProvider({ readers: [exporter] });
  const instrumentation = new HttpInstrumentation({
    // Excludes probes and scrapes here, because the label for the route stays empty without a second instrumentation.
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
