import type { Duplex } from 'node:stream';

/** What is told of the handshake of an upgrade, and of the connection after it. */
export interface HandshakeListener {
  /** Somebody has written the head of an answer, with this status. */
  answered(status: number): void;
  /** The client has ended its side, or the connection has closed. Called for an answered handshake, too. */
  unanswered(): void;
  /** The connection has closed. */
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
  const seen = (chunk: unknown): void => {
    socket.write = write;
    socket.end = end;
    // Nothing is written by an end without a chunk: then the close tells what happened.
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) then(statusOf(chunk));
  };
  socket.write = (...args: [never]) => {
    seen(args[0]);
    return socket.write(...args);
  };
  socket.end = (...args: [never]) => {
    seen(args[0]);
    return socket.end(...args);
  };
}

function statusOf(chunk: string | Uint8Array): number {
  const head =
    typeof chunk === 'string'
      ? chunk
      : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1', 0, 16);
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1];
  return status === undefined ? 101 : Number(status);
}
