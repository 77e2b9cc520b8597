import type { Random } from '../support/random.js';
import { EXCHANGE_DEEDS } from './exchange-deeds.js';
import { FASTIFY_DEEDS, HOOK_DEEDS, PAYLOAD_DEEDS } from './fastify-deeds.js';
import { PLAIN_PATHS, type Targets } from './visits.js';

// A generated Fastify app, as plain data.

export const REQUEST_HOOKS = ['onRequest', 'preParsing', 'preValidation', 'preHandler'] as const;
const PAYLOAD_HOOKS = ['preSerialization', 'onSend'] as const;
const QUIET_HOOKS = ['onResponse', 'onError', 'onTimeout', 'onRequestAbort'] as const;

/** A hook of the life of a request. */
export interface Hook {
  readonly event: (typeof REQUEST_HOOKS)[number] | (typeof PAYLOAD_HOOKS)[number] | (typeof QUIET_HOOKS)[number];
  readonly name: string;
  readonly deed: string;
  /** Whether it is an async function, rather than one with a callback. */
  readonly isAsync: boolean;
}

export interface Route {
  readonly kind: 'route';
  readonly name: string;
  readonly methods: readonly string[];
  readonly url: string;
  readonly deed: string;
  /** Whether a deed on the plain response takes the response from Fastify first. */
  readonly isHijacked: boolean;
  readonly hooks: readonly Hook[];
  readonly options: Options;
  /** The names of schemas, such as `body a`. */
  readonly schemas: readonly string[];
}

/** Plugins that are not encapsulated add to the scope around them. */
export interface Scope {
  readonly kind: 'scope';
  readonly name: string;
  readonly prefix: string;
  readonly isEncapsulated: boolean;
  readonly parts: readonly Part[];
}

export type Part =
  | Scope
  | Route
  | { readonly kind: 'hook'; readonly hook: Hook }
  /** A hook of the app itself. */
  | {
      readonly kind: 'app hook';
      readonly event: 'onRoute' | 'onRegister' | 'onReady' | 'onListen' | 'onClose' | 'preClose';
      readonly name: string;
    }
  | {
      readonly kind: 'error handler' | 'not found' | 'schema error formatter' | 'reply serializer';
      readonly name: string;
      readonly deed: string;
    }
  | { readonly kind: 'parser'; readonly type: string; readonly parser: 'text' | 'stream' | 'failing' }
  | { readonly kind: 'decorator'; readonly target: 'app' | 'request' | 'reply'; readonly name: string };

type Options = readonly (readonly [name: string, value: unknown])[];

export interface FastifyPlan {
  readonly options: Options;
  readonly parts: readonly Part[];
  /** Requests that `app.inject()` makes before the app listens. */
  readonly injected: readonly { readonly method: string; readonly url: string; readonly payload: readonly string[] }[];
}

const OPTIONS: readonly (readonly [string, readonly unknown[]])[] = [
  ['bodyLimit', [100]],
  ['exposeHeadRoutes', [false]],
  ['return503OnClosing', [false]],
  ['trustProxy', [true, 1]],
  ['requestIdHeader', ['x-id']],
  ['onProtoPoisoning', ['remove', 'ignore']],
  ['forceCloseConnections', [true, 'idle']],
  ['connectionTimeout', [60]],
  ['keepAliveTimeout', [4000]],
  ['maxRequestsPerSocket', [2]],
  ['allowErrorHandlerOverride', [false]],
  ['disableRequestLogging', [true]],
  ['logger', [true, true]],
  ['handlerTimeout', [30]],
  ['frameworkErrors', [true]],
  ['clientErrorHandler', [true]],
  ['rewriteUrl', [true]],
];
const ROUTER_OPTIONS: readonly (readonly [string, readonly unknown[]])[] = [
  ['ignoreTrailingSlash', [true]],
  ['ignoreDuplicateSlashes', [true]],
  ['caseSensitive', [false]],
  ['maxParamLength', [3]],
  ['useSemicolonDelimiter', [true]],
];
const ROUTE_OPTIONS: readonly (readonly [string, readonly unknown[]])[] = [
  ['bodyLimit', [50]],
  ['exposeHeadRoute', [false, true]],
  ['prefixTrailingSlash', ['slash', 'no-slash']],
  ['attachValidation', [true]],
  ['logLevel', ['error']],
  ['config', [{ mine: 1 }, { coalmine: false }]],
  ['constraints', [{ version: '2.0.0' }, { host: 'shop.test' }]],
  ['errorHandler', [true]],
  ['handlerTimeout', [20]],
];

export const SCHEMAS: Readonly<Record<string, readonly [part: string, schema: object]>> = {
  'body a': ['body', { type: 'object', required: ['a'], properties: { a: { type: 'integer' } } }],
  'query n': ['querystring', { type: 'object', properties: { n: { type: 'integer' }, x: { type: 'string' } } }],
  'params p': ['params', { type: 'object', properties: { p: { type: 'integer' } } }],
  'headers x-number': ['headers', { type: 'object', properties: { 'x-number': { type: 'integer' } } }],
  'response a': ['response', { '2xx': { type: 'object', required: ['a'], properties: { a: { type: 'string' } } } }],
  'response text': [
    'response',
    { 200: { type: 'string' }, '4xx': { type: 'object', properties: { code: { type: 'string' } } } },
  ],
};

