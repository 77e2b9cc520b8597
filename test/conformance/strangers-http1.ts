import fc from 'fast-check';
import { PREFACE } from '../support/http2-frames.js';
import { garbage, type Kinds, kind } from './strangers-deeds.js';
import { PATHS } from './strangers-services.js';

// What strangers do over HTTP/1.1, over TCP or TLS.

const HOST = 'Host: a\r\n';
const BOUNDARY = 'x-boundary';
const JSON_BODY = '{"key":"value"}';
const FORM_BODY = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\ntext\r\n--${BOUNDARY}--\r\n`;
const LARGE_HEADER = `X-Large: ${'x'.repeat(20_000)}\r\n`;

const oneOf = fc.constantFrom;
const answering = oneOf(...PATHS.gets.filter((path) => path !== '/events'));
const downloads = oneOf('/big', '/stream');
const unusual = oneOf('/nowhere', '/%ff', '/ok?x=1', 'http://a/ok', ...Object.keys(PATHS.ours), '/events');
const targets = fc.oneof({ weight: 3, arbitrary: answering }, { weight: 2, arbitrary: unusual });
const posts = oneOf(...PATHS.posts);
const framings = oneOf<Framing>('length', 'chunks');
const leavings = oneOf('closes', 'half-closes', 'resets', 'cuts');

type Framing = 'length' | 'chunks';

export const HTTP1: Kinds = {
  asks: kind(
    fc.record({ paths: fc.array(targets, { minLength: 1, maxLength: 4 }), isInTurn: fc.boolean() }),
    async (hand, { paths, isInTurn }) => {
      for (const path of paths) {
        await hand.send(get(path));
        if (isInTurn) await hand.settled();
      }
    },
  ),
  'asks in pieces': kind(
    fc.record({ path: targets, pieces: fc.integer({ min: 2, max: 6 }) }),
    (hand, { path, pieces }) => hand.send(...inPieces(get(path), pieces)),
  ),
  'asks in HTTP/1.0': kind(fc.record({ path: targets, isKept: fc.boolean() }), (hand, { path, isKept }) =>
    hand.send(`GET ${path} HTTP/1.0\r\n${isKept ? 'Connection: keep-alive\r\n' : ''}\r\n`),
  ),
  'asks for heads': kind(fc.record({ path: oneOf('/ok', '/big') }), (hand, { path }) =>
    hand.send(`HEAD ${path} HTTP/1.1\r\n${HOST}\r\n`),
  ),
  pipelines: kind(
    fc.record({ paths: fc.array(targets, { minLength: 2, maxLength: 8 }), post: posts, framing: framings }),
    (hand, { paths, post, framing }) => hand.send(paths.map(get).join('') + whole(post, framing) + get('/ok')),
  ),
  'pipelines behind an unread answer': kind(
    fc.record({
      first: oneOf('/big', '/stream', '/events'),
      count: fc.integer({ min: 20, max: 200 }),
      path: answering,
    }),
    async (hand, { first, count, path }) => {
      hand.read('never');
      await hand.send(get(first) + get('/ok').repeat(count) + get(path));
      await hand.withhold();
    },
  ),
  posts: kind(
    fc.record({ path: posts, framing: framings, pieces: fc.integer({ min: 1, max: 4 }) }),
    (hand, { path, framing, pieces }) => hand.send(...inPieces(whole(path, framing), pieces)),
  ),
  'posts what cannot be read': kind(fc.record({ body: oneOf('{"key":', '\0\0', 'null null') }), (hand, { body }) =>
    hand.send(head('/json', 'length', body) + body),
  ),
  'withholds a body': kind(
    fc.record({ path: posts, framing: framings, share: oneOf(0, 0.5), next: oneOf('completes it', 'leaves it') }),
    async (hand, { path, framing, share, next }) => {
      const { begin, rest } = parted(path, framing, share);
      await hand.send(begin);
      await hand.withhold();
      if (next === 'completes it') await hand.send(rest);
    },
  ),
  'sends a body slowly': kind(
    fc.record({ path: posts, framing: framings, pieces: fc.integer({ min: 2, max: 5 }) }),
    async (hand, { path, framing, pieces }) => {
      const { begin, rest } = parted(path, framing, 0);
      await hand.send(begin);
      for (const piece of inPieces(rest, pieces)) {
        await hand.withhold(1.2 / pieces);
        await hand.send(piece);
      }
    },
  ),
  'breaks a chunked body': kind(
    fc.record({
      path: posts,
      after: oneOf('', '4\r\ngood\r\n'),
      chunk: oneOf(
        'not a chunk\r\n',
        '-1\r\n',
        '2\r\ntoo long\r\n',
        `1;${'x'.repeat(20_000)}\r\na\r\n`,
        `0\r\n${LARGE_HEADER}\r\n`,
      ),
    }),
    async (hand, { path, after, chunk }) => {
      await hand.send(head(path, 'chunks') + after);
      await hand.send(chunk);
    },
  ),
  'sends more than announced': kind(fc.record({ path: posts }), (hand, { path }) =>
    hand.send(`${whole(path, 'length')}and \0 more\r\n\r\n`),
  ),
  'sends less than announced, and asks': kind(fc.record({ path: posts }), (hand, { path }) =>
    hand.send(head(path, 'length', 'x'.repeat(10_000)) + get('/ok')),
  ),
  'announces what cannot be': kind(
    fc.record({
      path: posts,
      lines: oneOf(
        'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n',
        'Content-Length: 4\r\nContent-Length: 5\r\n',
        'Content-Length: -1\r\n',
        'Content-Length: four\r\n',
        'Transfer-Encoding: chunked, gzip\r\n',
      ),
    }),
    (hand, { path, lines }) => hand.send(`POST ${path} HTTP/1.1\r\n${HOST}${lines}\r\nbody`),
  ),
  'expects to be asked on': kind(
    fc.record({ path: posts, next: oneOf('sends', 'withholds') }),
    async (hand, { path, next }) => {
      await hand.send(head(path, 'length', bodyOf(path), 'Expect: 100-continue\r\n'));
      if (next === 'sends') await hand.send(bodyOf(path));
      else await hand.withhold();
    },
  ),
  'expects what there is not': kind(fc.record({ path: posts }), (hand, { path }) =>
    hand.send(head(path, 'length', bodyOf(path), 'Expect: a-miracle\r\n')),
  ),
  upgrades: kind(
    fc.record({ path: oneOf('/live', '/refused', '/nowhere', '/ok', '/big'), next: oneOf('', '\x81\x00', get('/ok')) }),
    (hand, { path, next }) =>
      hand.send(`GET ${path} HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`, next),
  ),
  'sends garbage': kind(
    fc.record({
      after: fc.option(targets, { nil: undefined }),
      bytes: fc.oneof(oneOf('\0\0\r\n\r\n', '\r\n\r\n\r\n', PREFACE.toString('latin1')), garbage(20, 40)),
    }),
    async (hand, { after, bytes }) => {
      if (after !== undefined) await hand.send(get(after));
      await hand.send(bytes);
    },
  ),
  'sends garbage while an answer goes out': kind(
    fc.record({ path: oneOf('/parts', '/events', '/big', '/stream') }),
    async (hand, { path }) => {
      hand.read('slowly');
      await hand.send(get(path));
      await hand.answered();
      await hand.send('\0\0\r\n\r\n');
    },
  ),
  'sends a head that cannot be': kind(
    fc.record({
      text: oneOf(
        `GET /ok HTTP/1.1\r\n${HOST}${LARGE_HEADER}\r\n`,
        `GET /ok HTTP/1.1\r\n${HOST}Bad Header: x\r\n\r\n`,
        `GET /ok HTTP/1.1\r\n${HOST}X-Bad: \0\r\n\r\n`,
        `GET /ok HTTP/9.9\r\n${HOST}\r\n`,
        `BREW /ok HTTP/1.1\r\n${HOST}\r\n`,
        `GET /ok HTTP/1.1\n${HOST}\n\n`,
        'GET\r\n\r\n',
      ),
    }),
    (hand, { text }) => hand.send(text),
  ),
  'never ends a head': kind(fc.record({ path: targets }), async (hand, { path }) => {
    await hand.send(`GET ${path} HTTP/1.1\r\n${HOST}X-More: `);
    await hand.withhold();
  }),
  'names no host': kind(fc.record({ path: answering }), (hand, { path }) => hand.send(`GET ${path} HTTP/1.1\r\n\r\n`)),
  'asks for what is no path': kind(
    fc.record({ line: oneOf('OPTIONS *', 'CONNECT a:443', 'PUT /nowhere', 'PURGE /nowhere') }),
    (hand, { line }) => hand.send(`${line} HTTP/1.1\r\n${HOST}\r\n`),
  ),
  'stops reading': kind(
    fc.record({ path: downloads, next: oneOf('reads on', 'leaves it') }),
    async (hand, { path, next }) => {
      hand.read('never');
      await hand.send(get(path));
      await hand.withhold();
      if (next === 'reads on') hand.read('at once');
    },
  ),
  'reads slowly': kind(fc.record({ path: downloads }), async (hand, { path }) => {
    hand.read('slowly');
    await hand.send(get(path));
    await hand.withhold();
    hand.read('at once');
  }),
  'leaves at once': kind(
    fc.record({
      text: fc.oneof(
        targets.map(get),
        posts.map((path) => whole(path, 'length')),
      ),
      how: leavings,
    }),
    async (hand, { text, how }) => {
      await hand.send(text);
      await hand.leave(how);
    },
  ),
  'leaves in the middle of its own body': kind(
    fc.record({ path: posts, framing: framings, share: oneOf(0, 0.5), how: leavings }),
    async (hand, { path, framing, share, how }) => {
      await hand.send(parted(path, framing, share).begin);
      await hand.leave(how);
    },
  ),
  'leaves in the middle of an answer': kind(
    fc.record({ path: oneOf('/parts', '/big', '/stream', '/events'), how: leavings, isRead: fc.boolean() }),
    async (hand, { path, how, isRead }) => {
      hand.read(isRead ? 'slowly' : 'never');
      await hand.send(get(path));
      if (isRead) await hand.answered();
      await hand.leave(how);
    },
  ),
};

function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\n${HOST}\r\n`;
}

