import { Socket } from 'node:net';
import { copyName } from './method-name.js';
import { statusIn } from './status-line.js';

// Copies of this package share the mark and the hook.
const END: unique symbol = Symbol.for('coalmine.end.1') as never;
const WATCHED = Symbol.for('coalmine.ends-watched.1');

/** How the service ended a connection that its client had not ended. */
export type ConnectionEnd =
  /** After a response, as HTTP allows: the client has to ask again for what it has asked for after that. */
  | 'between responses'
  /** Instead of a response. */
  | 'owing'
  /** With a response of this status, which the app wrote to the connection itself. */
  | number;

interface Ender extends Pick<Socket, 'end' | 'readableEnded'> {
  /** The response that has the connection; `null` for none after the first, `undefined` where there was none. */
  readonly _httpMessage?: object | null;
  [END]?: ConnectionEnd;
}

/**
 * Makes connections remember how the service ended them, through a method of their class. Afterwards they look like
 * connections that their clients have left.
 */
export function watchSocketEnds(): void {
  const prototype = Socket.prototype as unknown as Ender;
  if (Object.hasOwn(prototype, WATCHED)) return;
  Object.defineProperty(prototype, WATCHED, { value: true });
  const { end } = prototype;
  prototype.end = copyName(end, function (this: Ender, ...args: unknown[]) {
    const { _httpMessage: message } = this;
    // Node ends a connection that its client has ended, too.
    if (message !== undefined && !this.readableEnded) {
      this[END] ??= message === null ? 'between responses' : (statusIn(args[0]) ?? 'owing');
    }
    return end.apply(this as Socket, args as never);
  });
}

/** Returns how the service ended a connection, or `undefined` if it has not. */
export function endOf(socket: object): ConnectionEnd | undefined {
  return (socket as Ender)[END];
}
