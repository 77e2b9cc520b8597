// OpenTelemetry as an app has it, loaded before the app: `node --import ./telemetry.mjs server.js`. Where everything goes
// and what is sampled, the environment says: OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_SAMPLER, OTEL_SERVICE_NAME.
import { createMetricProducer, rolloutDetector } from '@coalmine/otel';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { envDetector, hostDetector, processDetector } from '@opentelemetry/resources';
import { AggregationType, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';

const sdk = new NodeSDK({
  // Which pod of which release; what the environment says of the resource comes later, and has the last word.
  resourceDetectors: [rolloutDetector(), envDetector, processDetector, hostDetector],
  instrumentations: [
    // Probes and scrapes make no traces.
    new HttpInstrumentation({
      ignoreIncomingRequestHook: ({ url }) => /^\/(?:metrics|livez|readyz|startupz)$/.test(url),
    }),
  ],
  traceExporter: new OTLPTraceExporter(),
  metricReaders: [
    new PeriodicExportingMetricReader({
      exporter: new OTLPMetricExporter(),
      // Coalmine's numbers, read when they are collected.
      metricProducers: [createMetricProducer()],
      exportIntervalMillis: 2_000,
      exportTimeoutMillis: 1_000,
    }),
  ],
  views: [
    // The instrumentation has an `http.server.request.duration` of its own: of all requests, and blind to a hang. Beside
    // ours of the same name it would be added to it. A view changes what meters record, never what a producer brings.
    {
      meterName: '@opentelemetry/instrumentation-http',
      instrumentName: 'http.server.*',
      aggregation: { type: AggregationType.DROP },
    },
  ],
});
sdk.start();

// At SIGTERM Coalmine lets the service finish and then calls this listener, which sends the last spans. That nobody takes them is
// no failure of the service.
process.once('SIGTERM', async () => {
  await sdk.shutdown().catch(({ message }) => console.warn(`telemetry is lost: ${message}`));
  process.kill(process.pid, 'SIGTERM');
});
