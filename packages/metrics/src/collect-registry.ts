import type { RegistryLike } from './clients.js';
import { Family } from './family.js';
import { askForeign, type ForeignMetric, leaveOut, readForeign } from './foreign-metric.js';
import type { RegisteredMetric } from './registry.js';
import type { Slice } from './slice.js';

/** What a metric returned, or why it returned nothing. */
type Given = { readonly values: unknown } | { readonly error: unknown };

/**
 * Reads the metrics of a registry, one after the other: a metric of ours as it is, a metric of a user with its rows. A
 * user's metric is left out with a warning if it fails, takes longer than `milliseconds`, returns something that no
 * scraper could read, or has the name of another metric.
 *
 * All metrics are asked at once, so that several slow metrics take no longer than one.
 */
export async function* collectRegistry(
  registry: RegistryLike,
  milliseconds: number,
  slice: Slice,
): AsyncGenerator<Family | ForeignMetric, void, undefined> {
  const metrics = registry.getMetricsAsArray() as RegisteredMetric[];
  const given: (Promise<Given> | undefined)[] = [];
  // A family that occurs twice makes the whole exposition unreadable. Our names are known before any other metric has
  // returned.
  const names = new Set<string>();
  for (const metric of metrics) {
    if (metric instanceof Family) names.add(metric.name);
    given.push(metric instanceof Family ? undefined : ask(metric, milliseconds));
    if (slice.isOver()) await slice.next();
  }
  for (const [i, metric] of metrics.entries()) {
    if (metric instanceof Family) {
      metric.recorder.beforeCollect();
      yield metric;
      continue;
    }
    const read = await readGiven(metric, await (given[i] as Promise<Given>));
    // Its values are many, and they are no longer needed once they are rendered.
    given[i] = undefined;
    if (read !== undefined) yield read;
  }

  async function readGiven(metric: RegisteredMetric, given: Given): Promise<ForeignMetric | undefined> {
    try {
      if ('error' in given) throw given.error;
      const read = await readForeign(given.values, registry, slice);
      const taken = [read.name, ...read.strangeNames].find((name) => names.has(name));
      if (taken !== undefined) throw new Error(`another metric is named ${taken}`);
      for (const name of [read.name, ...read.strangeNames]) names.add(name);
      return read;
    } catch (error) {
      leaveOut(metric, error, registry);
      return undefined;
    }
  }
}

/** Asks a user's metric. Never rejects, because nobody may be waiting for the result yet. */
function ask(metric: RegisteredMetric, milliseconds: number): Promise<Given> {
  return askForeign(metric, milliseconds).then(
    (values) => ({ values }),
    (error: unknown) => ({ error }),
  );
}
