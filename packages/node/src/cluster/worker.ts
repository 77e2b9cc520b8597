import { lastWords, type RegistryLike, snapshotRegistry } from '@coalmine/metrics';
import { type Answer, type Question, unwrap, wrap } from './message.js';

/**
 * How long one metric may take. The primary waits a little longer, so that a slow metric is missing alone, and not the
 * whole worker.
 */
export const COLLECT_MILLISECONDS = 1_500;
// The primary may be busy. If it asks for no more, the rest of the snapshot is sent anyway, because the primary waits for
// the end.
const MORE_MILLISECONDS = 2_000;

interface Shared {
  /** The registries of this process, by number. */
  readonly registries: Map<number, RegistryLike>;
  next: number;
}

// One listener for all apps of a process, and for every copy of this package.
const SHARED = Symbol.for('coalmine.cluster.1');

/** Sends the numbers of a registry to the primary whenever the primary asks. Returns a function that ends this. */
export function joinCluster(registry: RegistryLike): () => void {
  const host = process as unknown as Record<symbol, Shared | undefined>;
  host[SHARED] ??= listen();
  const shared = host[SHARED];
  const { registries } = shared;
  if (![...registries.values()].includes(registry)) registries.set(shared.next++, registry);
  void tell({ kind: 'here' });
  return () => {
    for (const [number, each] of registries) if (each === registry) registries.delete(number);
  };
}

function listen(): Shared {
  const registries = new Map<number, RegistryLike>();
  // Snapshots are sent one after the other, however many were asked for.
  let last: Promise<void> = Promise.resolve();
  let asked: Pace | undefined;
  process.on('message', (message) => {
    const question = unwrap<Question>(message);
    if (question?.kind === 'who') void tell({ kind: 'here' });
    if (question?.kind === 'more' && question.id === asked?.id) asked.more();
    if (question?.kind === 'snapshot') {
      last = last.then(() => {
        asked = new Pace(question.id);
        return tellSnapshot(asked, registries);
      });
    }
  });
  process.on('exit', tellLastWords);
  return { registries, next: 0 };
}

/** How fast a snapshot is sent: as the primary asks for it, so that no parts wait for the primary all at once. */
class Pace {
  readonly id: string;
  more: () => void = () => {};
  #isAsked = true;

  constructor(id: string) {
    this.id = id;
  }

  /** Resolves once the primary has asked for more, or seems not to ask at all. */
  async next(): Promise<void> {
    if (!this.#isAsked) return;
    this.#isAsked = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), MORE_MILLISECONDS).unref();
      this.more = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}

/** Sends a snapshot. Never rejects. */
async function tellSnapshot(pace: Pace, registries: ReadonlyMap<number, RegistryLike>): Promise<void> {
  const { id } = pace;
  for (const [registry, each] of [...registries]) {
    const missing = new Set<string>();
    try {
      for await (const pieces of snapshotRegistry(each, COLLECT_MILLISECONDS, missing)) {
        // Before the piece is sent, because the primary may ask at once.
        const asked = pace.next();
        await tell({ kind: 'pieces', id, registry, pieces });
        await asked;
      }
      await tell({ kind: 'whole', id, registry, missing: [...missing] });
    } catch {
      // The registry cannot be read: the primary continues with the last numbers.
    }
  }
  await tell({ kind: 'done', id, registries: [...registries.keys()] });
}

/** Sends what has been counted until the end, while the process can still write to its channel. */
export function tellLastWords(): void {
  const { registries } = (process as unknown as Record<symbol, Shared | undefined>)[SHARED] ?? {};
  for (const [number, registry] of registries ?? []) {
    try {
      for (const piece of lastWords(registry)) void tell({ kind: 'last', registry: number, pieces: [piece] });
    } catch {
      // The process ends for a reason of its own.
    }
  }
}

/** Resolves once the message has been sent, or cannot be sent any more. */
function tell(answer: Answer): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    // With a callback, a channel that has just closed is not an error of the process.
    else process.send(wrap(answer), undefined, undefined, () => resolve());
  });
}
