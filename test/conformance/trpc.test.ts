import { createServer } from 'node:http';
import { coalmine as coalmineExpress } from '@coalmine/express';
import coalmineFastify from '@coalmine/fastify';
import { type CoalmineOptions, createInstrument } from '@coalmine/node';
import { coalmineTrpc, type TrpcOptions } from '@coalmine/trpc';
import { createTRPCClient, httpBatchLink, httpBatchStreamLink, httpLink } from '@trpc/client';
import { initTRPC, lazy, TRPCError } from '@trpc/server';
import { createExpressMiddleware } from '@trpc/server/adapters/express';
import { fastifyTRPCPlugin } from '@trpc/server/adapters/fastify';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import type { TRPC_ERROR_CODE_KEY } from '@trpc/server/rpc';
import express from 'express';
import Fastify from 'fastify';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Served, serve, serveExpress, serveFastify } from './frameworks.js';

const { procedure, router } = initTRPC.create();

function makeRouter() {
  let calls = 0;
  return router({
    items: router({
      byId: procedure.input(asText).query(({ input }) => ({ id: input })),
      add: procedure.input(asText).mutation(({ input }) => ({ added: input })),
    }),
    boom: procedure.query(() => {
      throw new Error('boom');
    }),
    refuse: procedure.input(asText).query(({ input }) => {
      throw new TRPCError({ code: input as TRPC_ERROR_CODE_KEY });
    }),
    ping: procedure.query(() => 'pong'),
    every: procedure.query(() => {
      calls++;
      if (calls % 4 === 0) throw new Error('boom');
      return calls;
    }),
    ticks: procedure.subscription(async function* () {
      yield 1;
    }),
    // The clients here do not need the types of a lazy router.
    later: lazy(async () => router({ hello: procedure.query(() => 'hello') })),
  });
}

function asText(input: unknown): string {
  if (typeof input !== 'string') throw new Error('a text is needed');
  return input;
}

interface Setup {
  readonly coalmine?: CoalmineOptions;
  readonly options?: TrpcOptions;
  readonly handler?: { readonly createContext?: () => never; readonly allowMethodOverride?: boolean };
  /** Whether Coalmine does not count procedures, to see what tRPC does without it. */
  readonly isPlain?: boolean;
}

const ADAPTERS: readonly { readonly name: string; start(setup?: Setup): Promise<Served> }[] = [
  {
    name: 'Express',
    start: async (setup = {}) => {
      const app = express();
      const middleware = coalmineExpress(serviceOptions(setup));
      app.use(middleware);
      const handler = { router: makeRouter(), ...setup.handler };
      const counted = setup.isPlain ? handler : coalmineTrpc(middleware.instrument, handler, setup.options);
      app.use('/trpc', createExpressMiddleware(counted));
      return serveExpress(app);
    },
  },
  {
    name: 'Fastify',
    start: async (setup = {}) => {
      const app = Fastify({ forceCloseConnections: true, routerOptions: { maxParamLength: 5_000 } });
      await app.register(coalmineFastify, serviceOptions(setup));
      const handler = { router: makeRouter(), ...setup.handler };
      const trpcOptions = setup.isPlain ? handler : coalmineTrpc(app.coalmine, handler, setup.options);
      await app.register(fastifyTRPCPlugin, { prefix: '/trpc', trpcOptions });
      return serveFastify(app as never);
    },
  },
  {
    name: 'standalone',
    start: async (setup = {}) => {
      const instrument = createInstrument(serviceOptions(setup));
      const handler = { router: makeRouter(), basePath: '/trpc/', ...setup.handler };
      const counted = setup.isPlain ? handler : coalmineTrpc(instrument, handler, setup.options);
      return serve(createServer(instrument.handler(createHTTPHandler(counted))));
    },
  },
];

function serviceOptions({ coalmine }: Setup): CoalmineOptions {
  return { registry: new Registry(), warmup: false, ...coalmine };
}

type Router = ReturnType<typeof makeRouter>;
type Link = typeof httpLink | typeof httpBatchLink | typeof httpBatchStreamLink;

let service: Served | undefined;
afterEach(async () => {
  await service?.close();
  service = undefined;
});

function clientOf(link: Link): ReturnType<typeof createTRPCClient<Router>> {
  return createTRPCClient<Router>({ links: [link({ url: `http://127.0.0.1:${service?.port}/trpc` })] });
}

async function call(path: string, options?: RequestInit): Promise<{ status: number; text: string }> {
  const response = await fetch(`http://127.0.0.1:${service?.port}/trpc/${path}`, options);
  return { status: response.status, text: await response.text() };
}

