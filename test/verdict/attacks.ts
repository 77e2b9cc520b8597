import { once } from 'node:events';
import { connect as connectHttp2, constants } from 'node:http2';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

// What one stranger does to a healthy pod.

export interface Attack {
  readonly name: string;
  readonly pod: { readonly protocol: 'HTTP/1.1' | 'HTTP/2'; readonly connectionTimeout?: number };
  /** The route that the strangers send requests to, as the users do. */
  readonly route: string;
  /** The number of strangers in a second. */
  readonly perSecond: number;
  /** Attacks a port over one connection. The promise resolves when the stranger has left. */
  attack(port: number): Promise<void>;
}

// Two and a half times the patience of the suite, so that a wait of the client that counts as a wait of the server shows.
const WITHHELD = 1_000;
const HOST = 'Host: a\r\n';
const BODY_ANNOUNCED = `POST /orders HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: 9\r\n\r\n`;
const CODES = Object.values({
  none: constants.NGHTTP2_NO_ERROR,
  protocol: constants.NGHTTP2_PROTOCOL_ERROR,
  internal: constants.NGHTTP2_INTERNAL_ERROR,
  closed: constants.NGHTTP2_STREAM_CLOSED,
  refused: constants.NGHTTP2_REFUSED_STREAM,
  cancel: constants.NGHTTP2_CANCEL,
  calm: constants.NGHTTP2_ENHANCE_YOUR_CALM,
});

export const ATTACKS: readonly Attack[] = [
  {
    name: 'requests behind an answer that is not read',
    pod: { protocol: 'HTTP/1.1' },
    route: '/large',
    perSecond: 2,
    attack: (port) =>
      overTcp(port, async (write) => {
        write(`GET /large HTTP/1.1\r\n${HOST}\r\n${`GET /items/1 HTTP/1.1\r\n${HOST}\r\n`.repeat(30)}`);
        await delay(WITHHELD);
      }),
  },
  {
    name: 'a body that is announced and never sent',
    pod: { protocol: 'HTTP/1.1' },
    route: '/orders',
    perSecond: 10,
    attack: withholdBody,
  },
  {
    name: 'garbage while an answer goes out',
    pod: { protocol: 'HTTP/1.1' },
    route: '/parts',
    perSecond: 10,
    attack: (port) =>
      overTcp(port, async (write, answered) => {
        write(`GET /parts HTTP/1.1\r\n${HOST}\r\n`);
        await answered();
        write('\0\0\r\n\r\n');
      }),
  },
  {
    name: 'a body that never comes before the connection times out',
    pod: { protocol: 'HTTP/1.1', connectionTimeout: WITHHELD / 2 },
    route: '/orders',
    perSecond: 10,
    attack: withholdBody,
  },
  {
    name: 'streams of HTTP/2 that are reset, with any code',
    pod: { protocol: 'HTTP/2' },
    route: '/orders',
    perSecond: 3,
    attack: resetStreams,
  },
];

function withholdBody(port: number): Promise<void> {
  return overTcp(port, async (write) => {
    write(BODY_ANNOUNCED);
    await delay(WITHHELD);
  });
}

/** Opens a connection that reads nothing before `answered()`, and closes it after use. */
async function overTcp(
  port: number,
  use: (write: (text: string) => void, answered: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.pause();
  await once(socket, 'connect');
  await use(
    (text) => socket.write(text),
    () => Promise.race([once(socket.resume(), 'data'), once(socket, 'close')]),
  );
  socket.destroy();
}

/** For each code, sends a request whose body never comes, and resets the stream with this code. */
async function resetStreams(port: number): Promise<void> {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  session.on('error', () => {});
  await once(session, 'connect');
  const closed = CODES.map(async (code) => {
    const stream = session.request({ ':method': 'POST', ':path': '/orders' });
    stream.on('error', () => {});
    stream.resume();
    await delay(WITHHELD / 10);
    stream.close(code);
    if (!stream.closed) await once(stream, 'close');
  });
  await Promise.all(closed);
  session.destroy();
}
