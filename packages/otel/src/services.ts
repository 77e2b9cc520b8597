import type { Metrics } from '@coalmine/metrics';

/** Metrics that are published, for as many services as share them. */
interface Entry {
  services: number;
  end(): void;
}

/** The part of one service in a publication. */
export interface Publication {
  /** Publishes anew. */
  renew(): void;
  /** Ends it, once no other service shares it. */
  end(): void;
}

// Producers are made before any app is, in a file of their own, and maybe by another copy of this package.
const SERVICES = Symbol.for('coalmine.otel.services.1');

/** The metrics of every service of this process that has telemetry. */
export function published(): Iterable<Metrics> {
  return entries().keys();
}

/** Publishes metrics for one more service: anew, since a service may have brought metrics of its own. */
export function enlist(metrics: Metrics, publish: () => () => void): Publication {
  const entry = entries().get(metrics) ?? { services: 0, end: () => {} };
  entries().set(metrics, entry);
  entry.services += 1;
  renew();
  return {
    renew,
    end() {
      entry.services -= 1;
      if (entry.services > 0) return;
      entry.end();
      entries().delete(metrics);
    },
  };

  function renew(): void {
    entry.end();
    entry.end = publish();
  }
}

function entries(): Map<Metrics, Entry> {
  const shared = globalThis as { [SERVICES]?: Map<Metrics, Entry> };
  shared[SERVICES] ??= new Map();
  return shared[SERVICES];
}
