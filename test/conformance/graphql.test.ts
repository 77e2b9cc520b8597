import { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import { coalmine } from '@coalmine/express';
import { coalmineApollo } from '@coalmine/graphql';
import { useAPQ } from '@graphql-yoga/plugin-apq';
import { useDeferStream } from '@graphql-yoga/plugin-defer-stream';
import express from 'express';
import { createSchema } from 'graphql-yoga';
import mercurius, { type MercuriusOptions } from 'mercurius';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { scrapeUntil } from '../support/exposition.js';
import { type Served, serveExpress } from './frameworks.js';
import { GRAPHQL_SERVERS, type GraphqlServer, type GraphqlSetup, makeSchema } from './graphql-servers.js';

let service: Served | undefined;
afterEach(async () => {
  await service?.close();
  service = undefined;
});

interface Sent {
  readonly query?: string;
  readonly variables?: object;
  readonly operationName?: string;
  readonly extensions?: object;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function post(
  body: string | Sent | readonly Sent[],
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${service?.port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? JSON.stringify({ query: body }) : JSON.stringify(body),
    ...(signal && { signal }),
  });
  return { status: response.status, text: await response.text() };
}

async function get(parameters: Record<string, string>, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${service?.port}/graphql?${new URLSearchParams(parameters)}`, {
    // Apollo Server refuses a GET that a page of another site could send.
    headers: { 'apollo-require-preflight': 'true', ...headers },
  });
  return { status: response.status, text: await response.text() };
}

/** Starts a service, sends requests one after the other, and returns what was counted. */
async function count(
  { start }: GraphqlServer,
  sent: readonly (string | Sent | readonly Sent[])[],
  setup?: GraphqlSetup,
): Promise<Record<string, number>> {
  service = await start(setup);
  for (const each of sent) await post(each);
  return (await service.scrape()).requests();
}

const isYoga = ({ name }: GraphqlServer): boolean => name.startsWith('Yoga');
const isApollo = ({ name }: GraphqlServer): boolean => name.startsWith('Apollo');

describe.each(GRAPHQL_SERVERS)('$name', (server) => {
  it('has every root field at zero before the first request, for the methods that reach it', async () => {
    service = await server.start();
    const exposition = await service.scrape();
    const zero = (method: string, route: string) =>
      exposition.value('http_requests_total', { method, route: `/graphql ${route}`, status_code: 500 });
    for (const field of ['item', 'items', 'boom', 'strict', 'wrong', 'health', 'every']) {
      expect([field, zero('GET', `Query.${field}`), zero('POST', `Query.${field}`)]).toEqual([field, 0, 0]);
    }
    for (const field of ['addItem', 'boom']) {
      expect([field, zero('GET', `Mutation.${field}`), zero('POST', `Mutation.${field}`)]).toEqual([
        field,
        undefined,
        0,
      ]);
    }
    expect(zero('POST', 'Subscription.ticks')).toBe(isYoga(server) ? 0 : undefined);
  });

  it('names an operation by its first root field, whatever a client calls it', async () => {
    const fragments = 'fragment inner on Query { strict: item { id } } fragment outer on Query { ...inner health }';
    const conditions = 'query ($no: Boolean!, $yes: Boolean = true)';
    expect(
      await count(server, [
        '{ item { id } }',
        'query Query_boom { item { id } }',
        '{ boom: item { id } }',
        '{ item { id } health }',
        '{ __typename item { id } }',
        `{ ...outer } ${fragments}`,
        '{ ... on Query { item { id } } health }',
        '{ ... { ... on Query { item { id } } } }',
        '{ health @skip(if: true) item { id } }',
        '{ health @include(if: false) item @include(if: true) { id } }',
        {
          query: `${conditions} { health @include(if: $no) items @skip(if: $yes) { id } item { id } }`,
          variables: { no: false },
        },
        {
          query: `${conditions} { ... @skip(if: $no) { item { id } } health @skip(if: $yes) }`,
          variables: { no: false, yes: false },
        },
        {
          query: `${conditions} { ...outer @include(if: $no) item @include(if: $yes) { id } } ${fragments}`,
          variables: { no: false },
        },
        { query: 'query a { health } query b { item { id } }', operationName: 'b' },
        'mutation { item: addItem(name: "1") { id } boom }',
      ]),
    ).toEqual({
      'POST /graphql Query.item 200': 14,
      // The second field fails, so the request fails.
      'POST /graphql Mutation.addItem 500': 1,
    });
  });

  it('gives questions about the schema one name', async () => {
    const asked = [
      '{ __typename }',
      '{ a: __schema { queryType { name } } b: __typename }',
      '{ __type(name: "Item") { name } }',
    ];
    expect(await count(server, [...asked, 'mutation { __typename }'])).toEqual({
      'POST /graphql (introspection) 200': 4,
    });
  });

  it('fails a request for a fault of the server, wherever in the result it is', async () => {
    expect(
      await count(server, [
        '{ boom }',
        '{ strict }',
        '{ wrong }',
        '{ items { id count } }',
        '{ item { name(fail: "error") } health }',
        '{ health boom }',
        '{ boom(as: "INTERNAL_SERVER_ERROR") }',
        '{ boom(as: "SERVICE_UNAVAILABLE") }',
        '{ boom(as: "OUT_OF_STOCK 503") }',
        'mutation { boom }',
      ]),
    ).toEqual({
      'POST /graphql Query.boom 500': 2,
      'POST /graphql Query.boom 503': 2,
      'POST /graphql Query.strict 500': 1,
      'POST /graphql Query.wrong 500': 1,
      'POST /graphql Query.items 500': 1,
      'POST /graphql Query.item 500': 1,
      'POST /graphql Query.health 500': 1,
      'POST /graphql Mutation.boom 500': 1,
    });
  });

  it('does not fail a request for a mistake of its client', async () => {
    const codes = ['BAD_USER_INPUT', 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'OUT_OF_STOCK'];
    const counted = await count(server, [
      ...codes.map((code) => `{ boom(as: "${code}") }`),
      '{ strict(as: "FORBIDDEN") }',
      '{ item { name(fail: "NOT_FOUND") } }',
      '{ nope }',
      '{ ',
      { query: 'query ($id: ID!) { item(id: $id) { id } }' },
      { query: 'query a { item { id } } query b { health }' },
      { query: 'query a { item { id } }', operationName: 'b' },
      {},
    ]);
    const { 'POST /graphql Query.boom 200': boom, ...others } = counted;
    expect(boom).toBe(codes.length);
    expect(Object.keys(others).filter((series) => /5\d\d$/.test(series))).toEqual([]);
    expect(Object.values(counted).reduce((sum, each) => sum + each)).toBe(13);
    // An operation that is never executed counts on the path.
    const onPath = Object.entries(counted).filter(([series]) => /^POST \/graphql [24]00$/.test(series));
    expect(onPath.reduce((sum, [, each]) => sum + each, 0)).toBeGreaterThanOrEqual(5);
  });

  it('counts the status that the server reports', async () => {
    const counted = await count(server, ['{ boom(as: "NOT_FOUND 404") }']);
    // Mercurius does not read a status from this place.
    expect(counted).toEqual({ [`POST /graphql Query.boom ${server.name.startsWith('Merc') ? 200 : 404}`]: 1 });
  });

  it('names a batch by its first operation, and fails it if any of them fails', async () => {
    expect(
      await count(server, [
        [{ query: '{ item { id } }' }, { query: '{ health }' }],
        [{ query: '{ item { id } }' }, { query: '{ x: boom }' }],
        [{ query: '{ health(as: "FORBIDDEN") }' }, { query: '{ boom(as: "NOT_FOUND") }' }],
        [{ query: '{ items { id } }' }],
      ]),
    ).toEqual({
      'POST /graphql Query.item 200': 1,
      'POST /graphql Query.item 500': 1,
      'POST /graphql Query.health 200': 1,
      'POST /graphql Query.items 200': 1,
    });
  });

  it('counts queries by GET on their operations, and others on the path', async () => {
    service = await server.start();
    await get({ query: '{ boom: health }' });
    await get({ query: 'query a { health } query b { boom }', operationName: 'b' });
    await get({ query: 'mutation { addItem(name: "1") { id } }' });
    await get({ query: '{ nope }' });
    const counted = (await service.scrape()).requests();
    expect(counted).toMatchObject({ 'GET /graphql Query.health 200': 1, 'GET /graphql Query.boom 500': 1 });
    const onPath = Object.entries(counted).filter(([series]) => /^GET \/graphql [24]\d\d$/.test(series));
    expect(onPath.reduce((sum, [, each]) => sum + each, 0)).toBe(2);
  });

  it('makes no series from the names that a client gives its operations and fields', async () => {
    service = await server.start();
    await post('{ item { id } }');
    // The second scrape is the first that has the duration of a scrape.
    await service.scrape();
    const before = (await service.scrape()).series();
    for (let i = 0; i < 50; i++) {
      await post({
        query: `query q${i} { a${i}: item { b${i}: id } }`,
        operationName: `q${i}`,
        variables: { [`v${i}`]: i },
      });
    }
    expect((await service.scrape()).series()).toEqual(before);
    expect((await service.scrape()).requests()).toEqual({ 'POST /graphql Query.item 200': 51 });
  });

  it('lets no client hide a field behind one that is excluded', async () => {
    service = await server.start({ options: { routes: { 'Query.health': false } } });
    await post('{ health }');
    await post('{ health boom }');
    await post('{ health item { id } }');
    await post([{ query: '{ health }' }, { query: '{ boom }' }]);
    const exposition = await service.scrape();
    expect(exposition.requests()).toEqual({ 'POST /graphql Query.boom 500': 2, 'POST /graphql Query.item 200': 1 });
    const { 'metrics 2xx': _, ...excluded } = exposition.excluded();
    expect(excluded).toEqual({ 'route 2xx': 1 });
  });

  it('lets the app decide whose fault an error is', async () => {
    const codes = { OUT_OF_STOCK: 'server', INTERNAL_ERROR: 'client' } as const;
    expect(
      await count(server, ['{ boom(as: "OUT_OF_STOCK") }', '{ boom(as: "INTERNAL_ERROR") }'], { options: { codes } }),
    ).toEqual({ 'POST /graphql Query.boom 500': 1, 'POST /graphql Query.boom 200': 1 });
  });

  it('shows the error ratio that users saw, when every fourth request fails with a 200', async () => {
    service = await server.start();
    const answers: Answer[] = [];
    for (let i = 0; i < 40; i++) answers.push(await post('query checkout { total: every }'));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const seen = answers.filter(({ text }) => 'errors' in JSON.parse(text)).length;
    const exposition = await service.scrape();
    const on = { method: 'POST', route: '/graphql Query.every' };
    expect(seen).toBe(10);
    expect(exposition.value('http_requests_total', { ...on, status_code: 500 })).toBe(seen);
    expect(exposition.value('http_errors_total', { ...on, status_code: 500 })).toBe(seen);
    expect(exposition.sum('http_requests_total', on)).toBe(answers.length);
  });

  it('gives the operations of a batch their order, whichever is executed first', async () => {
    let calls = 0;
    let release = (): void => {};
    const second = new Promise<void>((resolve) => {
      release = resolve;
    });
    // The first operation is executed after the second.
    const schema = createSchema({
      typeDefs: 'type Query { first: Int second: Int }',
      resolvers: { Query: { first: () => second.then(() => 1), second: () => release() } },
    });
    const context = async (): Promise<Record<string, unknown>> => {
      calls++;
      if (calls === 1 && isYoga(server)) await second;
      return {};
    };
    const body = [{ query: '{ first }' }, { query: '{ second }' }];
    expect(await count(server, [body], { schema, context })).toEqual({ 'POST /graphql Query.first 200': 1 });
  });

  it('changes nothing in the responses', async () => {
    const sent = [
      '{ item { id name } }',
      '{ boom }',
      '{ boom(as: "FORBIDDEN 403") health }',
      '{ nope }',
      '{',
      [{ query: '{ item { id } }' }, { query: '{ boom }' }],
      { query: 'query ($id: ID) { item(id: $id) { id } }', variables: { id: '7' } },
      'mutation { addItem(name: "lamp") { id } }',
    ];
    const context = async (): Promise<Record<string, unknown>> => Object.freeze({ user: 'ann' });
    const answers = async (isPlain: boolean): Promise<unknown> => {
      service = await server.start({ isPlain, ...(isYoga(server) || isApollo(server) ? { context } : {}) });
      const received: unknown[] = [];
      for (const body of sent) {
        const response = await fetch(`http://127.0.0.1:${service.port}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(typeof body === 'string' ? { query: body } : body),
        });
        const headers = [...response.headers].filter(([name]) => name !== 'date');
        received.push([response.status, headers, await response.text()]);
      }
      await service.close();
      return received;
    };
    expect(await answers(false)).toEqual(await answers(true));
  });

  it('counts the operations of a large schema by their type alone', async () => {
    const names = Array.from({ length: 2_000 }, (_, i) => `f${i}`);
    const schema = createSchema({
      typeDefs: `type Query { ${names.map((name) => `${name}: Int`).join(' ')} } type Mutation { m: Int }`,
    });
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    service = await server.start({ schema, options: { routes: { 'Query.f1999': { objective: { latency: 1 } } } } });
    await post('{ f0 }');
    await post('{ f1998 }');
    await post('{ f1999 }');
    await post('mutation { m }');
    const messages = warned.mock.calls.map(([message, options]) => [(options as { code?: string }).code, message]);
    warned.mockRestore();
    const exposition = await service.scrape();
    expect(exposition.requests()).toEqual({
      'POST /graphql Query.(other) 200': 2,
      'POST /graphql Query.f1999 200': 1,
      'POST /graphql Mutation.(other) 200': 1,
    });
    expect(exposition.value('coalmine_series_dropped_total')).toBe(0);
    expect(messages).toEqual([['COALMINE_MANY_OPERATIONS', expect.stringContaining('2001 operations')]]);
  });

  it('refuses options that it cannot use at start-up, and warns of a field that does not exist', async () => {
    const refused = (options: object): Promise<unknown> => server.start({ options }).catch((error) => error.message);
    expect(await refused({ paths: '/x' })).toMatch(/options\.paths must be left out: options takes path, objective/);
    expect(await refused({ path: 'graphql' })).toBe(`path must be a path that starts with '/', got "graphql"`);
    expect(await refused({ codes: { A: 'user' } })).toBe(`codes.A must be 'client' or 'server', got "user"`);
    expect(await refused({ methods: ['PUT'] })).toBe('methods[0] must be GET or POST, got "PUT"');
    expect(await refused({ routes: { 'Query.item': { objective: { patience: 0.3 } } } })).toBe(
      'routes.Query.item.objective.patience must be at least the latency of 0.5 seconds, got 0.3',
    );
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    service = await server.start({ options: { routes: { 'Query.itme': { objective: { latency: 1 } } } } });
    const messages = warned.mock.calls.map(([message]) => message);
    warned.mockRestore();
    expect(messages).toEqual(['routes names "Query.itme", which /graphql does not have']);
  });

  it('uses the objectives of the options', async () => {
    const schema = createSchema({
      typeDefs: 'type Query { item: Int other: Int }',
      resolvers: { Query: { item: () => new Promise(() => {}), other: () => new Promise(() => {}) } },
    });
    const options = {
      objective: { latency: 10, patience: 1_000 },
      routes: { 'Query.item': { objective: { latency: 0.005, patience: 0.005 } } },
    };
    service = await server.start({ schema, options });
    const controller = new AbortController();
    const left = ['{ item }', '{ other }'].map((query) => post(query, {}, controller.signal).catch(() => 'left'));
    const metrics = `http://127.0.0.1:${service.port}/metrics`;
    await scrapeUntil(metrics, (exposition) => {
      return exposition.value('http_requests_overdue') === 1 && exposition.value('http_requests_in_flight') === 2;
    });
    controller.abort();
    expect(await Promise.all(left)).toEqual(['left', 'left']);
    const exposition = await scrapeUntil(metrics, (each) => each.value('http_requests_in_flight') === 0);
    expect(exposition.requests()).toEqual({ 'POST /graphql Query.item 504': 1, 'POST /graphql Query.other 499': 1 });
  });
});

