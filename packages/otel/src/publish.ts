import type { MetricFamily, Metrics } from '@coalmine/metrics';
import type { Attributes, BatchObservableResult, MeterProvider, Observable } from '@opentelemetry/api';
import { ATTRIBUTES } from './attributes.js';
import { pointsOf, varying } from './points.js';
import { otelNameOf, SCOPE } from './scope.js';

/**
 * Publishes all but the histograms through the OpenTelemetry API: instruments that are observed when a reader collects, so
 * that a request calls nothing. Answers what ends it. (The API has no histogram that can be observed; see
 * {@link createMetricProducer}.)
 */
export function publish(metrics: Metrics, provider: MeterProvider): () => void {
  const meter = provider.getMeter(SCOPE);
  const { names } = metrics;
  const requests = meter.createObservableCounter('http.server.requests', {
    description: 'HTTP requests of users',
    unit: '{request}',
  });
  const errors = meter.createObservableCounter('http.server.errors', {
    description: 'HTTP requests of users that were answered with a status of 400 or above',
    unit: '{request}',
  });
  const active = meter.createObservableUpDownCounter('http.server.active_requests', {
    description: 'HTTP requests of users that have begun and not ended',
    unit: '{request}',
  });
  const mapped: readonly string[] = [names.requests, names.errors, names.inFlight];
  const others = metrics
    .families()
    .filter(({ name, type }) => type !== 'histogram' && !mapped.includes(name))
    .map((family) => ({ family, instrument: instrumentOf(family) }));
  const methods = new Map<string, Attributes>();
  const observables: Observable[] = [requests, errors, active, ...others.map(({ instrument }) => instrument)];
  meter.addBatchObservableCallback(observe, observables);
  return () => meter.removeBatchObservableCallback(observe, observables);

  function instrumentOf({ name: ours, help, type }: MetricFamily): Observable {
    if (ours === names.overdue) {
      return meter.createObservableUpDownCounter('http.server.overdue_requests', {
        description: help,
        unit: '{request}',
      });
    }
    const { name, unit } = otelNameOf(ours);
    const options = { description: help, unit };
    return type === 'counter'
      ? meter.createObservableCounter(name, options)
      : meter.createObservableGauge(name, options);
  }

  function observe(result: BatchObservableResult): void {
    for (const { attributes, status, requests: count } of pointsOf(metrics)) {
      result.observe(requests, count, attributes);
      if (status >= 400) result.observe(errors, count, attributes);
    }
    for (const [attributes, count] of activeByMethod()) result.observe(active, count, attributes);
    for (const { family, instrument } of others) {
      for (const { value, labels } of family.get().values)
        result.observe(instrument, value, varying(labels, metrics.labels));
    }
  }

  /** In flight by method and scheme; those that have been are 0 now, and not gone. */
  function activeByMethod(): ReadonlyMap<Attributes, number> {
    const counts = new Map([...methods.values()].map((attributes) => [attributes, 0]));
    for (const { route, protocol } of metrics.inFlight()) {
      const attributes = methodAttributes(route.method, protocol?.scheme ?? 'http');
      counts.set(attributes, (counts.get(attributes) ?? 0) + 1);
    }
    return counts;
  }

  function methodAttributes(method: string, scheme: string): Attributes {
    const key = `${method} ${scheme}`;
    const known = methods.get(key);
    if (known !== undefined) return known;
    const attributes = { [ATTRIBUTES.method]: method, [ATTRIBUTES.scheme]: scheme };
    methods.set(key, attributes);
    return attributes;
  }
}
