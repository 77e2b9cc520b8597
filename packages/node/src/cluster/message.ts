import type { SnapshotPiece } from '@coalmine/metrics';

// The channel also carries messages of the app and of its other libraries.
const KEY = 'coalmine.cluster.1';

/**
 * A question of the primary to its workers: whether they take part, for a snapshot, or for more of the snapshot. The
 * answer repeats the number of the snapshot.
 */
export type Question = { readonly kind: 'who' } | { readonly kind: 'snapshot' | 'more'; readonly id: string };

/** A message of a worker to the primary. */
export type Answer =
  /** The worker takes part. */
  | { readonly kind: 'here' }
  /** A part of a snapshot, from one of its registries. The next part comes once the primary asks for more. */
  | {
      readonly kind: 'pieces';
      readonly id: string;
      readonly registry: number;
      readonly pieces: readonly SnapshotPiece[];
    }
  /** The snapshot of a registry is complete, except for the metrics that could not be read. */
  | { readonly kind: 'whole'; readonly id: string; readonly registry: number; readonly missing: readonly string[] }
  /** The snapshot of these registries is complete. */
  | { readonly kind: 'done'; readonly id: string; readonly registries: readonly number[] }
  /** The process ends: what a registry has counted, including what came after the last snapshot. */
  | { readonly kind: 'last'; readonly registry: number; readonly pieces: readonly SnapshotPiece[] };

export function wrap(content: Question | Answer): object {
  return { [KEY]: content };
}

/** Returns the content of a message of Coalmine; `undefined` for any other message. */
export function unwrap<T extends Question | Answer>(message: unknown): T | undefined {
  return typeof message === 'object' && message !== null ? (message as Record<string, T | undefined>)[KEY] : undefined;
}
