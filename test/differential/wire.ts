import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Visit } from './visits.js';

/** The process that serves a visit. */
export interface Host {
  /** The text that clients of requests without a response must have read before they leave, by the id of the request. */
  readonly hangs: ReadonlyMap<string, string>;
  /** Called for each new text. */
  changed: () => void;
  /** Resolves when the app has finished its own work. */
  rest(): Promise<void>;
}

const PATIENCE_MILLISECONDS = 200;

/** Plays a visit, and returns all received bytes as latin1. */
export async function play(port: number, visit: Visit, host: Host): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const methods = visit.requests.map(methodOf);
  let received = '';
  let wake = (): void => {};
  const woken = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });
  socket.setNoDelay();
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    received += chunk;
    wake();
  });
  // Whether a connection ends with a reset depends on the bytes that the kernel had received at that time.
  socket.on('error', () => {});
  socket.on('close', () => wake());
  host.changed = () => wake();

  if (visit.isPipelined) socket.write(visit.requests.join(''), 'latin1');
  for (const [i, request] of visit.requests.entries()) {
    if (!visit.isPipelined) socket.write(request, 'latin1');
    if (!(await hasResponses(i + 1))) break;
  }
  if (visit.isReset) socket.resetAndDestroy();
  else socket.end();
  const isClosed = await waitUntil(() => socket.closed);
  socket.destroy();
  return received.replace(/^Date: \w{3}, .* GMT\r$/gim, 'Date: (now)\r') + (isClosed ? '' : '(still open)');

  /** Waits for the responses to the first requests, unless they do not come. */
  async function hasResponses(count: number): Promise<boolean> {
    const isOver = (): boolean => socket.closed || countResponses(received, methods) >= count || hasHung();
    await waitUntil(isOver);
    return countResponses(received, methods) >= count && !socket.closed;
  }

  /** Whether the next response will not come, and everything that was sent of it was received. */
  function hasHung(): boolean {
    const [, id = ''] = /^X-Id: (.*)\r$/im.exec(visit.requests[countResponses(received, methods)] ?? '') ?? [];
    const text = host.hangs.get(id);
    return text !== undefined && received.includes(text);
  }

  /** Returns `false` if the host rests, and nothing more comes. */
  async function waitUntil(isTrue: () => boolean): Promise<boolean> {
    let before = -1;
    while (!isTrue()) {
      const isWoken = await Promise.race([woken().then(() => true), delay(PATIENCE_MILLISECONDS, false)]);
      if (isWoken) continue;
      if (before === received.length) return false;
      before = received.length;
      await host.rest();
    }
    return true;
  }
}

function methodOf(request: string): string {
  return request.split(' ', 1)[0] ?? '';
}

/** Counts the complete responses to requests of these methods. A response that lasts until the close is not complete. */
function countResponses(text: string, methods: readonly string[]): number {
  let at = 0;
  let count = 0;
  while (count < methods.length) {
    const headEnd = text.indexOf('\r\n\r\n', at);
    if (headEnd === -1) return count;
    const head = text.slice(at, headEnd + 2);
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
    const end = status < 200 ? headEnd + 4 : bodyEnd(text, headEnd + 4, head, methods[count] === 'HEAD', status);
    if (end === undefined || end > text.length) return count;
    if (status >= 200) count++;
    at = end;
  }
  return count;
}

/** Returns where the body of a response ends, or `undefined` if that is not known yet. */
function bodyEnd(text: string, start: number, head: string, isHead: boolean, status: number): number | undefined {
  if (isHead || status === 204 || status === 304) return start;
  const [, length] = /^content-length: (\d+)\r$/im.exec(head) ?? [];
  if (length !== undefined) return start + Number(length);
  if (!/^transfer-encoding: chunked\r$/im.test(head)) return undefined;
  let at = start;
  for (;;) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    if (size === 0) {
      // Trailers end with an empty line.
      const end = text.indexOf('\r\n\r\n', lineEnd);
      return end === -1 ? undefined : end + 4;
    }
    at = lineEnd + 2 + size + 2;
    if (at > text.length) return undefined;
  }
}