const named = (name: string): GraphqlServer => {
  const found = GRAPHQL_SERVERS.find((server) => server.name === name);
  if (found === undefined) throw new Error(`no server ${name}`);
  return found;
};
const apollos = GRAPHQL_SERVERS.filter(isApollo);
const yogas = GRAPHQL_SERVERS.filter(isYoga);
const mercuriuses = GRAPHQL_SERVERS.filter((server) => !isApollo(server) && !isYoga(server));

const brokenContext = async (): Promise<never> => {
  throw new Error('no database');
};

describe.each(apollos)('$name, by itself', (server) => {
  it('fails a request whose context cannot be created, on the path', async () => {
    const counted = await count(server, ['{ item { id } }'], { context: brokenContext });
    expect(counted).toEqual({ 'POST /graphql 500': 1 });
  });

  it('judges what the client gets, whatever formatError makes of it', async () => {
    const formatError = ({ message }: { readonly message: string }) => ({ message: `hidden: ${message}` });
    expect(await count(server, ['{ boom }', '{ boom(as: "FORBIDDEN") }'], { apollo: { formatError } })).toEqual({
      'POST /graphql Query.boom 500': 1,
      'POST /graphql Query.boom 200': 1,
    });
  });

  it('does not fail a request for a persisted query that is not known yet', async () => {
    const sha256Hash = '0'.repeat(64);
    const sent = { extensions: { persistedQuery: { version: 1, sha256Hash } } };
    expect(await count(server, [sent])).toEqual({ 'POST /graphql 200': 1 });
  });
});

