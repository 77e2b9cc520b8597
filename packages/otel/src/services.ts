import type { Metrics } from '@coalmine/metrics';
import { type Instrument, instrumentsOf } from './instruments.js';

/** The metrics of one registry, published for as many services as share them. */
interface Entry {
  services: number;
  instruments: readonly Instrument[];
  /** Ends what the API has of them. */
  end(): void;
}

/** The part of one service in what is published. */
export interface Publication {
  /** Publishes anew. */
  renew(): void;
  /** Ends it, once no other service shares it. */
  end(): void;
}

// A producer is made before any app is, in a file of its own, and maybe by another copy of this package.
const SHARED = Symbol.for('coalmine.otel.1');

interface Shared {
  readonly entries: Map<Metrics, Entry>;
  hasProducer: boolean;
}

/** What is published, by service. */
export function published(): readonly (readonly Instrument[])[] {
  return Array.from(shared().entries.values(), ({ instruments }) => instruments);
}

/** Has a producer take over: from now on the API is told nothing. */
export function takeOver(): void {
  shared().hasProducer = true;
}

export function isTakenOver(): boolean {
  return shared().hasProducer;
}

/** Publishes metrics for one more service: anew, since it may have brought metrics of its own. */
export function enlist(metrics: Metrics, publish: (instruments: readonly Instrument[]) => () => void): Publication {
  const { entries } = shared();
  const entry = entries.get(metrics) ?? { services: 0, instruments: [], end: () => {} };
  entries.set(metrics, entry);
  entry.services += 1;
  renew();
  return {
    renew,
    end() {
      entry.services -= 1;
      if (entry.services > 0) return;
      entry.end();
      entries.delete(metrics);
    },
  };

  function renew(): void {
    entry.end();
    entry.instruments = instrumentsOf(metrics);
    entry.end = publish(entry.instruments);
  }
}

function shared(): Shared {
  const holder = globalThis as { [SHARED]?: Shared };
  holder[SHARED] ??= { entries: new Map(), hasProducer: false };
  return holder[SHARED];
}
