/** The code of every error that Coalmine throws. docs/errors.md has one heading for each. */
export type CoalmineErrorCode =
  | 'COALMINE_INVALID_OPTION'
  | 'COALMINE_NO_CLIENT'
  | 'COALMINE_METRIC_EXISTS'
  | 'COALMINE_METRICS_DIFFER'
  | 'COALMINE_METRIC_READ_ONLY'
  | 'COALMINE_PATH_TAKEN'
  | 'COALMINE_ADMIN_LISTEN'
  | 'COALMINE_CONFIG_FILE';

/** An error of Coalmine, thrown at start-up and never while a request is handled. */
export class CoalmineError extends Error {
  override readonly name = 'CoalmineError';
  /** Stable across releases: match on this, never on the message. */
  readonly code: CoalmineErrorCode;

  constructor(code: CoalmineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
