import { createRequire } from 'node:module';
import { coalmine as coalmineExpress } from '@coalmine/express';
import coalmineFastify from '@coalmine/fastify';
import { Registry, register } from 'prom-client';
import { addToExpress, addToFastify } from '../usual-snippet.js';

const require = createRequire(import.meta.url);

const DURATION_OF_OPENTELEMETRY = 'http.server.request.duration';
const OPENTELEMETRY = '../../comparison/setups/opentelemetry.cjs';

/** Loads OpenTelemetry before a framework, because OpenTelemetry instruments only modules that are loaded later. */
export function loadFirst(contender) {
  if (contender === 'OpenTelemetry') require(OPENTELEMETRY);
}

// A setup as users have it: each kind of filter has a rule, and there are checks.
const coalmineOptions = (registry) => ({
  registry,
  warmup: { minSeconds: 0.1 },
  traffic: {
    exclude: {
      routes: ['/internal/jobs'],
      signed: { keys: { monitor: 'a secret that is long enough for a key' } },
      trusted: { cidrs: ['10.0.0.0/8', '192.168.0.0/16'], userAgents: ['kube-probe'] },
    },
  },
  health: { checks: { disk: () => true } },
  metrics: { defaultMetrics: false },
});

/**
 * The instrumentations of an app, by framework. Each returns a function that returns the number of counted requests since the start.
 *
 * @type {Record<'express' | 'fastify', Record<string, (app: any) => Promise<() => Promise<number>> | (() => Promise<number>)>>}
 */
export const CONTENDERS = {
  express: {
    bare: () => async () => 0,
    'empty hook': (app) => {
      app.use((_request, response, next) => {
        response.on('close', nothing);
        next();
      });
      return async () => 0;
    },
    'typed-array counter': (app) => {
      const cells = new Float64Array(600);
      function onClose() {
        cells[this.statusCode]++;
      }
      app.use((_request, response, next) => {
        response.on('close', onClose);
        next();
      });
      return async () => cells.reduce((sum, count) => sum + count, 0);
    },
    Coalmine: (app) => {
      const registry = new Registry();
      app.use(coalmineExpress(coalmineOptions(registry)));
      return () => sumOf(registry, 'http_requests_total');
    },
    'prom-client snippet': (app) => {
      const registry = new Registry();
      addToExpress(app, { registry });
      return () => sumOf(registry, 'http_requests_total');
    },
    'express-prom-bundle': (app) => {
      const promRegistry = new Registry();
      const bundle = require('express-prom-bundle');
      app.use(bundle({ includeMethod: true, includePath: true, autoregister: false, promRegistry }));
      return () => sumOf(promRegistry, 'http_request_duration_seconds', '_count');
    },
    'prometheus-api-metrics': (app) => {
      app.use(require('prometheus-api-metrics')());
      return () => sumOf(register, 'http_request_duration_seconds', '_count');
    },
    OpenTelemetry: (app) => {
      const { setUp, exporter } = require(OPENTELEMETRY);
      setUp(app);
      return async () => {
        const { resourceMetrics } = await exporter.collect();
        const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
        const durations = metrics.find(({ descriptor }) => descriptor.name === DURATION_OF_OPENTELEMETRY);
        return (durations?.dataPoints ?? []).reduce((sum, { value }) => sum + value.count, 0);
      };
    },
  },
  fastify: {
    bare: () => async () => 0,
    'empty hook': (app) => {
      app.addHook('onRequest', (_request, _reply, done) => done());
      app.addHook('onResponse', (_request, _reply, done) => done());
      return async () => 0;
    },
    'typed-array counter': (app) => {
      const cells = new Float64Array(600);
      app.addHook('onRequest', (_request, _reply, done) => done());
      app.addHook('onResponse', (_request, reply, done) => {
        cells[reply.statusCode]++;
        done();
      });
      return async () => cells.reduce((sum, count) => sum + count, 0);
    },
    Coalmine: async (app) => {
      const registry = new Registry();
      await app.register(coalmineFastify, coalmineOptions(registry));
      return () => sumOf(registry, 'http_requests_total');
    },
    'prom-client snippet': (app) => {
      const registry = new Registry();
      addToFastify(app, { registry });
      return () => sumOf(registry, 'http_requests_total');
    },
    'fastify-metrics': async (app) => {
      const registry = new Registry();
      const registers = [registry];
      const { default: plugin } = require('fastify-metrics');
      await app.register(plugin, {
        endpoint: null,
        defaultMetrics: { enabled: false },
        routeMetrics: { overrides: { histogram: { registers }, summary: { registers } } },
      });
      return () => sumOf(registry, 'http_request_duration_seconds', '_count');
    },
  },
};

function nothing() {}

async function sumOf(registry, name, suffix = '') {
  const metrics = await registry.getMetricsAsJSON();
  const values = metrics.find((metric) => metric.name === name)?.values ?? [];
  return values
    .filter(({ metricName = name }) => metricName === name + suffix)
    .reduce((sum, { value }) => sum + value, 0);
}
