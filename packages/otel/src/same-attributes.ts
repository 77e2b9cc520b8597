import type { Metrics } from '@coalmine/metrics';
import type { Attributes } from '@opentelemetry/api';

const known = new WeakMap<Metrics, Map<string, Attributes>>();

/**
 * Returns the same object for the same attributes, as long as the metrics live, so that reported values can be kept by
 * it.
 */
export function sameAttributes(metrics: Metrics, attributes: Attributes): Attributes {
  const key = JSON.stringify(attributes);
  const all = known.get(metrics) ?? new Map<string, Attributes>();
  known.set(metrics, all);
  const same = all.get(key) ?? attributes;
  all.set(key, same);
  return same;
}
