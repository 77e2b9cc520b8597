import type { ServerHttp2Stream } from 'node:http2';
import { copyName } from './method-name.js';

// Copies of this package share the mark and the hook.
const CLOSED_HERE: unique symbol = Symbol.for('coalmine.closed-here.1') as never;
const WATCHED = Symbol.for('coalmine.closes-watched.1');

interface Closer extends Pick<ServerHttp2Stream, 'close' | 'session'> {
  [CLOSED_HERE]?: true;
}

/**
 * Makes streams of HTTP/2 remember that the server closed them, through a method of their class. Afterwards they look
 * like streams that the peer has reset.
 */
export function watchStreamCloses(stream: ServerHttp2Stream): void {
  const prototype = Object.getPrototypeOf(stream) as Closer;
  if (Object.hasOwn(prototype, WATCHED)) return;
  Object.defineProperty(prototype, WATCHED, { value: true });
  const { close } = prototype;
  prototype.close = copyName(close, function (this: Closer, code?: number, callback?: () => void): void {
    // Node closes the streams of a connection that has ended through the same method.
    if (!isDisconnected(this)) this[CLOSED_HERE] = true;
    close.call(this, code, callback);
  });
}

/** Whether the server closed a stream, rather than its peer. */
export function isClosedHere(stream: object): boolean {
  return (stream as Closer)[CLOSED_HERE] === true;
}

function isDisconnected({ session }: Closer): boolean {
  try {
    return session === undefined || session.destroyed || session.socket.destroyed;
  } catch {
    // The session has no socket.
    return true;
  }
}