function head(path: string, framing: Framing, body = bodyOf(path), more = ''): string {
  const length = framing === 'length' ? `Content-Length: ${body.length}` : 'Transfer-Encoding: chunked';
  return `POST ${path} HTTP/1.1\r\n${HOST}Content-Type: ${typeOf(path)}\r\n${more}${length}\r\n\r\n`;
}

function whole(path: string, framing: Framing): string {
  const { begin, rest } = parted(path, framing, 1);
  return begin + rest;
}

/** Returns a request in two parts: the head with a share of the body, and the rest of the body. */
function parted(path: string, framing: Framing, share: number): { readonly begin: string; readonly rest: string } {
  const body = bodyOf(path);
  const at = Math.floor(share * body.length);
  const [first, second] = [body.slice(0, at), body.slice(at)];
  const begin = head(path, framing);
  return framing === 'length'
    ? { begin: begin + first, rest: second }
    : { begin: begin + chunk(first), rest: `${chunk(second)}0\r\n\r\n` };
}

function chunk(text: string): string {
  return text === '' ? '' : `${text.length.toString(16)}\r\n${text}\r\n`;
}

/** Returns a body that is correct for a path. */
export function bodyOf(path: string): string {
  if (path === '/json') return JSON_BODY;
  return path === '/form' ? FORM_BODY : 'some bytes of a body';
}

export function typeOf(path: string): string {
  if (path === '/json') return 'application/json';
  return path === '/form' ? `multipart/form-data; boundary=${BOUNDARY}` : 'application/octet-stream';
}

/** Returns a text in a number of pieces of about the same length. */
function inPieces(text: string, count: number): string[] {
  const length = Math.ceil(text.length / count);
  return Array.from({ length: count }, (_, i) => text.slice(i * length, (i + 1) * length)).filter(
    (piece) => piece !== '',
  );
}
