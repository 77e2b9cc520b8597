import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Notes } from './trace.js';

type Deed = (request: FastifyRequest, reply: FastifyReply, notes: Notes) => unknown;

/** Deeds of handlers that respond through Fastify, by name. */
export const FASTIFY_DEEDS: Readonly<Record<string, Deed>> = {
  'send text': (_request, reply) => void reply.send('a text'),
  'send an object': (_request, reply) => void reply.send({ a: '1', b: 2 }),
  'send a buffer': (_request, reply) => void reply.send(Buffer.from('bytes')),
  'send null': (_request, reply) => void reply.send(null),
  'send nothing': (_request, reply) => void reply.send(),
  'send a number': (_request, reply) => void reply.type('text/plain').send(5),
  'send a stream': (_request, reply) => void reply.send(Readable.from(['a', 'b'])),
  'send a stream that fails': (_request, reply) => void reply.send(failing(true)),
  'send a stream that fails at once': (_request, reply) => void reply.send(failing(false)),
  'send a Response': (_request, reply) =>
    void reply.send(new Response('web', { status: 201, headers: { 'x-web': '1' } })),
  'send an error': (_request, reply) => void reply.send(httpError(409)),
  'send an error with a code': (_request, reply) => void reply.code(418).send(new Error('a teapot')),
  'send twice': (_request, reply) => void reply.send('once').send('twice'),
  'send what cannot be serialised': (_request, reply) => void reply.send({ a: 1n }),
  'send what was parsed': (request, reply) =>
    void reply.send({ a: 'x', body: typeof request.body, query: request.query, params: request.params }),
  'send no content': (_request, reply) => void reply.code(204).send(),
  'send with headers': (_request, reply) =>
    void reply
      .header('X-Case', 'Kept')
      .headers({ 'x-b': '1', 'set-cookie': ['a=1', 'b=2'] })
      .type('text/html')
      .send('<p>'),
  'send with a length': (_request, reply) => void reply.header('content-length', '3').send('longer'),
  'send with trailers': (_request, reply) => {
    reply.trailer('x-sum', async () => 'sum');
    void reply.send('trailed');
  },
  'send with an own serializer': (_request, reply) =>
    void reply.serializer((value) => `<${JSON.stringify(value)}>`).send({ a: 1 }),
  'send later': (_request, reply) => void setImmediate(() => reply.send('later')),
  'send an impossible status': (_request, reply) => void reply.code(1000).send('never'),
  'write the head, and send': (_request, reply) => {
    reply.raw.writeHead(202, { 'x-raw': '1' });
    void reply.send('raw head');
  },
  redirect: (_request, reply) => void reply.redirect('/b', 301),
  'not found': (_request, reply) => void reply.callNotFound(),
  'early hints': async (_request, reply) => {
    await new Promise<void>((resolve) => reply.raw.writeEarlyHints({ link: '</a>' }, () => resolve()));
    return 'hinted';
  },
  'return text': async () => 'returned',
  'return an object': async () => ({ a: 'x' }),
  'return nothing': async () => undefined,
  'return the reply': async (_request, reply) => {
    setImmediate(() => reply.send('by the reply'));
    return reply;
  },
  'return and send': async (_request, reply) => {
    void reply.send('sent');
    return 'returned';
  },
  'await, and send': async (_request, reply) => {
    await new Promise(setImmediate);
    return reply.code(201).send({ a: 'y' });
  },
  'await the reply': async (_request, reply, { note }) => {
    setImmediate(() => reply.send('awaited'));
    await reply;
    note('the reply was awaited');
  },
  'return in a while': async () => {
    await new Promise((resolve) => setTimeout(resolve, 40));
    return 'in a while';
  },
  throw: () => {
    throw new TypeError('thrown');
  },
  'throw an object': () => {
    throw { statusCode: 410, message: 'gone' };
  },
  'throw with a status': async () => {
    throw httpError(422);
  },
  'throw after the response': async (_request, reply) => {
    void reply.send('sent');
    throw new Error('after the response');
  },
  'reject with nothing': () => Promise.reject(),
  ids: (request, reply) =>
    void reply.send({
      a: request.id,
      ip: request.ip,
      protocol: request.protocol,
      host: request.host,
      version: request.is404,
    }),
};

/** Deeds of hooks before the handler. They return what happens next: `done`, an error, or nothing if they respond. */
export const HOOK_DEEDS: Readonly<Record<string, Deed>> = {
  pass: () => 'done',
  'pass later': () => 'later',
  fail: () => httpError(403),
  throw: () => {
    throw new Error('a hook has thrown');
  },
  respond: (_request, reply) => reply.code(401).send({ a: 'by a hook' }),
  hijack: (_request, reply) => reply.hijack().raw.end('hijacked'),
  'set a header': (_request, reply) => {
    reply.header('x-hook', 'was here').code(202);
    return 'done';
  },
  'set a raw header': (_request, reply) => {
    reply.raw.setHeader('X-Raw', 'was here');
    return 'done';
  },
  'listen for the end': (_request, reply, { note }) => {
    reply.raw.on('close', () => note(`closed: ${reply.sent} ${reply.raw.writableEnded}`));
    return 'done';
  },
};

/** Deeds of hooks that get the payload. They return the next payload, or an error. */
export const PAYLOAD_DEEDS: Readonly<Record<string, (payload: unknown, reply: FastifyReply) => unknown>> = {
  pass: (payload) => payload,
  fail: () => httpError(500),
  replace: (payload) => (typeof payload === 'string' ? payload.toUpperCase() : payload),
  empty: () => null,
  'set a header': (payload, reply) => {
    reply.header('X-Payload', typeof payload);
    return payload;
  },
};

function httpError(statusCode: number): Error {
  return Object.assign(new Error(`failed with ${statusCode}`), { statusCode, code: `E${statusCode}` });
}

function failing(hasPart: boolean): Readable {
  return Readable.from(
    (async function* () {
      if (hasPart) yield 'a part';
      await new Promise(setImmediate);
      throw new Error('the source has failed');
    })(),
  );
}
