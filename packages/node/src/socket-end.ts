import { Socket } from 'node:net';
import { named } from './named.js';
import { statusIn } from './status-line.js';

// Copies of this package share the mark and the hook.
const ENDED_HERE: unique symbol = Symbol.for('coalmine.ended-here.1') as never;
const WATCHED = Symbol.for('coalmine.ends-watched.1');

interface Ender extends Pick<Socket, 'end' | 'readableEnded'> {
  /** The response that has the connection. */
  readonly _httpMessage?: unknown;
  [ENDED_HERE]?: number;
}

/**
 * Makes connections remember that the service ended them while they owed a response, through a method of their class.
 * Afterwards they look like connections that their clients have left.
 */
export function watchSocketEnds(): void {
  const prototype = Socket.prototype as unknown as Ender;
  if (Object.hasOwn(prototype, WATCHED)) return;
  Object.defineProperty(prototype, WATCHED, { value: true });
  const { end } = prototype;
  prototype.end = named(end, function (this: Ender, ...args: unknown[]) {
    // Node ends a connection through the same method: after its last response, and after its client has ended it.
    if (this._httpMessage && !this.readableEnded) this[ENDED_HERE] ??= statusIn(args[0]) ?? 0;
    return end.apply(this as Socket, args as never);
  });
}

/**
 * Returns the status that the service wrote as it ended a connection that owed a response, 0 for none, or `undefined` if
 * the service has not ended it.
 */
export function statusAtEnd(socket: object): number | undefined {
  return (socket as Ender)[ENDED_HERE];
}
