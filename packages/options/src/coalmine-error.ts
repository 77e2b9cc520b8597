/** Every error that Coalmine raises, one heading each in docs/errors.md. */
export type CoalmineErrorCode =
  | 'COALMINE_INVALID_OPTION'
  | 'COALMINE_NO_CLIENT'
  | 'COALMINE_METRIC_EXISTS'
  | 'COALMINE_METRICS_DIFFER'
  | 'COALMINE_METRIC_READ_ONLY'
  | 'COALMINE_PATH_TAKEN'
  | 'COALMINE_ADMIN_LISTEN'
  | 'COALMINE_CONFIG_FILE';

/** An error of Coalmine's own, raised at start-up and never at request time. */
export class CoalmineError extends Error {
  override readonly name = 'CoalmineError';
  /** Stable across releases: match on this, never on the message. */
  readonly code: CoalmineErrorCode;

  constructor(code: CoalmineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
