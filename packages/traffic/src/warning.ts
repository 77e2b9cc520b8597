/** Everything this package warns of, one heading each in docs/errors.md. */
export type TrafficWarning =
  | 'COALMINE_EXCLUSION_SUSPENDED'
  | 'COALMINE_EXCLUSION_RESUMED'
  | 'COALMINE_PRIVATE_RANGE'
  | 'COALMINE_WHEN_FAILED'
  | 'COALMINE_CLASSIFY_FAILED';

/** Takes a warning, as a sentence and a stable code. Must not throw. */
export type Warn = (message: string, code: TrafficWarning) => void;

/** Warns through `process.emitWarning`, with the type `CoalmineWarning`. */
export function emitWarning(message: string, code: TrafficWarning): void {
  process.emitWarning(message, { type: 'CoalmineWarning', code });
}
