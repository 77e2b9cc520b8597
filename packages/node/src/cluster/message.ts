import type { SnapshotPiece } from '@coalmine/metrics';

// On one channel with the messages of the app and of its other libraries.
const KEY = 'coalmine.cluster.1';

/** What the primary asks its workers: whether they take part, or for a snapshot, whose number comes back with it. */
export type Question = { readonly kind: 'who' } | { readonly kind: 'snapshot'; readonly id: string };

/** What a worker tells the primary. */
export type Answer =
  /** It takes part. */
  | { readonly kind: 'here' }
  /** Some of a snapshot, of one of its registries. */
  | {
      readonly kind: 'pieces';
      readonly id: string;
      readonly registry: number;
      readonly pieces: readonly SnapshotPiece[];
    }
  /** The snapshot of a registry is whole, except for the metrics that could not be read. */
  | { readonly kind: 'whole'; readonly id: string; readonly registry: number; readonly missing: readonly string[] }
  /** That was the snapshot, of these registries. */
  | { readonly kind: 'done'; readonly id: string; readonly registries: readonly number[] }
  /** The process ends: what a registry has counted, since the last snapshot too. */
  | { readonly kind: 'last'; readonly registry: number; readonly pieces: readonly SnapshotPiece[] };

export function wrap(content: Question | Answer): object {
  return { [KEY]: content };
}

/** The content of a message of ours; `undefined` for any other. */
export function unwrap<T extends Question | Answer>(message: unknown): T | undefined {
  return typeof message === 'object' && message !== null ? (message as Record<string, T | undefined>)[KEY] : undefined;
}
