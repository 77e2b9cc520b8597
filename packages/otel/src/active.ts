import type { Metrics } from '@coalmine/metrics';
import type { Attributes } from '@opentelemetry/api';
import { ATTRIBUTES } from './attributes.js';
import type { ScalarPoint } from './points.js';
import { sameAttributes } from './same-attributes.js';

/**
 * Returns a function that reads how many requests are in flight, by method and scheme. A combination that has been in
 * flight is 0 later, and does not disappear. Source: OpenTelemetry semantic conventions, `http.server.active_requests`.
 */
export function activeByMethod(metrics: Metrics): () => readonly ScalarPoint[] {
  const counts = new Map<Attributes, number>();
  return () => {
    for (const attributes of counts.keys()) counts.set(attributes, 0);
    for (const { route, protocol } of metrics.inFlight()) {
      const attributes = sameAttributes(metrics, {
        [ATTRIBUTES.method]: route.method,
        [ATTRIBUTES.scheme]: protocol?.scheme ?? 'http',
      });
      counts.set(attributes, (counts.get(attributes) ?? 0) + 1);
    }
    return Array.from(counts, ([attributes, value]) => ({ attributes, value }));
  };
}