const counted = async (): Promise<Record<string, number>> => (await (service as Served).scrape()).requests();
const input = (value: unknown): string => `input=${encodeURIComponent(JSON.stringify(value))}`;
const post = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

describe.each(ADAPTERS)('tRPC on $name', ({ name, start }) => {
  // Fastify has its own route for names that no procedure has.
  const mount = name === 'Fastify' ? '/trpc/:path' : '/trpc';

  it('has every procedure at zero before the first request, for the method that calls it', async () => {
    service = await start();
    const exposition = await service.scrape();
    const zero = (method: string, procedureName: string) =>
      exposition.value('http_requests_total', { method, route: `/trpc ${procedureName}`, status_code: 500 });
    for (const query of ['items.byId', 'boom', 'refuse', 'ping', 'every', 'ticks']) {
      expect([query, zero('GET', query), zero('POST', query)]).toEqual([query, 0, undefined]);
    }
    expect([zero('GET', 'items.add'), zero('POST', 'items.add')]).toEqual([undefined, 0]);
  });

  it('names a call by its procedure, as the router has it', async () => {
    service = await start();
    const client = clientOf(httpLink);
    await client.items.byId.query('1');
    await client.items.add.mutate('lamp');
    await client.boom.query().catch(() => {});
    expect(await counted()).toEqual({
      'GET /trpc items.byId 200': 1,
      'POST /trpc items.add 200': 1,
      'GET /trpc boom 500': 1,
    });
  });

  it('knows the procedures of a lazy router once a request has loaded it', async () => {
    service = await start();
    await call('later.hello');
    await call('later.hello');
    expect(await counted()).toEqual({ 'GET /trpc later.hello 200': 2 });
  });

  it('names a batch by its first call, and fails it if any of them fails', async () => {
    service = await start();
    const client = clientOf(httpBatchLink);
    await Promise.all([client.items.byId.query('1'), client.ping.query()]);
    const settled = await Promise.allSettled([client.items.byId.query('1'), client.boom.query()]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    await Promise.allSettled([client.ping.query(), client.refuse.query('NOT_FOUND')]);
    expect(await counted()).toEqual({
      'GET /trpc items.byId 200': 1,
      'GET /trpc items.byId 500': 1,
      'GET /trpc ping 207': 1,
    });
  });

  it('fails a streamed batch, whose status was sent before the failure', async () => {
    service = await start();
    const client = clientOf(httpBatchStreamLink);
    await Promise.allSettled([client.ping.query(), client.boom.query()]);
    await Promise.all([client.ping.query(), client.items.byId.query('1')]);
    expect(await counted()).toEqual({ 'GET /trpc ping 500': 1, 'GET /trpc ping 200': 1 });
  });

  it('decides whose fault an error is by the status of its code', async () => {
    service = await start();
    const codes = ['BAD_REQUEST', 'UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT', 'TOO_MANY_REQUESTS', 'TIMEOUT'];
    const ours = ['INTERNAL_SERVER_ERROR', 'BAD_GATEWAY', 'SERVICE_UNAVAILABLE', 'GATEWAY_TIMEOUT', 'NOT_IMPLEMENTED'];
    const client = clientOf(httpBatchLink);
    // If another call in the batch has another status, the status is 207.
    for (const code of [...codes, ...ours]) await Promise.allSettled([client.refuse.query(code), client.ping.query()]);
    expect(await counted()).toEqual({
      'GET /trpc refuse 207': codes.length,
      'GET /trpc refuse 500': 1,
      'GET /trpc refuse 501': 1,
      'GET /trpc refuse 502': 1,
      'GET /trpc refuse 503': 1,
      'GET /trpc refuse 504': 1,
    });
  });

  it('counts a call of an unknown procedure on the path, and makes no series from its name', async () => {
    service = await start();
    await call('nope');
    // The second scrape is the first that has the duration of a scrape.
    await service.scrape();
    const before = (await service.scrape()).series();
    for (let i = 0; i < 20; i++) await call(`nope${i}.x`);
    await call('items.byId,nope?batch=1');
    expect((await service.scrape()).series().filter((series) => !before.includes(series))).toEqual([
      'http_requests_total {"method":"GET","route":"/trpc items.byId","status_code":"207"}',
      ...(await histogramOf('/trpc items.byId', '207')),
    ]);
    expect(await counted()).toEqual({ [`GET ${mount} 404`]: 21, 'GET /trpc items.byId 207': 1 });
  });

  it('does not fail a call for a mistake of its client', async () => {
    service = await start();
    await call(`items.byId?${input(7)}`);
    await call('items.byId?input={');
    await call('items.add');
    await call('items.byId', post('1'));
    const statuses = Object.keys(await counted()).map((series) => series.slice(-3));
    expect(statuses.filter((status) => status >= '500')).toEqual([]);
  });

  it('fails a request whose context cannot be created', async () => {
    const createContext = (): never => {
      throw new Error('no database');
    };
    service = await start({ handler: { createContext } });
    const { status } = await call('ping');
    expect(status).toBe(500);
    expect(await counted()).toEqual({ 'GET /trpc ping 500': 1 });
  });

  it('has zeros for both methods if queries may come as POST', async () => {
    service = await start({ handler: { allowMethodOverride: true } });
    await call('ping', post(null));
    const exposition = await service.scrape();
    expect(exposition.requests()).toEqual({ 'POST /trpc ping 200': 1 });
    for (const method of ['GET', 'POST']) {
      expect(exposition.value('http_requests_total', { method, route: '/trpc ping', status_code: 500 })).toBe(0);
    }
  });

  it('lets no client hide a procedure behind one that is excluded', async () => {
    service = await start({ options: { routes: { ping: false } } });
    await call('ping');
    await call('ping,boom?batch=1');
    const exposition = await service.scrape();
    expect(exposition.requests()).toEqual({ 'GET /trpc boom 500': 1 });
    expect(exposition.excluded()).toMatchObject({ 'route 2xx': 1 });
  });

  it('shares one route among procedures that are too many', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    service = await start({ options: { maxOperations: 3, routes: { boom: {} } } });
    await call('ping');
    await call('boom');
    const messages = warned.mock.calls.map(([, options]) => (options as { code?: string }).code);
    warned.mockRestore();
    expect(await counted()).toEqual({ 'GET /trpc (other) 200': 1, 'GET /trpc boom 500': 1 });
    expect(messages).toEqual(['COALMINE_MANY_OPERATIONS']);
  });

  it('refuses options that it cannot use', async () => {
    const refused = (options: object): Promise<unknown> => start({ options }).catch((error) => error.message);
    expect(await refused({ path: 'trpc' })).toBe(`path must be a path that starts with '/', got "trpc"`);
    expect(await refused({ method: 'GET' })).toMatch(
      /^options\.method must be left out: options takes path, objective/,
    );
  });

  it('shows the error ratio that users saw, when every fourth call fails behind a 207', async () => {
    service = await start();
    const client = clientOf(httpBatchLink);
    let seen = 0;
    for (let i = 0; i < 40; i++) {
      const [every] = await Promise.allSettled([client.every.query(), client.ping.query()]);
      if (every?.status === 'rejected') seen++;
    }
    expect(seen).toBe(10);
    expect(await counted()).toEqual({ 'GET /trpc every 500': seen, 'GET /trpc every 200': 30 });
  });

  it('changes nothing in the responses', async () => {
    const sent: readonly [string, RequestInit?][] = [
      [`items.byId?${input('1')}`],
      ['items.add', post('lamp')],
      ['boom'],
      ['ping,boom?batch=1'],
      ['nope'],
      ['ping', { method: 'HEAD' }],
      ['items.byId?input={'],
      ['ticks', { headers: { accept: 'text/event-stream' } }],
    ];
    const answers = async (isPlain: boolean): Promise<unknown> => {
      service = await start({ isPlain });
      const received: unknown[] = [];
      for (const [path, options] of sent) {
        const response = await fetch(`http://127.0.0.1:${service.port}/trpc/${path}`, options);
        const headers = [...response.headers].filter(([header]) => header !== 'date');
        // A stack contains lines of the test.
        received.push([
          response.status,
          headers.filter(([header]) => header !== 'content-length'),
          withoutStack(await response.text()),
        ]);
      }
      await service.close();
      return received;
    };
    expect(await answers(false)).toEqual(await answers(true));
  });

  async function histogramOf(route: string, status: string): Promise<readonly string[]> {
    const series = (await (service as Served).scrape()).series();
    return series.filter(
      (each) =>
        /^http_(?:request_duration|errors)/.test(each) && each.includes(`"${route}"`) && each.includes(`"${status}"`),
    );
  }
});

function withoutStack(text: string): string {
  return text.replace(/"stack":"(?:[^"\\]|\\.)*"/g, '"stack":""');
}
