import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Good, Protocol, Times } from './strangers-services.js';

/** How a stranger reads what it receives. */
export type Reading = 'at once' | 'slowly' | 'never';

/** How a stranger leaves: with a FIN, with a FIN of one side first, with a RST, or in TLS without a close alert. */
export type Leaving = 'closes' | 'half-closes' | 'resets' | 'cuts';

/** One connection of a stranger, who can stop using it for a while. */
export interface Hand {
  /** Writes, and waits until the server has had the chance to read. Does nothing if the connection is gone. */
  send(...parts: readonly (string | Uint8Array)[]): Promise<void>;
  /** Waits for a share of the patience. A connection waits for at most 1.5 times the patience in all. */
  withhold(share?: number): Promise<void>;
  /** Waits until all requests have ended, but not longer than the connection may wait. */
  settled(): Promise<void>;
  /** Waits until something was received, but not longer than the connection may wait. */
  answered(): Promise<void>;
  read(how: Reading): void;
  leave(how: Leaving): Promise<void>;
  /** Writes below TLS, if the connection has TLS. */
  sendBelow(bytes: Uint8Array): Promise<void>;
  /** Returns the id of a new HTTP/2 stream. */
  newStream(): number;
  /** Whether the connection can be written to. */
  readonly isOpen: boolean;
}

// More than the patience, so that it shows if the server counts this wait as its own.
const MOST_WITHHELD = 1.5;

/** Connects to a service. With TLS, `protocol` is negotiated. Without TLS, the client knows it beforehand. */
export async function reachOut(service: Good, times: Times, protocol: Protocol, isEncrypted: boolean): Promise<Hand> {
  const below = await inTurn(service, () => connect(service));
  const { localPort = 0 } = below;
  const socket = isEncrypted ? await encrypt(below, protocol) : below;
  let reader: NodeJS.Timeout | undefined;
  let hasReceived = false;
  let withheld = 0;
  let lastStream = -1;
  const hand: Hand = {
    get isOpen() {
      return !socket.destroyed && socket.writable;
    },
    async send(...parts) {
      for (const part of parts) await write(socket, part);
    },
    async sendBelow(bytes) {
      await write(below, bytes);
    },
    withhold: (share = MOST_WITHHELD) => waitUntil(() => socket.destroyed, share),
    settled: () => waitUntil(() => socket.destroyed || !service.witness.isBusy(localPort), MOST_WITHHELD),
    answered: () => waitUntil(() => socket.destroyed || hasReceived, MOST_WITHHELD),
    read(how) {
      clearInterval(reader);
      socket.removeAllListeners('data');
      socket.pause();
      if (how === 'at once') {
        socket.on('data', () => {
          hasReceived = true;
        });
        socket.resume();
      } else if (how === 'slowly') {
        reader = setInterval(() => {
          if (socket.read(4_096) ?? socket.read()) hasReceived = true;
        }, 20);
      }
    },
    async leave(how) {
      if (how === 'half-closes') {
        socket.end();
        await hand.settled();
      }
      clearInterval(reader);
      if (how === 'closes' && isEncrypted) {
        // Sends the close alert first.
        socket.end();
        await someTurns();
      }
      if (how === 'resets') below.resetAndDestroy();
      else below.destroy();
      if (!below.closed) await once(below, 'close');
      socket.destroy();
    },
    newStream() {
      lastStream += 2;
      return lastStream;
    },
  };
  hand.read('at once');
  return hand;

  /** Waits for a promise, but not longer than the connection may still wait. */
  async function waitUntil(isTrue: () => boolean, share: number): Promise<void> {
    const [from, most] = [performance.now(), 1_000 * times.patience * Math.min(share, MOST_WITHHELD - withheld)];
    while (!isTrue() && performance.now() - from < most) await delay(5);
    withheld += (performance.now() - from) / (1_000 * times.patience);
  }
}

const turns = new WeakMap<Good, Promise<unknown>>();

/** Opens one connection after the other, because only the test would be at fault for a queue of connections. */
function inTurn<T>(service: Good, run: () => Promise<T>): Promise<T> {
  const result = (turns.get(service) ?? Promise.resolve()).then(run);
  turns.set(service, result);
  return result;
}

async function connect({ port, witness }: Good): Promise<Socket> {
  const socket = connectTcp({ host: '127.0.0.1', port });
  socket.on('error', () => {});
  await once(socket, 'connect');
  while (!witness.hasAccepted(socket.localPort as number)) await turn();
  return socket;
}

async function encrypt(below: Socket, protocol: Protocol): Promise<TLSSocket> {
  const socket = connectTls({
    socket: below,
    rejectUnauthorized: false,
    ALPNProtocols: [protocol === 'HTTP/2' ? 'h2' : 'http/1.1'],
  });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  return socket;
}

/** Writes to a socket, and gives the event loop the turns that the server in the same process needs to read. */
async function write(socket: Socket, bytes: string | Uint8Array): Promise<void> {
  if (socket.destroyed || !socket.writable) return;
  socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  await someTurns();
}

async function someTurns(): Promise<void> {
  for (let i = 0; i < 3; i++) await turn();
}
