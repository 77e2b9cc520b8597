import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Agent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** https://nodejs.org/docs/latest-v20.x/api/diagnostics_channel.html#http */
const REQUEST_START = 'http.server.request.start';

/** What a client saw of an exchange. */
export type Seen = { readonly status: number; readonly body: string } | 'left' | 'cut before headers' | 'cut mid-body';

export interface ClientOptions extends Pick<RequestOptions, 'method' | 'headers' | 'agent'> {
  readonly body?: string;
  /**
   * How long the client waits before it leaves, after the server has the request: milliseconds, or a promise.
   *
   * On a busy machine, a request that is reset earlier never reaches the server. The client asks for `100 Continue`, which
   * Node sends right before it hands the request to its listeners.
   */
  readonly leaveAfter?: number | (() => Promise<unknown>);
  /** Whether the client resets the connection when it leaves, instead of closing it. */
  readonly reset?: boolean;
}

/** Sends one request to a loopback port, on a new connection if no agent is given. */
export function send(port: number, path: string, options: ClientOptions = {}): Promise<Seen> {
  const { body, leaveAfter, reset, ...rest } = options;
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, agent: false, ...rest });
    let response: IncomingMessage | undefined;
    let hasLeft = false;
    const closed = (): void => {
      if (hasLeft) resolve('left');
      else resolve(response === undefined ? 'cut before headers' : 'cut mid-body');
    };
    request.on('response', (incoming) => {
      response = incoming;
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => {
        text += chunk;
      });
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: text }));
      incoming.on('error', closed);
    });
    request.on('error', closed);
    const leave = (): void => {
      hasLeft = true;
      if (reset) request.socket?.resetAndDestroy();
      request.destroy();
      resolve('left');
    };
    if (leaveAfter !== undefined) {
      request.setHeader('expect', '100-continue');
      request.once('continue', () => {
        const waited = typeof leaveAfter === 'number' ? delay(leaveAfter) : leaveAfter();
        waited.then(leave, reject);
      });
    }
    request.end(body);
  });
}

/** Returns an agent that keeps exactly one connection. */
export function oneConnection(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 1 });
}

/** Resolves when a server of this process has a request from this socket. Never resolves if the socket closes before. */
function arrival(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const look = (started: unknown): void => {
      if ((started as { readonly socket: Socket }).socket.remotePort !== socket.localPort) return;
      unsubscribe(REQUEST_START, look);
      resolve();
    };
    subscribe(REQUEST_START, look);
    socket.once('close', () => unsubscribe(REQUEST_START, look));
  });
}

/** A connection whose bytes a test writes itself. */
export interface RawConnection {
  readonly socket: Socket;
  /** Returns what the connection has received until now. */
  received(): string;
  /** Resolves when a server of this process has the first request. */
  readonly arrived: Promise<void>;
}

/** Opens a connection to a loopback port and writes `text`. */
export async function openRaw(port: number, text: string): Promise<RawConnection> {
  const socket = connect(port, '127.0.0.1');
  const arrived = arrival(socket);
  let received = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    received += chunk;
  });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write(text);
  return { socket, received: () => received, arrived };
}

/** Waits until `isTrue` returns true. Throws after 100 seconds, which only a hang takes. */
export async function until(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 100_000;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`still waiting: ${what}`);
    await delay(5);
  }
}