const URLS = [
  '/',
  '/a',
  '/a',
  '/b',
  '/a/b',
  '/:p',
  '/:p/x',
  '/a/:q',
  '/A',
  '/a/',
  '/a/*',
  '*',
  '/:p(\\d+)',
  '/:p-:q',
  '/o/:p?',
  '',
];
const METHODS = ['GET', 'GET', 'GET', 'POST', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE', 'PATCH'];
const APP_HOOKS = ['onRoute', 'onRegister', 'onReady', 'onListen', 'onClose', 'preClose'] as const;
const HANDLING = ['error handler', 'not found', 'schema error formatter', 'reply serializer'] as const;

export const FASTIFY_TARGETS: Targets = {
  paths: [...PLAIN_PATHS, '/1-2', '/o', '/o/1', '/%61', '/a/%ff', '//a'].concat([
    '/none/at/all',
    '/longer-than-three',
    '/p/a',
    '/p',
    '/p/',
    '/p/p/1',
    '/many',
  ]),
  methods: ['GET', 'GET', 'GET', 'GET', 'POST', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'PURGE'],
};

const RESPONDING = [...Object.keys(FASTIFY_DEEDS), ...Object.keys(FASTIFY_DEEDS), ...Object.keys(EXCHANGE_DEEDS)];

export function fastifyPlanOf(random: Random): FastifyPlan {
  let names = 0;
  let hasMany = false;
  const parts = partsOf(2, 2 + random.below(7));
  return {
    options: [...optionsOf(OPTIONS, 0.1), ['routerOptions', optionsOf(ROUTER_OPTIONS, 0.15)]],
    parts,
    injected: injectedOf(),
  };

  function partsOf(depth: number, count: number): Part[] {
    return Array.from({ length: count }, () => partOf(depth));
  }

  function partOf(depth: number): Part {
    const choice = random.below(depth > 0 ? 17 : 14);
    if (choice < 6) return routeOf();
    if (choice < 10) return { kind: 'hook', hook: hookOf() };
    if (choice === 10) return { kind: 'app hook', event: random.pick(APP_HOOKS), name: nameOf() };
    if (choice === 11)
      return {
        kind: random.pick(HANDLING),
        name: nameOf(),
        deed: random.pick(['respond', 'respond', 'throw', 'later']),
      };
    if (choice === 12) {
      const type = random.pick(['application/custom', 'text/plain', '*', 'application/json']);
      return { kind: 'parser', type, parser: random.pick(['text', 'stream', 'failing']) };
    }
    if (choice === 13) return { kind: 'decorator', target: random.pick(['app', 'request', 'reply']), name: nameOf() };
    return {
      kind: 'scope',
      name: nameOf(),
      prefix: random.pick(['', '', '/p', '/p', '/:p', '/a/']),
      isEncapsulated: random.chance(0.75),
      parts: partsOf(depth - 1, 1 + random.below(5)),
    };
  }

  function routeOf(): Route {
    // Fastify leaves a route half made if only its second method is taken.
    const isOfMany = !hasMany && random.chance(0.15);
    hasMany ||= isOfMany;
    return {
      kind: 'route',
      name: nameOf(),
      methods: isOfMany ? ['GET', 'POST'] : [random.pick(METHODS)],
      url: isOfMany ? '/many' : random.pick(URLS),
      deed: random.pick(RESPONDING),
      isHijacked: random.chance(0.7),
      hooks: Array.from({ length: random.below(3) }, hookOf),
      options: optionsOf(ROUTE_OPTIONS, 0.08),
      schemas: random.chance(0.25) ? [random.pick(Object.keys(SCHEMAS))] : [],
    };
  }

  function hookOf(): Hook {
    const event = random.pick([...REQUEST_HOOKS, ...REQUEST_HOOKS, ...PAYLOAD_HOOKS, ...QUIET_HOOKS]);
    return {
      event,
      name: nameOf(),
      deed: random.chance(0.5) ? 'pass' : random.pick(deedsOf(event)),
      isAsync: random.chance(0.4),
    };
  }

  function deedsOf(event: Hook['event']): readonly string[] {
    if ((REQUEST_HOOKS as readonly string[]).includes(event)) return Object.keys(HOOK_DEEDS);
    return (PAYLOAD_HOOKS as readonly string[]).includes(event)
      ? Object.keys(PAYLOAD_DEEDS)
      : ['pass', 'pass later', 'fail'];
  }

  function injectedOf(): FastifyPlan['injected'] {
    return Array.from({ length: random.chance(0.3) ? 1 + random.below(2) : 0 }, () => ({
      method: random.pick(['GET', 'POST', 'HEAD', 'OPTIONS'] as const),
      url: random.pick(FASTIFY_TARGETS.paths.filter((path) => path !== '//a')),
      payload: random.chance(0.3) ? ['{"a":1}'] : [],
    }));
  }

  function nameOf(): string {
    names++;
    return `f${names}`;
  }

  function optionsOf(known: readonly (readonly [string, readonly unknown[]])[], probability: number): Options {
    return known.flatMap(([name, values]) =>
      random.chance(probability) ? [[name, random.pick(values)] as const] : [],
    );
  }
}
