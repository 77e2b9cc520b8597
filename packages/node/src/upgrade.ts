import type { Duplex } from 'node:stream';
import { statusIn } from './status-line.js';

/** Callbacks for the handshake of an upgrade, and for the connection after it. */
export interface HandshakeListener {
  /** Called when somebody has written the head of a response, with its status. */
  answered(status: number): void;
  /** Called when the client has ended its side, or the connection has closed; also after `answered`. */
  unanswered(): void;
  /** Called when the connection has closed. */
  closed(): void;
}

/** Watches the socket of an upgrade: what is written to it first, and how it ends. */
export function watchHandshake(socket: Duplex, { answered, unanswered, closed }: HandshakeListener): void {
  onFirstStatus(socket, answered);
  socket.once('end', unanswered);
  socket.once('close', () => {
    unanswered();
    closed();
  });
}

/** Calls `then` with the status of the first response head written to `socket`, whoever writes it. */
function onFirstStatus(socket: Duplex, then: (status: number) => void): void {
  const { write, end } = socket;
  const noteWrite = (chunk: unknown): void => {
    socket.write = write;
    socket.end = end;
    // An end without a chunk writes nothing: then the close tells what happened.
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) then(statusIn(chunk) ?? 101);
  };
  socket.write = (...args: [never]) => {
    noteWrite(args[0]);
    return socket.write(...args);
  };
  socket.end = (...args: [never]) => {
    noteWrite(args[0]);
    return socket.end(...args);
  };
}
