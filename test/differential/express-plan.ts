import type { Random } from '../support/random.js';
import { EXCHANGE_DEEDS } from './exchange-deeds.js';
import { ERROR_DEEDS, EXPRESS_DEEDS, PASSING_DEEDS } from './express-deeds.js';
import { PLAIN_PATHS, type Targets } from './visits.js';

// A generated Express app, as plain data.

export type ExpressVersion = 'express4' | 'express5';

/** A text, or a regular expression. */
export type Path = string | { readonly regexp: string } | readonly string[];

export interface Handler {
  readonly name: string;
  readonly deed: string;
  /** Whether the function has four parameters, and handles errors. */
  readonly isForErrors: boolean;
}

export type Part =
  | { readonly kind: 'use'; readonly path: Path | undefined; readonly handlers: readonly Handler[] }
  | {
      readonly kind: 'route';
      readonly methods: readonly string[];
      readonly path: Path;
      readonly handlers: readonly Handler[];
      /** Whether the route is made by `app.route()`. */
      readonly isChained: boolean;
    }
  | { readonly kind: 'router'; readonly path: Path; readonly options: Options; readonly parts: readonly Part[] }
  /** A router that a function calls. */
  | { readonly kind: 'called router'; readonly path: Path; readonly options: Options; readonly parts: readonly Part[] }
  | { readonly kind: 'app'; readonly path: Path; readonly settings: Settings; readonly parts: readonly Part[] }
  | { readonly kind: 'param'; readonly handler: Handler }
  | { readonly kind: 'parser'; readonly parser: 'json' | 'text' | 'raw' | 'urlencoded'; readonly options: Options }
  | { readonly kind: 'static'; readonly path: Path; readonly options: Options };

type Options = readonly (readonly [name: string, value: unknown])[];
type Settings = readonly (readonly [name: string, value: unknown])[];

export interface ExpressPlan {
  readonly settings: Settings;
  readonly parts: readonly Part[];
}

const SETTINGS: readonly (readonly [string, readonly unknown[]])[] = [
  ['strict routing', [true]],
  ['case sensitive routing', [true]],
  ['query parser', ['extended', 'simple', false]],
  ['trust proxy', [true, 1, 'loopback']],
  ['etag', ['strong', 'weak', false]],
  ['x-powered-by', [false]],
  ['json spaces', [2]],
  ['json escape', [true]],
  ['env', ['production', 'development']],
  ['subdomain offset', [1]],
];
const TEXTS = ['/', '/a', '/b', '/a/b', '/:p', '/:p/x', '/a/:q', '/A', '/a/'];
const OF_EXPRESS_4 = ['*', '/a*', '/:p?', '/:p(\\d+)', '/a(b)?'];
const OF_EXPRESS_5 = ['/*rest', '/a/*rest', '/{:p}', '/a{/:q}'];
const METHODS = ['get', 'get', 'get', 'post', 'put', 'head', 'options', 'all', 'delete', 'patch'];

export const EXPRESS_TARGETS: Targets = {
  paths: [...PLAIN_PATHS, '/%61', '/a/%ff', '//a', '/none/at/all'].concat([
    '/files/hello.txt',
    '/files/data.json',
    '/files/folder',
    '/files/folder/',
    '/files/.hidden',
    '/files/../x',
  ]),
  methods: ['GET', 'GET', 'GET', 'GET', 'POST', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'PURGE'],
};

const RESPONDING = [...Object.keys(EXCHANGE_DEEDS), ...Object.keys(EXPRESS_DEEDS), ...Object.keys(EXPRESS_DEEDS)];
const PASSING = Object.keys(PASSING_DEEDS);
const FOR_ERRORS = Object.keys(ERROR_DEEDS);

