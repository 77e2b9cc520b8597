import { createRequire } from 'node:module';
import type { CoalmineOptions } from '@coalmine/node';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { EXCHANGE_DEEDS } from './exchange-deeds.js';
import { FASTIFY_DEEDS, HOOK_DEEDS, PAYLOAD_DEEDS } from './fastify-deeds.js';
import {
  type FastifyPlan,
  type Hook,
  type Part,
  REQUEST_HOOKS,
  type Route,
  SCHEMAS,
  type Scope,
} from './fastify-plan.js';
import { describeError, keysOf, type Trace } from './trace.js';
import { turnLoop } from './turn-loop.js';

const require = createRequire(import.meta.url);

/** Returns the Fastify app of a plan, ready to listen. With options, the app uses Coalmine. */
export async function buildFastify(
  plan: FastifyPlan,
  trace: Trace,
  options: CoalmineOptions | undefined,
): Promise<FastifyInstance> {
  const app: FastifyInstance = require('fastify5')(serverOptions(plan, trace));
  if (options !== undefined) {
    const { coalmine } = await import('@coalmine/fastify');
    await app.register(coalmine, options);
  }
  for (const part of plan.parts) put(app, part, trace);
  await app.ready();
  for (const { method, url, payload } of plan.injected) {
    const headers = { 'x-id': `injected ${url}`, ...(payload.length > 0 && { 'content-type': 'application/json' }) };
    try {
      const injected = app.inject({ method: method as 'GET', url, headers, payload: payload.join('') });
      // A handler may leave the response open.
      const got = await Promise.race([injected, turnLoop()]);
      trace.app.push(
        got
          ? `injected: ${got.statusCode} ${JSON.stringify({ ...got.headers, date: '' })} ${got.body}`
          : 'injected: nothing',
      );
    } catch (error) {
      trace.app.push(`injecting ${method} ${url} fails: ${describeError(error)}`);
    }
  }
  return app;
}

function serverOptions(plan: FastifyPlan, trace: Trace): object {
  const { logger, frameworkErrors, clientErrorHandler, rewriteUrl, routerOptions, ...options } = Object.fromEntries(
    plan.options,
  ) as Record<string, unknown>;
  return {
    ...options,
    routerOptions: Object.fromEntries((routerOptions as FastifyPlan['options'] | undefined) ?? []),
    ...(logger === true && { logger: { level: 'trace', stream: { write: (line: string) => noteLog(line, trace) } } }),
    ...(frameworkErrors === true && {
      frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
        trace.of(request.raw, reply.raw).note(`framework error ${describeError(error)}`);
        void reply.code(499).send('refused');
      },
    }),
    ...(clientErrorHandler === true && {
      clientErrorHandler: (error: Error, socket: { end(text: string): void }) => {
        trace.app.push(`client error ${describeError(error)}`);
        socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\n\r\nbad');
      },
    }),
    ...(rewriteUrl === true && { rewriteUrl: ({ url = '' }) => url.replace(/^\/b/, '/a') }),
  };
}

