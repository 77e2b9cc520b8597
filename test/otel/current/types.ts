// The code in test/packed fits the types of the last SDK for Node 20. This code fits the types of the current SDK.
import { createMetricProducer, otel, rolloutDetector } from '@coalmine/otel';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';

const reader = new PeriodicExportingMetricReader({
  exporter: new InMemoryMetricExporter(AggregationTemporality.DELTA),
  metricProducers: [createMetricProducer(), createMetricProducer({ temporality: 'delta' })],
});
new NodeSDK({ metricReaders: [reader], resourceDetectors: [rolloutDetector()] });
otel({ meterProvider: new MeterProvider({ readers: [reader] }) });
