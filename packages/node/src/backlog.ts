import cluster from 'node:cluster';
import { closeSync, openSync, read } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';

/** Milliseconds between two looks at the queue. One look may cost a thread of the kernel some milliseconds. */
const LOOK_MILLISECONDS = 250;
/** A shorter wait does not matter. */
const LEAST_WAIT_MILLISECONDS = 20;
/** The most that one read of the list returns. */
const PAGE_BYTES = 4096;

/** Connections that came between two looks, by the number under which each is accepted. */
interface Span {
  readonly from: number;
  readonly until: number;
  readonly after: number;
  readonly last: number;
}

/**
 * Estimates when connections arrived that waited in the queue until they were accepted.
 *
 * libuv accepts one connection per turn, so with a connection for each request, slow turns build up a queue that
 * nothing in the process sees. The kernel tells how long the queue is. Connections are accepted in the order in which
 * they came, so the length of the queue and the number of connections accepted before tell how many had come by then.
 */
export interface Backlog {
  /**
   * Takes the next connection from the queue, in a turn of the loop whose last poll was at `polledAt`. Returns when the
   * connection arrived, or `undefined` if it has not waited.
   */
  accept(now: number, turn: number, polledAt: number): number | undefined;
}

/** The queue of a server. */
export class ServerBacklog implements Backlog {
  readonly #server: Server;
  readonly #spans: Span[] = [];
  #accepted = 0;
  /** How many connections had come when the queue was last known. */
  #come = 0;
  #knownAt = Number.NEGATIVE_INFINITY;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** The turn of the loop in which a connection was last accepted. */
  #turn = Number.NEGATIVE_INFINITY;
  /** The position of the server in the list, as far as it is known. */
  #position = 0;
  /** In a cluster, the primary accepts connections. */
  #isKnown = process.platform === 'linux' && !cluster.isWorker;

  constructor(server: Server) {
    this.#server = server;
  }

  accept(now: number, turn: number, polledAt: number): number | undefined {
    const number = ++this.#accepted;
    // If the queue had not been empty, the turn before would have accepted a connection.
    if (turn > this.#turn + 1) this.#know(number - 1, polledAt);
    this.#turn = turn;
    if (!this.#isKnown) return undefined;
    if (now - this.#knownAt > LEAST_WAIT_MILLISECONDS) this.#look(now);
    while ((this.#spans[0]?.last ?? number) < number) this.#spans.shift();
    const [span] = this.#spans;
    if (span !== undefined) {
      return span.from + ((span.until - span.from) * (number - span.after)) / (span.last - span.after + 1);
    }
    // The connection was not there when the queue was last known, and it is there now.
    return now - this.#knownAt > LEAST_WAIT_MILLISECONDS ? (this.#knownAt + now) / 2 : undefined;
  }

  #look(now: number): void {
    if (now - this.#lookedAt < LOOK_MILLISECONDS) return;
    this.#lookedAt = now;
    const accepted = this.#accepted;
    // A thread reads the list at once, even if the loop receives the result much later.
    readQueueLength(this.#server, this.#position, (length, nextPosition) => {
      this.#position = nextPosition;
      // If the length is unknown, the queue counts as empty.
      const come = accepted + (length ?? 0);
      if (come > this.#come) this.#spans.push({ from: this.#knownAt, until: now, after: this.#come, last: come });
      this.#know(come, now);
    });
  }

  /** Notes how many connections had come by a time. */
  #know(come: number, at: number): void {
    this.#come = Math.max(this.#come, come);
    this.#knownAt = Math.max(this.#knownAt, at);
  }
}

/**
 * Passes on how many connections wait to be accepted, and where in the list to look next: the `rx_queue` of the
 * listening socket, whose state is `0A`, in `/proc/net/tcp` or `tcp6`. Source: proc_pid_net(5). Never throws.
 */
function readQueueLength(
  server: Server,
  position: number,
  told: (length: number | undefined, nextPosition: number) => void,
): void {
  const { family, port } = (server.address() ?? {}) as Partial<AddressInfo>;
  if (port === undefined) return;
  const address = `[0-9A-F]+:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const line = new RegExp(`^ *\\d+: ${address} [0-9A-F]+:0000 0A [0-9A-F]+:([0-9A-F]+) `, 'm');
  try {
    const file = openSync(family === 'IPv6' ? '/proc/net/tcp6' : '/proc/net/tcp', 'r');
    const page = Buffer.alloc(PAGE_BYTES);
    read(file, page, 0, PAGE_BYTES, position, (_error, bytes) => {
      closeSync(file);
      const [, length] = line.exec(page.toString('latin1', 0, bytes)) ?? [];
      if (length !== undefined) return told(Number.parseInt(length, 16), position);
      // Listening sockets come first, so the server is on this page or on one of the next few, unless the list has changed.
      told(undefined, position < 8 * PAGE_BYTES ? position + bytes : 0);
    });
  } catch {
    told(undefined, position);
  }
}
