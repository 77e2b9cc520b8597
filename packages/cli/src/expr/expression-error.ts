/** Why an expression cannot be used, or what went wrong when it was. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  /** Where in the source, counted from 0. */
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** Runs a part of an expression that stands somewhere in the source: a plain error becomes one that says where. */
export function locating<T>(at: number, call: () => T): T {
  try {
    return call();
  } catch (error) {
    // What is of another class was not said of the expression, or knows its place already.
    if (error instanceof Error && error.constructor === Error) throw new ExpressionError(error.message, at);
    throw error;
  }
}