describe.each(yogas)('$name, by itself', (server) => {
  it('fails a request whose context cannot be created, on the path', async () => {
    const counted = await count(server, ['{ item { id } }'], { context: brokenContext });
    expect(counted).toEqual({ 'POST /graphql 500': 1 });
  });

  it('judges errors as they were before they are masked', async () => {
    const sent = ['{ boom }', '{ boom(as: "graphql") }', '{ wrong }'];
    const counted = {
      'POST /graphql Query.boom 500': 1,
      'POST /graphql Query.boom 200': 1,
      'POST /graphql Query.wrong 500': 1,
    };
    expect(await count(server, sent)).toEqual(counted);
    await service?.close();
    expect(await count(server, sent, { yoga: { maskedErrors: false } })).toEqual(counted);
  });

  it('does not fail a request for a persisted query that is not known yet', async () => {
    const plugin = useAPQ();
    const sent = { extensions: { persistedQuery: { version: 1, sha256Hash: '0'.repeat(64) } } };
    const counted = await count(server, [sent], { yoga: { plugins: [plugin] } });
    expect(Object.entries(counted)).toEqual([[expect.stringMatching(/^POST \/graphql [24]\d\d$/), 1]]);
  });

  it('counts a subscription as a stream of its field', async () => {
    service = await server.start();
    const accept = { accept: 'text/event-stream' };
    const { text } = await post('subscription { ticks }', accept);
    expect(text).toMatch(/"ticks":2/);
    await post('subscription { ticks(as: "FORBIDDEN") }', accept);
    const exposition = await service.scrape();
    expect(exposition.requests()).toEqual({ 'POST /graphql Subscription.ticks 200': 2 });
    expect(exposition.observed()).toEqual({});
  });

  it('fails a request if a deferred fragment throws', async () => {
    const query = '{ health ... @defer { item { name(fail: "error") } } }';
    service = await server.start({ yoga: { plugins: [useDeferStream()] } });
    const { text } = await post(query, { accept: 'multipart/mixed' });
    expect(text).toMatch(/"errors"/);
    expect((await service.scrape()).requests()).toEqual({ 'POST /graphql Query.health 500': 1 });
  });
});

