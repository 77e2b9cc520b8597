import fc from 'fast-check';
import {
  data,
  FLAGS,
  FRAME_TYPES,
  frame,
  goAway,
  type HeaderList,
  headerBlock,
  headers,
  LARGEST_WINDOW,
  openingOfReader,
  PREFACE,
  reset,
  uint32,
  windowSettings,
  windowUpdate,
} from '../support/http2-frames.js';
import { type Kinds, kind } from './strangers-deeds.js';
import type { Hand } from './strangers-hand.js';
import { bodyOf, typeOf } from './strangers-http1.js';
import { PATHS } from './strangers-services.js';

// What strangers do over HTTP/2, frame by frame.

const NO_ERROR = 0;
const CANCEL = 8;

const oneOf = fc.constantFrom;
const targets = oneOf(...PATHS.gets, '/nowhere', ...Object.keys(PATHS.ours));
const posts = oneOf(...PATHS.posts);
const downloads = oneOf('/big', '/stream');
const leavings = oneOf('closes', 'half-closes', 'resets', 'cuts');
/** The named codes of a reset, and one code without a name. */
export const CODES = [NO_ERROR, 1, 2, 3, 4, 5, 6, 7, CANCEL, 9, 10, 11, 12, 13, 0xbeef] as const;
/** Most clients send one of these two codes. */
const codes = fc.oneof(oneOf(NO_ERROR, CANCEL), oneOf(...CODES));

/** Frames that no client may send, for an open stream and for a stream that is not open. */
const FORBIDDEN: Readonly<Record<string, (stream: number, unused: number) => Buffer>> = {
  'DATA on stream 0': () => data(0, 'x'),
  'DATA on a stream that nobody opened': (_stream, unused) => data(unused + 100, 'x'),
  'HEADERS on an even stream': (_stream, unused) => headers(unused + 1, request('GET', '/ok')),
  'HEADERS on an old stream': () => headers(1, request('GET', '/ok')),
  'RST_STREAM on stream 0': () => reset(0, CANCEL),
  'RST_STREAM on a stream that nobody opened': (_stream, unused) => reset(unused + 100, CANCEL),
  'SETTINGS of no size': () => frame(FRAME_TYPES.settings, FLAGS.none, 0, Buffer.alloc(5)),
  'SETTINGS of too large a window': () => windowSettings(LARGEST_WINDOW + 1),
  'a window that grows by nothing': (stream) => windowUpdate(stream, 0),
  'a connection window that grows by nothing': () => windowUpdate(0, 0),
  'a window that overflows': (stream) => Buffer.concat([windowUpdate(stream, LARGEST_WINDOW), windowUpdate(stream, 9)]),
  'CONTINUATION of nothing': (stream) => frame(FRAME_TYPES.continuation, FLAGS.endHeaders, stream),
  'HEADERS that another frame interrupts': (_stream, unused) =>
    Buffer.concat([
      frame(FRAME_TYPES.headers, FLAGS.none, unused, headerBlock(request('GET', '/ok'))),
      data(unused, 'x'),
    ]),
  'a header block that cannot be read': (_stream, unused) =>
    frame(FRAME_TYPES.headers, FLAGS.endHeaders | FLAGS.endStream, unused, Buffer.alloc(20, 0xff)),
  'padding longer than its frame': (stream) => frame(FRAME_TYPES.data, FLAGS.padded, stream, Buffer.from([200, 1])),
  'PUSH_PROMISE of a client': (stream) => frame(FRAME_TYPES.pushPromise, FLAGS.endHeaders, stream, uint32(2)),
  'PING of no size': () => frame(FRAME_TYPES.ping, FLAGS.none, 0, Buffer.alloc(7)),
  'PRIORITY on itself': (stream) =>
    frame(FRAME_TYPES.priority, FLAGS.none, stream, Buffer.concat([uint32(stream), Buffer.from([1])])),
  'an acknowledgement of nothing': () => frame(FRAME_TYPES.settings, FLAGS.ack, 0, Buffer.alloc(6)),
  'a frame that is too large': (stream) => frame(FRAME_TYPES.data, FLAGS.none, stream, Buffer.alloc(17_000)),
  'a frame of no known type': (stream) => frame(0xcc, 0xff, stream, Buffer.alloc(9)),
  'text of HTTP/1.1': () => Buffer.from('GET /ok HTTP/1.1\r\nHost: a\r\n\r\n'),
};

