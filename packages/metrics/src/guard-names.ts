import { CoalmineError } from '@coalmine/options';
import type { RegistryLike } from './clients.js';
import type { RegisteredMetric } from './registry.js';

const GUARDED = Symbol.for('coalmine.guarded.1');

/**
 * Makes a registry name Coalmine when other code registers a metric under a name of ours, such as a library that
 * Coalmine replaces. The client itself says only that the name is taken. The registry refuses the same metrics as
 * before.
 */
export function guardNames(registry: RegistryLike, isOurs: (metric: unknown) => boolean): void {
  if (Object.hasOwn(registry, GUARDED) || !Object.isExtensible(registry)) return;
  const original = registry.registerMetric as (this: RegistryLike, metric: RegisteredMetric) => void;
  Object.defineProperty(registry, GUARDED, { value: true });
  Object.defineProperty(registry, 'registerMetric', {
    configurable: true,
    writable: true,
    value: function registerMetric(this: RegistryLike, metric: RegisteredMetric): void {
      const present = this.getSingleMetric(String(metric?.name));
      if (present !== metric && isOurs(present))
        throw new CoalmineError('COALMINE_METRIC_EXISTS', describeTaken(metric));
      original.call(this, metric);
    },
  });
}

function describeTaken({ name }: RegisteredMetric): string {
  return `Coalmine has registered ${name} already: remove the code that registers it again, rename Coalmine's metric with \`metrics.names\`, or give one of the two a \`registry\` of its own`;
}
