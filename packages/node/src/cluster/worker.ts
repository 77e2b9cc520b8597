import { lastWords, type RegistryLike, snapshotRegistry } from '@coalmine/metrics';
import { type Answer, type Question, unwrap, wrap } from './message.js';

/** For how long one metric may take. The primary waits a little longer, so that a slow one costs itself and not all of the worker. */
export const COLLECT_MILLISECONDS = 1_500;

interface Shared {
  /** The registries of this process, by number. */
  readonly registries: Map<number, RegistryLike>;
  next: number;
}

// One listener for all apps of a process, and for every copy of this package.
const SHARED = Symbol.for('coalmine.cluster.1');

/** Has a registry told to the primary from now on, whenever that asks. Returns what ends it. */
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
  // One snapshot after the other, however many ask.
  let last: Promise<void> = Promise.resolve();
  process.on('message', (message) => {
    const question = unwrap<Question>(message);
    if (question?.kind === 'who') void tell({ kind: 'here' });
    if (question?.kind === 'snapshot') last = last.then(() => tellSnapshot(question.id, registries));
  });
  process.on('exit', tellLastWords);
  return { registries, next: 0 };
}

/** Never rejects. */
async function tellSnapshot(id: string, registries: ReadonlyMap<number, RegistryLike>): Promise<void> {
  for (const [registry, each] of [...registries]) {
    const missing = new Set<string>();
    try {
      for await (const pieces of snapshotRegistry(each, COLLECT_MILLISECONDS, missing)) {
        await tell({ kind: 'pieces', id, registry, pieces });
      }
      await tell({ kind: 'whole', id, registry, missing: [...missing] });
    } catch {
      // A registry that cannot be read: the primary goes on with what it knows of it.
    }
  }
  await tell({ kind: 'done', id, registries: [...registries.keys()] });
}

/** Tells what has been counted until the end, while the process can still write to its channel. */
export function tellLastWords(): void {
  const { registries } = (process as unknown as Record<symbol, Shared | undefined>)[SHARED] ?? {};
  for (const [number, registry] of registries ?? []) {
    try {
      for (const piece of lastWords(registry)) void tell({ kind: 'last', registry: number, pieces: [piece] });
    } catch {
      // The process is on its way out, for a reason of its own.
    }
  }
}

/** Resolves once the message is on its way, or cannot be sent any more. */
function tell(answer: Answer): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    // A callback keeps a channel that has just closed from being an error of the process.
    else process.send(wrap(answer), undefined, undefined, () => resolve());
  });
}