/** Notes a line of the log, without what differs from run to run. The lines of Coalmine name it. */
function noteLog(line: string, trace: Trace): void {
  const { time, pid, hostname, responseTime, req, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const { remotePort, ...request } = (req ?? {}) as Record<string, unknown>;
  const text = JSON.stringify({ ...rest, req: request });
  if (/coalmine|Server listening/.test(text)) return;
  trace.app.push(`log ${text}`);
}

function put(app: FastifyInstance, part: Part, trace: Trace): void {
  try {
    add(app, part, trace);
  } catch (error) {
    trace.app.push(`${part.kind} throws ${describeError(error)}`);
  }
}

function add(app: FastifyInstance, part: Part, trace: Trace): void {
  switch (part.kind) {
    case 'scope':
      void app.register(pluginOf(part, trace), part.prefix === '' ? {} : { prefix: part.prefix });
      return;
    case 'route':
      app.route(routeOf(part, trace) as never);
      return;
    case 'hook':
      app.addHook(part.hook.event as 'onRequest', hookOf(part.hook, trace) as never);
      return;
    case 'app hook':
      addAppHook(app, part.event, part.name, trace);
      return;
    case 'parser':
      addParser(app, part.type, part.parser);
      return;
    case 'decorator':
      if (part.target === 'app') app.decorate(part.name, { value: 1 });
      else if (part.target === 'request') app.decorateRequest(part.name, '');
      else app.decorateReply(part.name, '');
      return;
    default:
      addHandling(app, part, trace);
  }
}

function pluginOf({ name, isEncapsulated, parts }: Scope, trace: Trace): (scope: FastifyInstance) => Promise<void> {
  const plugin = async (scope: FastifyInstance): Promise<void> => {
    trace.app.push(`${name} has ${scope.prefix} ${scope.pluginName.replace(' -> @coalmine/fastify', '')}`);
    for (const part of parts) put(scope, part, trace);
  };
  return Object.assign(plugin, isEncapsulated ? {} : { [Symbol.for('skip-override')]: true });
}

function addAppHook(app: FastifyInstance, event: string, name: string, trace: Trace): void {
  const note = (...seen: unknown[]): void => void trace.app.push([name, event, ...seen].map(String).join(' '));
  if (event === 'onRoute') {
    app.addHook('onRoute', (route) => {
      note(route.method, route.url, route.routePath, route.prefix, keysOf(route), JSON.stringify(route.config));
    });
  } else if (event === 'onRegister') app.addHook('onRegister', (scope, options) => note(scope.prefix, keysOf(options)));
  else
    app.addHook(event as 'onReady', (...args: unknown[]) => {
      note(args.length);
      const done = args.at(-1);
      if (typeof done === 'function') done();
    });
}

function addParser(app: FastifyInstance, type: string, parser: 'text' | 'stream' | 'failing'): void {
  if (parser === 'stream') app.addContentTypeParser(type, (_request, _payload, done) => done(null));
  else
    app.addContentTypeParser(type, { parseAs: 'string' }, (_request, body, done) =>
      parser === 'text' ? done(null, { a: body }) : done(Object.assign(new Error('not parsed'), { statusCode: 415 })),
    );
}

function addHandling(
  app: FastifyInstance,
  {
    kind,
    name,
    deed,
  }: Extract<
    Part,
    { deed: string; name: string; kind: 'not found' | 'error handler' | 'schema error formatter' | 'reply serializer' }
  >,
  trace: Trace,
): void {
  if (kind === 'reply serializer') {
    app.setReplySerializer((payload, status) => `${name} ${status} ${JSON.stringify(payload)}`);
  } else if (kind === 'schema error formatter') {
    app.setSchemaErrorFormatter((errors, part) => new Error(`${name} ${part} ${errors.length}`));
  } else if (kind === 'not found') {
    app.setNotFoundHandler((request, reply) => {
      trace.of(request.raw, reply.raw).note(`${name} finds nothing: ${describe(request, reply)}`);
      if (deed === 'throw') throw new Error('thrown by a handler of 404');
      if (deed === 'later') setImmediate(() => reply.code(404).send(`${name} later`));
      else void reply.code(404).send({ code: name });
    });
  } else {
    app.setErrorHandler((error, request, reply) => handleError(error, request, reply, { name, deed }, trace));
  }
}

function handleError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  { name, deed }: { readonly name: string; readonly deed: string },
  trace: Trace,
): void {
  trace.of(request.raw, reply.raw).note(`${name} gets ${describeError(error)}: ${describe(request, reply)}`);
  if (deed === 'throw') throw error;
  if (deed === 'later') setImmediate(() => reply.send(error));
  else void reply.send({ code: name });
}