export function expressPlanOf(random: Random, version: ExpressVersion): ExpressPlan {
  let names = 0;
  const settings = settingsOf(SETTINGS.length);
  // An Express 4 without any function has no router, and so no `X-Powered-By`.
  const first = {
    kind: 'use',
    path: undefined,
    handlers: [{ name: 'first', deed: 'next', isForErrors: false }],
  } as const;
  const parts: Part[] = [first, ...partsOf(3)];
  if (random.chance(0.5)) parts.push({ kind: 'use', path: undefined, handlers: [handlerOf(RESPONDING)] });
  if (random.chance(0.6)) parts.push({ kind: 'use', path: undefined, handlers: [handlerOf(FOR_ERRORS, true)] });
  return { settings, parts };

  function partsOf(depth: number): Part[] {
    return Array.from({ length: 1 + random.below(5) }, () => partOf(depth));
  }

  function partOf(depth: number): Part {
    const choice = random.below(depth > 0 ? 15 : 10);
    if (choice < 4)
      return { kind: 'route', methods: methodsOf(), path: pathOf(), ...chain(), isChained: random.chance(0.2) };
    if (choice < 6) return { kind: 'use', path: random.chance(0.4) ? undefined : pathOf(), ...chain() };
    if (choice === 6) return { kind: 'use', path: undefined, handlers: [handlerOf(FOR_ERRORS, true)] };
    if (choice === 7) return { kind: 'parser', ...parserOf() };
    if (choice === 8) return { kind: 'param', handler: handlerOf(random.chance(0.6) ? ['next'] : PASSING) };
    if (choice === 9) return { kind: 'static', path: '/files', options: optionsOf(STATIC) };
    const path = random.chance(0.3) ? '/' : pathOf();
    const parts = partsOf(depth - 1);
    if (choice < 13) return { kind: 'router', path, options: optionsOf(ROUTER), parts };
    if (choice === 13) return { kind: 'called router', path, options: optionsOf(ROUTER), parts };
    return { kind: 'app', path, settings: settingsOf(2), parts };
  }

  function chain(): { readonly handlers: readonly Handler[] } {
    const handlers = Array.from({ length: random.below(3) }, () =>
      random.chance(0.15)
        ? handlerOf(FOR_ERRORS, true)
        : handlerOf(random.chance(0.6) ? ['next', 'next later'] : PASSING),
    );
    return { handlers: [...handlers, handlerOf(random.chance(0.25) ? PASSING : RESPONDING)] };
  }

  function handlerOf(deeds: readonly string[], isForErrors = false): Handler {
    names++;
    return { name: `f${names}`, deed: random.pick(deeds), isForErrors };
  }

  function pathOf(): Path {
    const texts = [...TEXTS, ...TEXTS, ...(version === 'express4' ? OF_EXPRESS_4 : OF_EXPRESS_5)];
    if (random.chance(0.08)) return { regexp: random.pick(['^\\/a', '^\\/(\\w)$', 'b']) };
    if (random.chance(0.08)) return [random.pick(texts), random.pick(texts)];
    return random.pick(texts);
  }

  function methodsOf(): readonly string[] {
    return random.chance(0.2) ? [random.pick(METHODS), random.pick(METHODS)] : [random.pick(METHODS)];
  }

  function settingsOf(most: number): Settings {
    return optionsOf(SETTINGS).slice(0, most);
  }

  function parserOf(): { readonly parser: 'json' | 'text' | 'raw' | 'urlencoded'; readonly options: Options } {
    return { parser: random.pick(['json', 'json', 'text', 'raw', 'urlencoded']), options: optionsOf(PARSER) };
  }

  function optionsOf(known: readonly (readonly [string, readonly unknown[]])[]): Options {
    return known.flatMap(([name, values]) => (random.chance(0.25) ? [[name, random.pick(values)] as const] : []));
  }
}

const ROUTER = [
  ['mergeParams', [true]],
  ['strict', [true]],
  ['caseSensitive', [true]],
] as const;
const PARSER = [
  ['limit', [100]],
  ['type', ['*/*']],
  ['extended', [true, false]],
] as const;
const STATIC = [
  ['index', [false]],
  ['redirect', [false]],
  ['dotfiles', ['allow', 'deny']],
  ['maxAge', [60_000]],
  ['fallthrough', [false]],
  ['etag', [false]],
] as const;
