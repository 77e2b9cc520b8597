// Starts OpenTelemetry, before the app: `node --import ./telemetry.mjs server.js`. The environment says where to send telemetry,
// what to sample and how the service is called: OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_SAMPLER, OTEL_SERVICE_NAME.
import { createMetricProducer, rolloutDetector } from '@coalmine/otel';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { envDetector, hostDetector, processDetector } from '@opentelemetry/resources';
import { AggregationType, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';

const sdk = new NodeSDK({
  // rolloutDetector() adds the pod and the release. The environment can override it, because its detector comes later.
  resourceDetectors: [rolloutDetector(), envDetector, processDetector, hostDetector],
  instrumentations: [
    // Probes and scrapes start no traces.
    new HttpInstrumentation({
      ignoreIncomingRequestHook: ({ url }) => /^\/(?:metrics|livez|readyz|startupz)$/.test(url),
    }),
  ],
  traceExporter: new OTLPTraceExporter(),
  metricReaders: [
    new PeriodicExportingMetricReader({
      exporter: new OTLPMetricExporter(),
      // Coalmine's numbers, which the producer reads at each collection.
      metricProducers: [createMetricProducer()],
      exportIntervalMillis: 2_000,
      exportTimeoutMillis: 1_000,
    }),
  ],
  views: [
    // The instrumentation has its own `http.server.request.duration`, which includes all requests and misses hangs. A backend
    // would add it to Coalmine's metric of the same name. A view changes what meters record, never what a producer returns.
    {
      meterName: '@opentelemetry/instrumentation-http',
      instrumentName: 'http.server.*',
      aggregation: { type: AggregationType.DROP },
    },
  ],
});
sdk.start();

// At SIGTERM Coalmine drains the service and then calls this listener, which sends the last spans. It is no failure of the
// service if nobody receives them.
process.once('SIGTERM', async () => {
  await sdk.shutdown().catch(({ message }) => console.warn(`telemetry is lost: ${message}`));
  process.kill(process.pid, 'SIGTERM');
});
