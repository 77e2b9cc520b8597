/**
 * A part of a controller's language that Coalmine does not know. It says nothing about the user's file: the controller may
 * well accept the part. What the controller refuses is another error.
 */
export class NotKnownHereError extends Error {
  override readonly name = 'NotKnownHereError';

  /** What is not known. */
  readonly what: string;

  constructor(what: string) {
    super(`not known here: ${what}`);
    this.what = what;
  }
}
