import type { Metrics } from '@coalmine/metrics';
import { type Instrument, instrumentsOf } from './instruments.js';

/** The metrics of one registry, published for all services that share them. */
interface Entry {
  services: number;
  instruments: readonly Instrument[];
  /** Ends their publication through the API. */
  end(): void;
}

/** The part of one service in the published metrics. */
export interface Publication {
  /** Publishes again. */
  renew(): void;
  /** Ends the publication, once no other service shares it. */
  end(): void;
}

// A producer is created before any app, in a file of its own, and maybe by another copy of this package.
const SHARED = Symbol.for('coalmine.otel.1');

interface Shared {
  readonly entries: Map<Metrics, Entry>;
  /** For each producer, as long as a reader has it: what it has not collected since its services ended. */
  readonly producers: Set<WeakRef<Map<Metrics, readonly Instrument[]>>>;
}

/**
 * Makes a producer take over: from now on nothing is published through the API. Returns a function that returns
 * everything that is published, by service. A service that has ended is read once more, because an SDK that is shut
 * down after it still sends its last requests.
 */
export function takeOver(): () => readonly (readonly Instrument[])[] {
  const { entries, producers } = getShared();
  const ended = new Map<Metrics, readonly Instrument[]>();
  producers.add(new WeakRef(ended));
  return () => {
    const last = [...ended.values()];
    ended.clear();
    return [...Array.from(entries.values(), ({ instruments }) => instruments), ...last];
  };
}

export function isTakenOver(): boolean {
  return producersAlive().length > 0;
}

/** Publishes metrics for one more service, again from the start, because the service may have added metrics. */
export function enlist(metrics: Metrics, publish: (instruments: readonly Instrument[]) => () => void): Publication {
  const { entries } = getShared();
  const entry = entries.get(metrics) ?? { services: 0, instruments: [], end: () => {} };
  entries.set(metrics, entry);
  for (const ended of producersAlive()) ended.delete(metrics);
  entry.services += 1;
  let hasEnded = false;
  renew();
  return {
    renew,
    end() {
      if (hasEnded) return;
      hasEnded = true;
      entry.services -= 1;
      if (entry.services > 0) return;
      entry.end();
      entries.delete(metrics);
      for (const ended of producersAlive()) ended.set(metrics, entry.instruments);
    },
  };

  function renew(): void {
    if (hasEnded) return;
    entry.end();
    entry.instruments = instrumentsOf(metrics);
    entry.end = publish(entry.instruments);
  }
}

function producersAlive(): readonly Map<Metrics, readonly Instrument[]>[] {
  const { producers } = getShared();
  return [...producers].flatMap((producer) => {
    const ended = producer.deref();
    if (ended === undefined) producers.delete(producer);
    return ended ?? [];
  });
}

function getShared(): Shared {
  const holder = globalThis as { [SHARED]?: Shared };
  holder[SHARED] ??= { entries: new Map(), producers: new Set() };
  return holder[SHARED];
}
