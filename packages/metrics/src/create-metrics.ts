import { CoalmineError, InvalidOption, messageOf, warn } from '@coalmine/options';
import type { RegistryLike } from './clients.js';
import { createFamilies } from './families.js';
import type { Family } from './family.js';
import { watchFirstRequest } from './first-request.js';
import { guardNames } from './guard-names.js';
import type { Metrics } from './metrics.js';
import { type MetricsOptions, parseMetricsOptions } from './metrics-options.js';
import { OwnedSet } from './owned-set.js';
import { Reading, withoutLabels } from './reading.js';
import { Recorder, type RecorderSettings } from './recorder.js';
import { parseRegistry } from './registry.js';
import { findShared, isOurs, listAgreed, type Shared, share } from './shared-metrics.js';

/**
 * Creates the metrics and registers them. On a registry that has Coalmine's metrics already, returns those.
 *
 * Throws {@link CoalmineError}: `COALMINE_INVALID_OPTION`; `COALMINE_NO_CLIENT`; `COALMINE_METRIC_EXISTS` if the
 * registry has a metric of somebody else with the same name; `COALMINE_METRICS_DIFFER` if it has Coalmine's metrics
 * with other options.
 */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  const settings = parseMetricsOptions(options);
  const registry = parseRegistry(options.registry);
  const agreed = listAgreed(settings);
  const shared = findShared(registry);
  if (shared === undefined) return register(registry, settings, agreed);
  const differing = Object.keys(agreed).filter((option) => shared.agreed[option] !== agreed[option]);
  if (differing.length > 0) {
    const differences = differing.map((option) => `${option} ${agreed[option]} instead of ${shared.agreed[option]}`);
    throw new CoalmineError(
      'COALMINE_METRICS_DIFFER',
      `The registry holds Coalmine metrics already, and these ask for ${differences.join(', ')}: use the same options, or another \`registry\``,
    );
  }
  return shared.metrics;
}

function register(registry: RegistryLike, settings: RecorderSettings, agreed: Shared['agreed']): Metrics {
  const recorder = new Recorder(settings);
  const families = createFamilies(recorder);
  const hooks = new OwnedSet<(metrics: Metrics) => void>();
  recorder.beforeCollect = () => {
    for (const hook of hooks) run(hook);
  };
  const metrics: Metrics = {
    registry,
    objective: settings.objective,
    bounds: settings.bounds,
    now: settings.now,
    route: (method, pattern, objective) => recorder.route(method, pattern, objective),
    record: (route, status, seconds, exchange) => recorder.record(route, status, seconds, exchange),
    refuse: (route, status, exchange) => recorder.refuse(route, status, exchange),
    begin: (exchange) => {
      recorder.inFlight.add(exchange);
      return exchange;
    },
    end: (exchange, status, seconds) => {
      if (recorder.inFlight.remove(exchange)) recorder.record(exchange.route, status, seconds, exchange);
    },
    drop: (exchange) => {
      recorder.inFlight.remove(exchange);
    },
    exclude: (reason, status, seconds) => recorder.exclusions.exclude(reason, status, seconds),
    withhold: (reason, seconds) => recorder.exclusions.withhold(reason, seconds),
    rejectClaim: (reason) => recorder.exclusions.reject(reason),
    declare: ({ excluded = [], rejected = [] }) => {
      for (const reason of excluded) recorder.exclusions.declareExcluded(reason);
      for (const reason of rejected) recorder.exclusions.declareRejected(reason);
    },
    reading: (name, help, aggregator, read, owner) =>
      metrics.readings(name, help, aggregator, withoutLabels(read), owner),
    readings: (name, help, aggregator, read, owner) =>
      readingOf(name, () => new Reading(recorder, name, help, 'gauge', aggregator)).from(read, owner),
    totals: (name, help, read, owner) =>
      readingOf(name, () => new Reading(recorder, name, help, 'counter', 'sum', 'max')).from(read, owner),
    inFlight: () => recorder.inFlight,
    routes: () => {
      recorder.beforeCollect();
      return recorder.routes;
    },
    withheld: () => recorder.exclusions.durations(),
    families: () => families,
    labels: settings.labels,
    names: settings.names,
    beforeCollect: (hook, owner) => {
      if (typeof hook !== 'function') throw new InvalidOption('the argument of beforeCollect()', 'a function', hook);
      hooks.add(hook, owner);
    },
    attach: () => attach(registry, families),
  };
  const shared: Shared = { metrics, agreed };
  for (const family of families) share(family, shared);
  metrics.attach();
  guardNames(registry, isOurs);
  watchFirstRequest();
  return metrics;

  /** Returns the reading of that name, and creates it if there is none. */
  function readingOf(name: string, create: () => Reading): Reading {
    const known = families.find((family) => family.name === name);
    if (known instanceof Reading) return known;
    const added = create();
    attach(registry, [share(added, shared)]);
    families.push(added);
    return added;
  }

  function run(hook: (metrics: Metrics) => void): void {
    try {
      hook(metrics);
    } catch (error) {
      warn('COALMINE_COLLECT_FAILED', `A hook of beforeCollect failed: ${messageOf(error)}`, hook);
    }
  }
}

function attach(registry: RegistryLike, families: readonly Family[]): void {
  const absent = families.filter((family) => registry.getSingleMetric(family.name) !== family);
  const taken = absent.find((family) => registry.getSingleMetric(family.name) !== undefined);
  if (taken !== undefined) {
    throw new CoalmineError(
      'COALMINE_METRIC_EXISTS',
      `The registry already holds a metric named ${taken.name} that Coalmine did not register: remove it, rename Coalmine's metric with \`names\`, or pass another \`registry\``,
    );
  }
  for (const family of absent) registry.registerMetric(family as never);
}