const FLOODS: Readonly<Record<string, (stream: number) => Buffer>> = {
  PING: () => frame(FRAME_TYPES.ping, FLAGS.none, 0, Buffer.alloc(8)),
  SETTINGS: () => frame(FRAME_TYPES.settings, FLAGS.none, 0),
  'empty DATA': (stream) => data(stream, ''),
  PRIORITY: (stream) => frame(FRAME_TYPES.priority, FLAGS.none, stream, Buffer.from([0, 0, 0, 0, 1])),
  WINDOW_UPDATE: () => windowUpdate(0, 1),
};

/** The start of every connection. */
export const HTTP2_OPENING: Uint8Array = openingOfReader();

export const HTTP2: Kinds = {
  asks: kind(
    fc.record({ paths: fc.array(targets, { minLength: 1, maxLength: 5 }), isInTurn: fc.boolean() }),
    async (hand, { paths, isInTurn }) => {
      for (const path of paths) {
        await hand.send(get(hand, path).bytes);
        if (isInTurn) await hand.settled();
      }
    },
  ),
  'asks for heads': kind(fc.record({ path: oneOf('/ok', '/big') }), (hand, { path }) =>
    hand.send(headers(hand.newStream(), request('HEAD', path))),
  ),
  posts: kind(fc.record({ path: posts, isInPieces: fc.boolean() }), async (hand, { path, isInPieces }) => {
    const stream = hand.newStream();
    const parts = [post(stream, path), data(stream, bodyOf(path)), data(stream, '', FLAGS.endStream)];
    await hand.send(...(isInPieces ? parts : [Buffer.concat(parts)]));
  }),
  'posts what cannot be read': kind(fc.record({ body: oneOf('{"key":', '\0\0', 'null null') }), (hand, { body }) => {
    const stream = hand.newStream();
    return hand.send(post(stream, '/json'), data(stream, body, FLAGS.endStream));
  }),
  'withholds a body': kind(
    fc.record({
      path: posts,
      part: oneOf('', 'part'),
      next: oneOf('completes it', 'resets it', 'leaves it'),
      code: codes,
    }),
    async (hand, { path, part, next, code }) => {
      const stream = await beginBody(hand, path, part);
      await hand.withhold();
      if (next === 'completes it') await hand.send(data(stream, bodyOf(path).slice(part.length), FLAGS.endStream));
      if (next === 'resets it') await hand.send(reset(stream, code));
    },
  ),
  'sends a body slowly': kind(
    fc.record({ path: posts, pieces: fc.integer({ min: 2, max: 5 }) }),
    async (hand, { path, pieces }) => {
      const stream = await beginBody(hand, path, '');
      const body = bodyOf(path);
      const length = Math.ceil(body.length / pieces);
      for (let i = 0; i < pieces; i++) {
        await hand.withhold(1.2 / pieces);
        await hand.send(data(stream, body.slice(i * length, (i + 1) * length)));
      }
      await hand.send(data(stream, '', FLAGS.endStream));
    },
  ),
  'resets in one breath with its request': kind(fc.record({ path: targets, code: codes }), (hand, { path, code }) => {
    const { stream, bytes } = get(hand, path);
    return hand.send(Buffer.concat([bytes, reset(stream, code)]));
  }),
  'resets before any answer': kind(
    fc.record({ path: oneOf('/soon', '/watched', ...PATHS.posts), code: codes }),
    async (hand, { path, code }) => {
      const isPost = PATHS.posts.includes(path);
      const { stream, bytes } = isPost ? { stream: hand.newStream(), bytes: undefined } : get(hand, path);
      await hand.send(bytes ?? post(stream, path));
      await hand.send(reset(stream, code));
    },
  ),
  'resets in the middle of an answer': kind(
    fc.record({ path: oneOf('/parts', '/events', '/big', '/stream'), code: codes }),
    async (hand, { path, code }) => {
      const { stream, bytes } = get(hand, path);
      hand.read('slowly');
      await hand.send(bytes);
      await hand.answered();
      await hand.send(reset(stream, code));
      hand.read('at once');
    },
  ),
  'resets many': kind(
    fc.record({
      path: oneOf('/ok', '/soon', '/stream', '/nowhere'),
      count: fc.integer({ min: 10, max: 60 }),
      code: codes,
    }),
    (hand, { path, count, code }) => {
      const pairs = Array.from({ length: count }, () => {
        const { stream, bytes } = get(hand, path);
        return Buffer.concat([bytes, reset(stream, code)]);
      });
      return hand.send(Buffer.concat(pairs));
    },
  ),
  'has no window': kind(
    fc.record({
      paths: fc.array(oneOf('/ok', '/big', '/stream', '/parts', '/events', '/after'), { minLength: 1, maxLength: 6 }),
      next: oneOf('opens it', 'resets', 'leaves it'),
      code: codes,
    }),
    async (hand, { paths, next, code }) => {
      await hand.send(windowSettings(0));
      const asked = paths.map((path) => get(hand, path));
      await hand.send(...asked.map(({ bytes }) => bytes));
      await hand.withhold();
      if (next === 'opens it') await hand.send(windowSettings(LARGEST_WINDOW));
      if (next === 'resets') await hand.send(...asked.map(({ stream }) => reset(stream, code)));
    },
  ),
  'goes away': kind(
    fc.record({ path: posts, code: codes, next: oneOf('asks', 'stays', 'leaves') }),
    async (hand, { path, code, next }) => {
      const body = await beginBody(hand, path, 'part');
      await hand.send(get(hand, '/soon').bytes, goAway(body, code));
      if (next === 'asks') await hand.send(get(hand, '/ok').bytes);
      if (next === 'leaves') await hand.leave('closes');
    },
  ),
  'sends a forbidden frame': kind(
    fc.record({ what: oneOf(...Object.keys(FORBIDDEN)), path: posts }),
    async (hand, { what, path }) => {
      await hand.send(get(hand, '/ok').bytes);
      const stream = await beginBody(hand, path, 'part');
      await hand.send(get(hand, '/soon').bytes);
      await hand.send(FORBIDDEN[what]?.(stream, hand.newStream()) ?? '');
    },
  ),
  'sends a request that cannot be': kind(
    fc.record({
      fields: oneOf<HeaderList>(
        [[':method', 'GET']],
        [...request('GET', '/ok'), ['Upper', 'case']],
        [...request('GET', '/ok'), ['connection', 'close']],
        [...request('GET', '/ok'), [':late', 'pseudo']],
        [...request('GET', ''), ['x', 'no path']],
        [...request('POST', '/upload'), ['content-length', 'many']],
        [...request('GET', '/ok'), ['transfer-encoding', 'chunked']],
      ),
    }),
    (hand, { fields }) => hand.send(headers(hand.newStream(), fields)),
  ),
  'never ends its headers': kind(fc.record({ more: fc.integer({ min: 0, max: 5 }) }), async (hand, { more }) => {
    const stream = hand.newStream();
    await hand.send(frame(FRAME_TYPES.headers, FLAGS.endStream, stream, headerBlock(request('GET', '/ok'))));
    for (let i = 0; i < more; i++) {
      await hand.send(frame(FRAME_TYPES.continuation, FLAGS.none, stream, headerBlock([['x', 'y'.repeat(100)]])));
    }
    await hand.withhold();
  }),
  'sends too many headers': kind(fc.record({ path: targets }), (hand, { path }) => {
    const stream = hand.newStream();
    const many = headerBlock(Array.from({ length: 100 }, (_, i) => [`x-${i}`, 'y'.repeat(60)] as const));
    const first = Buffer.concat([headerBlock(request('GET', path)), many]);
    return hand.send(
      frame(FRAME_TYPES.headers, FLAGS.endStream, stream, first),
      frame(FRAME_TYPES.continuation, FLAGS.endHeaders, stream, many),
    );
  }),
  floods: kind(
    fc.record({ what: oneOf(...Object.keys(FLOODS)), count: fc.integer({ min: 50, max: 300 }), path: posts }),
    async (hand, { what, count, path }) => {
      const stream = await beginBody(hand, path, 'part');
      await hand.send(Buffer.concat(Array.from({ length: count }, () => FLOODS[what]?.(stream) ?? Buffer.alloc(0))));
    },
  ),
  'sends more than announced': kind(fc.record({ path: posts }), (hand, { path }) => {
    const stream = hand.newStream();
    return hand.send(post(stream, path, ['content-length', '2']), data(stream, bodyOf(path), FLAGS.endStream));
  }),
  'sends less than announced': kind(fc.record({ path: posts }), (hand, { path }) => {
    const stream = hand.newStream();
    return hand.send(post(stream, path, ['content-length', '100']), data(stream, 'less', FLAGS.endStream));
  }),
  'sends trailers': kind(fc.record({ path: posts }), (hand, { path }) => {
    const stream = hand.newStream();
    return hand.send(post(stream, path), data(stream, bodyOf(path)), headers(stream, [['x-trailer', 'y']]));
  }),
  'expects to be asked on': kind(
    fc.record({ path: posts, next: oneOf('sends', 'withholds') }),
    async (hand, { path, next }) => {
      const stream = hand.newStream();
      await hand.send(post(stream, path, ['expect', '100-continue']));
      if (next === 'sends') await hand.send(data(stream, bodyOf(path), FLAGS.endStream));
      else await hand.withhold();
    },
  ),
  'expects what there is not': kind(fc.record({ path: posts }), (hand, { path }) =>
    hand.send(post(hand.newStream(), path, ['expect', 'a-miracle'])),
  ),
  connects: kind(fc.record({ authority: oneOf('a:443', 'localhost') }), (hand, { authority }) =>
    hand.send(
      headers(
        hand.newStream(),
        [
          [':method', 'CONNECT'],
          [':authority', authority],
        ],
        FLAGS.none,
      ),
    ),
  ),
  'stops reading': kind(
    fc.record({ path: downloads, next: oneOf('reads on', 'leaves it') }),
    async (hand, { path, next }) => {
      hand.read('never');
      await hand.send(get(hand, path).bytes, get(hand, '/ok').bytes);
      await hand.withhold();
      if (next === 'reads on') hand.read('at once');
    },
  ),
  'reads slowly': kind(fc.record({ path: downloads }), async (hand, { path }) => {
    hand.read('slowly');
    await hand.send(get(hand, path).bytes);
    await hand.withhold();
    hand.read('at once');
  }),
  'leaves at once': kind(fc.record({ path: fc.oneof(targets, posts), how: leavings }), async (hand, { path, how }) => {
    await hand.send(PATHS.posts.includes(path) ? post(hand.newStream(), path) : get(hand, path).bytes);
    await hand.leave(how);
  }),
  'leaves in the middle of an answer': kind(
    fc.record({ path: oneOf('/parts', '/big', '/stream', '/events'), how: leavings, isRead: fc.boolean() }),
    async (hand, { path, how, isRead }) => {
      hand.read(isRead ? 'slowly' : 'never');
      await hand.send(get(hand, path).bytes);
      if (isRead) await hand.answered();
      await hand.leave(how);
    },
  ),
};

