import { createServer } from 'node:http';
import { coalmine } from '@coalmine/express';
import type { Express, NextFunction, Request, RequestHandler, Response, Router } from 'express';
import fc from 'fast-check';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { openRaw } from '../support/client.js';
import { scrapeUntil } from '../support/exposition.js';
import type { ExpressFactory } from './express-app.js';
import { EXPRESS_VERSIONS, type ExpressVersion, expressOf, serve } from './frameworks.js';

// Random apps. Each app is built twice from one description: with Coalmine and without. The handler that responds reports itself,
// with the route that its requests should count on, and both apps must send the same bytes.

type Path = '' | '/a' | '/b' | '/:p' | '/a/b';
type Deed = 'respond' | 'pass' | 'pass later' | 'leave' | 'fail' | 'throw';

type Part =
  | { readonly kind: 'route'; readonly path: Path; readonly deed: Deed; readonly isMarked: boolean }
  | { readonly kind: 'handlers'; readonly path: Path; readonly deeds: readonly Deed[]; readonly isMarked: boolean }
  | { readonly kind: 'mark'; readonly path: Path; readonly exclude: boolean }
  | {
      readonly kind: 'router' | 'app' | 'called app' | 'called router';
      readonly path: Path;
      readonly parts: readonly Part[];
    };

const path = fc.constantFrom<Path>('', '/a', '/b', '/:p', '/a/b');
const deed = fc.constantFrom<Deed>('respond', 'respond', 'pass', 'pass later', 'leave', 'fail', 'throw');
const part = fc.letrec<{ part: Part }>((tie) => ({
  part: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ kind: fc.constant('route' as const), path, deed, isMarked: fc.boolean() }),
    fc.record({
      kind: fc.constant('handlers' as const),
      path,
      deeds: fc.array(deed, { minLength: 1, maxLength: 3 }),
      isMarked: fc.boolean(),
    }),
    fc.record({ kind: fc.constant('mark' as const), path, exclude: fc.boolean() }),
    fc.record({
      kind: fc.constantFrom('router' as const, 'app' as const, 'called app' as const, 'called router' as const),
      path,
      parts: fc.array(tie('part'), { minLength: 1, maxLength: 5 }),
    }),
  ),
})).part;
const request = fc.record({
  method: fc.constantFrom('GET', 'POST', 'OPTIONS'),
  path: fc.constantFrom(
    '/',
    '/a',
    '/b',
    '/a/b',
    '/b/a',
    '/a/b/a',
    '/A/b',
    '/a/a/b',
    '/b/b/b',
    '/c',
    '/a/%ff',
    '/a/../b',
  ),
});

describe.each(EXPRESS_VERSIONS)('%s, whatever is put together,', (version) => {
  it('sends the same bytes with Coalmine, and counts each request on its route', async () => {
    const runs = Number(process.env.EXPRESS_RUNS ?? 25);
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { minLength: 1, maxLength: 6 }),
        fc.array(request, { minLength: 1, maxLength: 12 }),
        (parts, requests) => compare(version, parts, requests),
      ),
      { numRuns: runs, seed: Number(process.env.EXPRESS_SEED ?? 13), endOnFailure: false },
    );
  }, 600_000);
});

interface Asked {
  readonly method: string;
  readonly path: string;
}

async function compare(version: ExpressVersion, parts: readonly Part[], requests: readonly Asked[]): Promise<void> {
  const registry = new Registry();
  const logs: string[][] = [[], []];
  const [measured, bare] = [true, false].map((isMeasured, i) => {
    const express = expressOf(version);
    const app = appOf(express);
    if (isMeasured) app.use(coalmine({ registry, warmup: false, health: false }));
    put(express, app, parts, { pattern: '', marks: [], excluded: false }, logs[i] as string[]);
    app.use((error: Fault, _request: Request, response: Response, _next: NextFunction) => {
      const { belongs = '(unmatched)', status = 500 } = error;
      response.status(status).set('x-belongs', belongs).send('failed');
    });
    return app;
  }) as [Router, Router];
  const services = await Promise.all([measured, bare].map((app) => serve(createServer(app as unknown as Express))));
  const expected: Record<string, number> = {};
  try {
    const count = ([seen = '', others = '']: readonly string[], method: string): void => {
      expect(seen).toBe(others);
      const [, status = ''] = /^HTTP\/1\.1 (\d+)/.exec(seen) ?? [];
      const [, belongs = '(unmatched)'] = /^x-belongs: (.*)\r$/im.exec(seen) ?? [];
      const key = belongs === 'nobody' ? `route ${status[0]}xx` : `${method} ${belongs} ${status}`;
      expected[key] = (expected[key] ?? 0) + 1;
    };
    const ask = ({ method, path: asked }: Asked): Promise<string[]> =>
      Promise.all(services.map(({ port }) => exchange(port, method, asked)));
    for (const each of requests) count(await ask(each), each.method);
    expect(logs[0]).toEqual(logs[1]);
    // All requests at the same time.
    const seen = await Promise.all(requests.map(ask));
    seen.forEach((each, i) => void count(each, requests[i]?.method ?? ''));
    const port = services[0]?.port;
    const exposition = await scrapeUntil(`http://127.0.0.1:${port}/metrics`, (each) => {
      const { 'metrics 2xx': _own, ...excluded } = each.excluded();
      return sum(each.requests()) + sum(excluded) >= 2 * requests.length;
    });
    const { 'metrics 2xx': _own, ...excluded } = exposition.excluded();
    expect({ ...exposition.requests(), ...excluded }).toEqual(expected);
    expect(exposition.value('http_requests_in_flight')).toBe(0);
  } finally {
    await Promise.all(services.map(({ close }) => close()));
  }
}

