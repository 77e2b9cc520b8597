import { Agent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** What a client saw of an exchange. */
export type Seen = { readonly status: number; readonly body: string } | 'left' | 'cut before headers' | 'cut mid-body';

export interface ClientOptions extends Pick<RequestOptions, 'method' | 'headers' | 'agent'> {
  readonly body?: string;
  /** Milliseconds after which the client leaves. */
  readonly leaveAfter?: number;
  /** Whether it leaves by resetting the connection rather than by closing it. */
  readonly reset?: boolean;
}

/** Sends one request to a loopback port, on a connection of its own unless an agent is given. */
export function send(port: number, path: string, options: ClientOptions = {}): Promise<Seen> {
  const { body, leaveAfter, reset, ...rest } = options;
  return new Promise((resolve) => {
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
    request.end(body);
    if (leaveAfter === undefined) return;
    delay(leaveAfter).then(() => {
      hasLeft = true;
      if (reset) request.socket?.resetAndDestroy();
      request.destroy();
      resolve('left');
    });
  });
}

/** An agent that keeps exactly one connection. */
export function oneConnection(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 1 });
}

/** Opens a connection, writes `text` and answers the socket with what it has received so far. */
export async function openRaw(port: number, text: string): Promise<{ socket: Socket; received: () => string }> {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    received += chunk;
  });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write(text);
  return { socket, received: () => received };
}

/** Waits until `isTrue`, for two seconds at most; throws after that. */
export async function until(isTrue: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 2_000;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error(`still waiting: ${what}`);
    await delay(5);
  }
}
