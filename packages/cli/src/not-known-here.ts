/**
 * A part of a controller's language that Coalmine does not know. The error says nothing about the user's file: the
 * controller may accept the part. For something that the controller refuses, there is another error.
 */
export class NotKnownHereError extends Error {
  override readonly name = 'NotKnownHereError';

  /** The unknown part. */
  readonly what: string;

  constructor(what: string) {
    super(`not known here: ${what}`);
    this.what = what;
  }
}
