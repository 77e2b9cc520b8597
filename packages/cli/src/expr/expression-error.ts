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