/** Deeds of strangers who cannot even open a connection. */
export const HTTP2_OPENINGS: Kinds = {
  'opens with half a preface': kind(
    fc.record({ length: fc.integer({ min: 1, max: 23 }) }),
    async (hand, { length }) => {
      await hand.send(PREFACE.subarray(0, length));
      await hand.withhold(0.2);
    },
  ),
  'opens without settings': kind(fc.record({ path: targets }), (hand, { path }) =>
    hand.send(PREFACE, headers(1, request('GET', path))),
  ),
  'opens with text of HTTP/1.1': kind(fc.record({ path: targets }), (hand, { path }) =>
    hand.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`),
  ),
};

/** A request without a body, on a new stream. */
function get(hand: Hand, path: string): { readonly stream: number; readonly bytes: Buffer } {
  const stream = hand.newStream();
  return { stream, bytes: headers(stream, request('GET', path)) };
}

/** The head of a request whose body is to come. */
function post(stream: number, path: string, ...more: HeaderList): Buffer {
  return headers(stream, [...request('POST', path), ['content-type', typeOf(path)], ...more], FLAGS.none);
}

async function beginBody(hand: Hand, path: string, part: string): Promise<number> {
  const stream = hand.newStream();
  const first = bodyOf(path).slice(0, part.length);
  await hand.send(post(stream, path), ...(first === '' ? [] : [data(stream, first)]));
  return stream;
}

function request(method: string, path: string): HeaderList {
  return [
    [':method', method],
    [':scheme', 'http'],
    [':authority', 'a'],
    [':path', path],
  ];
}
