import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough, pipeline, Readable } from 'node:stream';
import type { Notes } from './trace.js';

/** What a function of a generated app does with a plain request and response. */
export type ExchangeDeed = (request: IncomingMessage, response: ServerResponse, notes: Notes) => unknown;

/** Deeds that need nothing but `node:http`, by name. They end the response, break it, or leave it open. */
export const EXCHANGE_DEEDS: Readonly<Record<string, ExchangeDeed>> = {
  end: (_request, response) => response.end('ended'),
  'end without a body': (_request, response) => response.end(),
  'end twice': (_request, response) => response.end('once').end('twice'),
  'end with a callback': (_request, response, { note }) => response.end('told', () => note('end has called back')),
  'end twice with callbacks': (_request, response, { note }) => {
    response.end('told', 'utf8', () => note('the first end has called back'));
    response.end('again', (error?: Error) => note(`the second end has called back: ${error?.message}`));
  },
  'end with latin1': (_request, response) => response.end('caf\u00e9', 'latin1'),
  'end with a number': (_request, response) => response.end(5 as never),
  'read what the methods return': (_request, response, { note }) => {
    note(`writeHead returns the response: ${response.writeHead(200, { 'x-a': '1' }) === response}`);
    note(`write returns ${response.write('a')}`);
    note(`end returns the response: ${response.end('b') === response}`);
    note(`end returns the response again: ${response.end() === response}`);
  },
  'read the methods': (_request, response, { note }) => {
    const { writeHead, end } = response;
    note(`methods: ${writeHead.name} ${writeHead.length}, ${end.name} ${end.length}`);
    response.end('read');
  },
  'head with an object': (_request, response) => response.writeHead(201, { 'X-Case': 'Kept', 'x-b': 2 }).end('made'),
  'head with a message': (_request, response) => response.writeHead(202, 'Fine by me', { 'x-a': ['1', '2'] }).end('ok'),
  'head with a message alone': (_request, response) => response.writeHead(203, 'Only this').end('ok'),
  'head with a flat array': (_request, response) => response.writeHead(200, ['X-One', '1', 'X-Two', '2']).end('ok'),
  'head with an empty message': (_request, response) => response.writeHead(200, undefined, { 'x-a': '1' }).end('ok'),
  'head over set headers': (_request, response) => {
    response.setHeader('X-First', 'set');
    response.setHeader('x-second', 'set');
    response.writeHead(200, { 'x-first': 'written', 'x-third': 'written' }).end('merged');
  },
  'head twice': (_request, response) => response.writeHead(200).writeHead(404).end('twice'),
  'head of an impossible status': (_request, response) => response.writeHead(99).end('never'),
  'head with an impossible header': (_request, response) => response.writeHead(200, { 'x-a': 'a\nb' }).end('never'),
  'status and message': (_request, response) => {
    response.statusCode = 418;
    response.statusMessage = 'Short and stout';
    response.end('tea');
  },
  'a status that changes after the head': (_request, response) => {
    response.writeHead(200);
    response.statusCode = 500;
    response.end('kept');
  },
  'no content': (_request, response) => response.writeHead(204).end('dropped'),
  'not modified': (_request, response) => response.writeHead(304, { etag: '"x"' }).end(),
  'a header after the head': (_request, response) => {
    response.write('part');
    response.setHeader('x-late', '1');
    response.end();
  },
  'write in parts': (_request, response) => {
    response.write('one ');
    response.write(Buffer.from('two '));
    setImmediate(() => response.end('three'));
  },
  'write with callbacks': (_request, response, { note }) => {
    response.write('one', () => note('write has called back'));
    response.end('two', 'utf8', () => note('end has called back'));
  },
  'write after the end': (_request, response) => {
    response.end('over');
    response.write('late');
  },
  cork: (_request, response) => {
    response.cork();
    response.write('a');
    response.write('b');
    process.nextTick(() => response.uncork());
    response.end('c');
  },
  'flush the head': (_request, response) => {
    response.flushHeaders();
    setImmediate(() => response.end('flushed'));
  },
  'a length': (_request, response) => response.writeHead(200, { 'content-length': 5 }).end('exact'),
  'a wrong length': (_request, response) => {
    response.strictContentLength = true;
    response.writeHead(200, { 'content-length': 3 });
    response.end('longer');
  },
  trailers: (_request, response) => {
    response.writeHead(200, { trailer: 'x-sum' });
    response.write('body');
    response.addTrailers({ 'x-sum': '4' });
    response.end();
  },
  'early hints': (_request, response, { note }) => {
    response.writeEarlyHints({ link: '</a.css>; rel=preload' }, () => note('hints are written'));
    response.end('hinted');
  },
  'continue and processing': (_request, response) => {
    response.writeContinue();
    response.writeProcessing();
    response.end('continued');
  },
  'no date': (_request, response) => {
    response.sendDate = false;
    response.end('undated');
  },
  'close the connection': (_request, response) => response.setHeader('connection', 'close').end('last'),
  'no keep-alive': (_request, response) => {
    response.shouldKeepAlive = false;
    response.end('last');
  },
  'no chunks': (_request, response) => {
    response.useChunkedEncodingByDefault = false;
    response.write('until ');
    response.end('the close');
  },
  'a stream': (_request, response) => Readable.from(['a', 'b', 'c']).pipe(response),
  'a pipeline': (_request, response, { note }) =>
    pipeline(Readable.from(['a', 'b']), new PassThrough(), response, (error) => note(`pipeline: ${error?.message}`)),
  'a pipeline that fails': (_request, response, { note }) =>
    pipeline(failing(), response, (error) => note(`pipeline: ${error?.message}`)),
  'a stream that fails': (_request, response, { note }) =>
    failing()
      .on('error', (error) => {
        note(`stream: ${error.message}`);
        response.end('cut short');
      })
      .pipe(response),
  'an event stream': (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: 1\n\n');
    setImmediate(() => response.end('data: 2\n\n'));
  },
  destroy: (_request, response) => response.destroy(),
  'destroy with an error': (_request, response) => response.destroy(new Error('destroyed')),
  'destroy in the middle': (_request, response) => {
    response.write('half');
    setImmediate(() => response.destroy());
  },
  'destroy the request': (request) => request.destroy(),
  'destroy the socket': (request) => request.socket.destroy(),
  'end the socket': (_request, response) => {
    response.write('half');
    response.socket?.end();
  },
  'read the body': (request, response) => {
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
    });
    request.on('end', () => response.end(`read ${size}`));
    // A body that was already read emits no `end`.
    if (request.readableEnded) response.end('read before');
  },
  'echo the body': (request, response) =>
    request.readableEnded ? response.end('read before') : request.pipe(response),
  'respond later': (_request, response) => setImmediate(() => setImmediate(() => response.end('later'))),
  'respond in a while': (_request, response) => setTimeout(() => response.end('in a while'), 25),
  hang: (_request, _response, { hang }) => hang(),
  'hang in the middle': (_request, response, { hang }) => {
    response.write('half of it');
    hang('half of it');
  },
  'respond when the client has left': (_request, response, { hang, note }) => {
    response.once('close', () => {
      note(`ended late: ${response.end('nobody reads this') === response}, ${response.writableEnded}`);
      note(`head late: ${response.headersSent} ${response.statusCode}`);
    });
    hang();
  },
};

function failing(): Readable {
  return Readable.from(
    (async function* () {
      yield 'a part';
      await new Promise(setImmediate);
      throw new Error('the source has failed');
    })(),
  );
}
