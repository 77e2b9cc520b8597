import { fileURLToPath } from 'node:url';
import type { NextFunction, Request, Response } from 'express';
import { describeError, type Notes } from './trace.js';

const FILES = fileURLToPath(new URL('files', import.meta.url));

/** What a function of a generated Express app does. */
export type ExpressDeed = (request: Request, response: Response, next: NextFunction, notes: Notes) => unknown;

/** Deeds that respond through Express, by name. */
export const EXPRESS_DEEDS: Readonly<Record<string, ExpressDeed>> = {
  'send text': (_request, response) => response.send('a text'),
  'send an object': (_request, response) => response.send({ a: 1, b: '<b>' }),
  'send a buffer': (_request, response) => response.send(Buffer.from('bytes')),
  'send nothing': (_request, response) => response.send(),
  'send a long text': (_request, response) => response.send('long '.repeat(5_000)),
  'send twice': (_request, response) => {
    response.send('once');
    response.send('twice');
  },
  'send what was parsed': (request, response) => response.send({ body: request.body as unknown, query: request.query }),
  json: (_request, response) => response.status(201).json({ a: [1, null], b: '&' }),
  'json that fails': (_request, response) => response.json({ a: 1n }),
  jsonp: (_request, response) => response.jsonp({ a: 1 }),
  'a status alone': (_request, response) => response.sendStatus(404),
  redirect: (_request, response) => response.redirect('/b?x=é'),
  'redirect for ever': (_request, response) => response.redirect(301, '../a'),
  'a file': (_request, response) => response.sendFile('hello.txt', { root: FILES, maxAge: 1000 }),
  'a file with a callback': (_request, response, next, { note }) =>
    response.sendFile('hello.txt', { root: FILES }, (error) => {
      note(`file: ${describeError(error)}`);
      if (error) next(error);
    }),
  'a file that is not there': (_request, response) => response.sendFile('none.txt', { root: FILES }),
  'a file outside the root': (_request, response) => response.sendFile('../visits.ts', { root: FILES }),
  'a download': (_request, response) => response.download(`${FILES}/data.json`, 'named.json'),
  'a format': (_request, response) =>
    response.format({ text: () => response.send('text'), html: () => response.send('<p>html</p>') }),
  cookies: (_request, response) =>
    response.cookie('a', 'b', { httpOnly: true, path: '/' }).clearCookie('c').send('cookies'),
  headers: (_request, response) => {
    response.set('X-Set', 'a').append('x-set', 'b').type('html').location('/é').links({ next: '/2' }).vary('accept');
    response.send('headers');
  },
  fresh: (request, response) => {
    response.set('ETag', 'W/"5-x"').set('Last-Modified', 'Tue, 01 Jan 2030 00:00:00 GMT');
    response.send(request.fresh ? 'fresh' : 'stale');
  },
  'what the request says': (request, response) => {
    const { ip, ips, protocol, hostname, secure, xhr, subdomains } = request;
    const range = request.range(50);
    response.json({
      ip,
      ips,
      protocol,
      hostname,
      secure,
      xhr,
      subdomains,
      range,
      type: request.is('json'),
      ...request.params,
    });
  },
  'a view': (_request, response) => response.render('a view', { name: 'x' }),
  locals: (request, response) => response.json([response.locals, request.app.mountpath, request.app.path()]),
  'the wrong status': (_request, response) => response.status(1000).send('never'),
  'an async function': async (_request, response) => {
    await new Promise(setImmediate);
    response.send('async');
  },
  'respond, and pass on': (_request, response, next) => {
    response.send('sent');
    next();
  },
  'respond, and fail': (_request, response) => {
    response.send('sent');
    throw new Error('after the response');
  },
};

/** Deeds that pass a request on, or fail. */
export const PASSING_DEEDS: Readonly<Record<string, ExpressDeed>> = {
  next: (_request, _response, next) => next(),
  'next later': (_request, _response, next) => setImmediate(() => next()),
  // If the response came later, two responses would race, and the client's result would depend on the machine.
  'next twice': (_request, response, next) => {
    next();
    if (response.writableEnded) next();
  },
  'next route': (_request, _response, next) => next('route'),
  'next router': (_request, _response, next) => next('router'),
  'next route later': (_request, _response, next) => setImmediate(() => next('route')),
  'next with an error': (_request, _response, next) => next(httpError(409)),
  'next with an error later': (_request, _response, next) => setImmediate(() => next(httpError(503))),
  'next with a text': (_request, _response, next) => next('a text'),
  throw: () => {
    throw new TypeError('thrown');
  },
  'throw with a status': () => {
    throw httpError(422);
  },
  'throw with headers': () => {
    throw Object.assign(httpError(401), { headers: { 'WWW-Authenticate': 'Basic' } });
  },
  'throw an object': () => {
    throw { status: 410 };
  },
  reject: async (_request, _response, _next, { isRejectionLost, hang }: Notes & Partial<Lost>) => {
    if (isRejectionLost) hang();
    throw new Error('rejected');
  },
  'reject with nothing': (_request, _response, _next, { isRejectionLost, hang }: Notes & Partial<Lost>) => {
    if (isRejectionLost) hang();
    return Promise.reject();
  },
  'throw outside': (_request, _response, _next, { hang }) => {
    setImmediate(() => {
      hang();
      throw new Error('thrown outside');
    });
  },
  'change the url': (request, _response, next) => {
    request.url = '/b';
    next();
  },
  'change the method': (request, _response, next) => {
    request.method = 'GET';
    next();
  },
  'set headers': (_request, response, next) => {
    response.set('X-Middleware', 'was here');
    next();
  },
  'wrap end': (_request, response, next, { note }) => {
    const { end } = response;
    response.end = function (this: Response, ...args: Parameters<Response['end']>) {
      note(`wrapped end of ${args.length} arguments`);
      return Reflect.apply(end, this, args);
    } as never;
    next();
  },
  'wrap writeHead': (_request, response, next, { note }) => {
    const { writeHead } = response;
    response.writeHead = function (this: Response, ...args: Parameters<Response['writeHead']>) {
      note(`wrapped writeHead ${JSON.stringify(args)} ${JSON.stringify(response.getHeaders())}`);
      return Reflect.apply(writeHead, this, args);
    } as never;
    next();
  },
  'set req.route': (request, _response, next) => {
    request.route = { path: 'mine' };
    next();
  },
  'keep a value': (request, response, next) => {
    Object.assign(request, { user: 'u', res: response });
    response.locals.kept = true;
    next();
  },
};

/** Deeds of functions that get an error. */
export const ERROR_DEEDS: Readonly<Record<string, (error: unknown, ...rest: Parameters<ExpressDeed>) => unknown>> = {
  'respond to the error': (error, _request, response) => {
    response.status((error as { status?: number })?.status ?? 500).send(`handled: ${describeError(error)}`);
  },
  'pass the error on': (error, _request, _response, next) => next(error),
  'pass the error on later': (error, _request, _response, next) => setImmediate(() => next(error)),
  'forget the error': (_error, _request, _response, next) => next(),
  'raise another error': () => {
    throw new Error('another');
  },
  'pass on another error': (_error, _request, _response, next) => next(httpError(400)),
};

/** Whether nobody handles a rejected promise of a function. */
interface Lost {
  readonly isRejectionLost: boolean;
}

function httpError(status: number): Error {
  return Object.assign(new Error(`failed with ${status}`), { status, expose: status < 500, code: `E${status}` });
}
