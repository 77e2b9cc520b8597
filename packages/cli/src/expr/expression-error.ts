/** The reason why an expression cannot be used, or an error of its evaluation. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  /** The index in the source, from 0. */
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** Runs a part of an expression, and adds its place in the source to a plain error. */
export function locating<T>(at: number, call: () => T): T {
  try {
    return call();
  } catch (error) {
    // An error of another class does not concern the expression, or has its place already.
    if (error instanceof Error && error.constructor === Error) throw new ExpressionError(error.message, at);
    throw error;
  }
}
