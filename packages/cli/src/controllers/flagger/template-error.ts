/** Why Flagger cannot render a template. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  /** The index in the source, from 0. */
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}
