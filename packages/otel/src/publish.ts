import type { BatchObservableResult, Meter, MeterProvider, Observable } from '@opentelemetry/api';
import type { Instrument, Scalar } from './instruments.js';
import { isTakenOver } from './services.js';

/** The instrumentation scope of the published metrics. */
export const SCOPE = '@coalmine/otel';

/**
 * Publishes through the OpenTelemetry API, with instruments that are observed when a reader collects, so that a request
 * calls nothing. The API has no such histogram. Publishes nothing while a producer has taken over. Returns a function
 * that ends it.
 */
export function publish(instruments: readonly Instrument[], provider: MeterProvider): () => void {
  const meter = provider.getMeter(SCOPE);
  const scalars = instruments
    .filter((instrument) => instrument.kind !== 'histogram')
    .map((scalar) => ({ scalar, observable: observableOf(meter, scalar) }));
  const observables = scalars.map(({ observable }) => observable);
  meter.addBatchObservableCallback(observe, observables);
  return () => meter.removeBatchObservableCallback(observe, observables);

  function observe(result: BatchObservableResult): void {
    if (isTakenOver()) return;
    for (const { scalar, observable } of scalars) {
      for (const { value, attributes } of scalar.read()) result.observe(observable, value, attributes);
    }
  }
}

function observableOf(meter: Meter, { kind, name, description, unit }: Scalar): Observable {
  const options = { description, unit };
  switch (kind) {
    case 'counter':
      return meter.createObservableCounter(name, options);
    case 'up-down-counter':
      return meter.createObservableUpDownCounter(name, options);
    case 'gauge':
      return meter.createObservableGauge(name, options);
    default:
      return kind satisfies never;
  }
}