function routeOf({ name, methods, url, deed, isHijacked, hooks, options, schemas }: Route, trace: Trace): object {
  const { errorHandler, ...rest } = Object.fromEntries(options) as Record<string, unknown>;
  const act = FASTIFY_DEEDS[deed];
  const exchange = EXCHANGE_DEEDS[deed];
  const byEvent = hooks.map(({ event }) => [
    event,
    hooks.filter((hook) => hook.event === event).map((hook) => hookOf(hook, trace)),
  ]);
  const handle = (request: FastifyRequest, reply: FastifyReply): unknown => {
    const notes = trace.of(request.raw, reply.raw);
    notes.note(`${name} ${deed}: ${describe(request, reply)}`);
    if (act !== undefined) return act(request, reply, notes);
    if (isHijacked) reply.hijack();
    exchange?.(request.raw, reply.raw, notes);
    return isHijacked ? undefined : reply;
  };
  return {
    method: methods.length === 1 ? methods[0] : methods,
    url,
    handler: handle,
    ...(schemas.length > 0 && { schema: Object.fromEntries(schemas.map((each) => SCHEMAS[each] ?? [])) }),
    ...Object.fromEntries(byEvent),
    ...rest,
    ...(errorHandler === true && {
      errorHandler: (error: unknown, request: FastifyRequest, reply: FastifyReply) =>
        handleError(error, request, reply, { name: `${name} itself`, deed: 'respond' }, trace),
    }),
  };
}

type Callback = (error?: unknown, payload?: unknown) => void;

function hookOf({ event, name, deed, isAsync }: Hook, trace: Trace): unknown {
  const before = (REQUEST_HOOKS as readonly string[]).includes(event);
  const hasPayload = event === 'preSerialization' || event === 'onSend';
  const act = (request: FastifyRequest, reply: FastifyReply | undefined, value: unknown): unknown => {
    const notes = trace.of(request.raw, reply?.raw ?? ({} as never));
    const seen = value instanceof Error ? describeError(value) : typeof value;
    notes.note(`${name} ${event} ${deed} ${seen}: ${reply === undefined ? '' : describe(request, reply)}`);
    if (before) return HOOK_DEEDS[deed]?.(request, reply as FastifyReply, notes);
    if (hasPayload) return PAYLOAD_DEEDS[deed]?.(value, reply as FastifyReply);
    return deed === 'fail' ? new Error(`${event} fails`) : deed === 'pass later' ? 'later' : 'done';
  };
  const settle = (outcome: unknown, done: Callback): void => {
    if (outcome instanceof Error) done(outcome);
    else if (hasPayload) done(null, outcome);
    else if (outcome === 'later') setImmediate(() => done());
    else if (outcome === 'done') done();
  };
  const settled = async (outcome: unknown): Promise<unknown> => {
    if (outcome instanceof Error) throw outcome;
    if (outcome === 'later') await new Promise(setImmediate);
    // A hook that responds returns the reply.
    if (hasPayload || typeof outcome === 'object') return outcome;
    return undefined;
  };
  if (event === 'onRequestAbort') {
    return isAsync
      ? async (request: FastifyRequest) => settled(act(request, undefined, undefined))
      : (request: FastifyRequest, done: Callback) => settle(act(request, undefined, undefined), done);
  }
  const hasValue = hasPayload || event === 'preParsing' || event === 'onError';
  if (isAsync) {
    return hasValue
      ? async (request: FastifyRequest, reply: FastifyReply, value: unknown) => settled(act(request, reply, value))
      : async (request: FastifyRequest, reply: FastifyReply) => settled(act(request, reply, undefined));
  }
  return hasValue
    ? (request: FastifyRequest, reply: FastifyReply, value: unknown, done: Callback) =>
        settle(act(request, reply, value), done)
    : (request: FastifyRequest, reply: FastifyReply, done: Callback) => settle(act(request, reply, undefined), done);
}

/** Returns what a function of an app sees of its request. */
function describe(request: FastifyRequest, reply: FastifyReply): string {
  const { id, method, url, originalUrl, params, query, body, is404, routeOptions } = request;
  return [
    JSON.stringify({ id, method, url, originalUrl, params, query, body: typeof body, is404 }),
    `route: ${routeOptions.method} ${routeOptions.url} ${keysOf(routeOptions)} ${keysOf(routeOptions.config)}`,
    `request: ${keysOf(request)}; ${keysOf(request.raw)}`,
    `reply: ${reply.statusCode} ${reply.sent} ${keysOf(reply)} ${JSON.stringify(reply.getHeaders())}; ${keysOf(reply.raw)}`,
  ].join('; ');
}