interface Fault {
  readonly belongs?: string;
  readonly status?: number;
}

/** The place of a part: its mount as text, and the marks that cover it. */
interface Where {
  readonly pattern: string;
  readonly excluded: boolean;
  readonly marks: readonly { readonly pattern: string; readonly exclude: boolean }[];
}

/** Adds parts to an app or a router. Each handler knows the route that it counts on. */
function put(express: ExpressFactory, target: Router, parts: readonly Part[], where: Where, log: string[]): void {
  let { marks } = where;
  for (const each of parts) {
    const pattern = where.pattern + each.path;
    const excluded = isExcluded(pattern, { ...where, marks });
    if (each.kind === 'mark') {
      target.use(each.path || '/', coalmine.route({ exclude: each.exclude }));
      marks = [...marks, { pattern, exclude: each.exclude }];
    } else if (each.kind === 'route') {
      target.get(each.path || '/', handlersOf(each.isMarked, [each.deed], excluded ? 'nobody' : pattern || '/', log));
    } else if (each.kind === 'handlers') {
      target.use(each.path || '/', handlersOf(each.isMarked, each.deeds, excluded ? 'nobody' : pattern || '/*', log));
      // The mark stays for everything after it at this path.
      if (each.isMarked) marks = [...marks, { pattern, exclude: true }];
    } else {
      const inner: Router = each.kind.endsWith('app') ? appOf(express) : express.Router();
      put(express, inner, each.parts, { pattern, marks, excluded: where.excluded }, log);
      const call: RequestHandler = (req, res, next) => void inner(req, res, next);
      target.use(each.path || '/', each.kind.startsWith('called') ? call : inner);
    }
  }
}

function isExcluded(pattern: string, { marks, excluded }: Where): boolean {
  const covers = (mark: string): boolean => pattern === mark || pattern.startsWith(`${mark}/`);
  return marks.findLast((mark) => covers(mark.pattern))?.exclude ?? excluded;
}

/** Returns handlers that do their deeds, after a mark if there is one. */
function handlersOf(isMarked: boolean, deeds: readonly Deed[], belongs: string, log: string[]): RequestHandler[] {
  if (!isMarked) return deeds.map((deed) => act(deed, belongs, log));
  return [coalmine.route(false), ...deeds.map((deed) => act(deed, 'nobody', log))];
}

/** Returns an app that prints no errors, typed as the router that an app is as well. */
function appOf(express: ExpressFactory): Router {
  return express().set('env', 'test') as unknown as Router;
}

/** Returns a handler that does its deed and reports the route that it counts on. */
function act(what: Deed, belongs: string, log: string[]): RequestHandler {
  return (req, response, next) => {
    log.push(
      `${req.method} ${req.originalUrl} ${req.baseUrl} ${req.url} ${what} ${belongs} ${JSON.stringify(req.params)}`,
    );
    if (what === 'respond')
      response
        .status(belongs === 'nobody' ? 503 : 200)
        .set('x-belongs', belongs)
        .send('ok');
    else if (what === 'pass') next();
    else if (what === 'pass later') setImmediate(() => next());
    else if (what === 'leave') next('router');
    else if (what === 'fail') setImmediate(() => next({ belongs }));
    else throw { belongs };
  };
}

/** Returns the whole response without its date. */
async function exchange(port: number, method: string, asked: string): Promise<string> {
  const { socket, received } = await openRaw(
    port,
    `${method} ${asked} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
  );
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  return received().replace(/^Date: .*\r\n/im, '');
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, n) => total + n, 0);
}
