import type { RegistryLike } from './clients.js';
import { OBJECTIVE_NAME } from './families.js';
import type { Family } from './family.js';
import type { Metrics } from './metrics.js';
import type { RecorderSettings } from './recorder.js';

// Another app, or another copy of this package, finds our metrics on the same registry by this key.
const SHARED: unique symbol = Symbol.for('coalmine.metrics.1') as never;

/** The metrics of a registry, which all apps share that use the registry. */
export interface Shared {
  readonly metrics: Metrics;
  /** By option, as JSON: the options that two users of the same metrics must agree on. */
  readonly agreed: Readonly<Record<string, string>>;
}

/** Returns the options that must be the same wherever the metrics are asked for again. */
export function listAgreed(settings: RecorderSettings): Shared['agreed'] {
  const { names, labels, bounds, objective, maxRoutes, durationStatus, created } = settings;
  const options = { names, labels, buckets: bounds, objective, maxRoutes, durationStatus, created };
  return Object.fromEntries(Object.entries(options).map(([option, value]) => [option, JSON.stringify(value)]));
}

/** Returns the metrics that a registry has already. */
export function findShared(registry: RegistryLike): Shared | undefined {
  const metric = registry.getSingleMetric(OBJECTIVE_NAME);
  return isOurs(metric) ? metric[SHARED] : undefined;
}

/** Whether Coalmine has registered a metric. */
export function isOurs(metric: unknown): metric is { readonly [SHARED]: Shared } {
  return typeof metric === 'object' && metric !== null && SHARED in metric;
}

/** Lets others find the metrics by one of their families. */
export function share(family: Family, shared: Shared): Family {
  return Object.defineProperty(family, SHARED, { value: shared });
}