describe.each(mercuriuses)('$name, by itself', (server) => {
  it('fails a request whose context cannot be created', async () => {
    const counted = await count(server, ['{ item { id } }'], { context: brokenContext });
    expect(Object.entries(counted)).toEqual([[expect.stringMatching(/^POST \/graphql 5\d\d$/), 1]]);
  });

  it('fails a request whatever the errorFormatter of the app makes of its errors', async () => {
    const errorFormatter: MercuriusOptions['errorFormatter'] = () => ({
      statusCode: 200,
      response: { data: null, errors: [] },
    });
    expect(await count(server, ['{ boom }'], { mercurius: { errorFormatter } })).toEqual({
      'POST /graphql Query.boom 500': 1,
    });
  });

  it('counts an error with a status of its own with that status', async () => {
    const schema = createSchema({
      typeDefs: 'type Query { told: Int }',
      resolvers: {
        Query: {
          told: () => {
            throw new mercurius.ErrorWithProps('told', {}, 200);
          },
        },
      },
    });
    expect(await count(server, ['{ told }'], { schema })).toEqual({ 'POST /graphql Query.told 200': 1 });
  });
});

it('neither a preflight nor a HEAD is counted as an operation', async () => {
  service = await named('Yoga on Express').start();
  const url = `http://127.0.0.1:${service.port}/graphql`;
  const preflight = { origin: 'http://a.test', 'access-control-request-method': 'POST' };
  await fetch(url, { method: 'OPTIONS', headers: preflight });
  await fetch(`${url}?query={boom}`, { method: 'HEAD' });
  const counted = (await service.scrape()).requests();
  expect(Object.keys(counted).filter((series) => series.includes('Query.') || / 5\d\d$/.test(series))).toEqual([]);
  expect(Object.values(counted)).toEqual([1, 1]);
});

describe('operations without a request', () => {
  it('are not counted, and Apollo Server says so once', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const app = express();
    const { instrument } = coalmine({ registry: new Registry(), warmup: false });
    const operations = coalmineApollo(instrument);
    const server = new ApolloServer({ schema: makeSchema(), plugins: [operations], stopOnTerminationSignals: false });
    await server.start();
    app.use('/graphql', express.json(), expressMiddleware(server));
    service = await serveExpress(app);
    const { text } = await post('{ health }');
    await post('{ health }');
    await server.executeOperation({ query: '{ health }' });
    const codes = warned.mock.calls.map(([, options]) => (options as { code?: string }).code);
    warned.mockRestore();
    expect(JSON.parse(text)).toEqual({ data: { health: 'ok' } });
    expect(codes).toEqual(['COALMINE_OPERATION_REQUEST']);
  });
});
