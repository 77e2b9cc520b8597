import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { ApolloServer, type ApolloServerOptions } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import { coalmine as coalmineExpress } from '@coalmine/express';
import coalmineFastify from '@coalmine/fastify';
import { coalmineApollo, coalmineMercurius, coalmineYoga, type GraphqlOptions } from '@coalmine/graphql';
import { type CoalmineOptions, createInstrument, type Instrument } from '@coalmine/node';
import express from 'express';
import Fastify, { type FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { createSchema, createYoga, type YogaServerOptions } from 'graphql-yoga';
import mercurius, { type MercuriusOptions } from 'mercurius';
import { Registry } from 'prom-client';
import { type Served, serve, serveExpress, serveFastify } from './frameworks.js';

// Loads the same copy as the servers. Vitest would load another copy, whose errors the servers would treat as unexpected.
const { GraphQLError }: typeof import('graphql') = createRequire(import.meta.url)('graphql');

/** The options of a service in a test. Each server uses the options that apply to it. */
export interface GraphqlSetup {
  readonly schema?: GraphQLSchema;
  readonly coalmine?: CoalmineOptions;
  readonly options?: GraphqlOptions;
  /** The app's context function. */
  readonly context?: () => Promise<Record<string, unknown>>;
  readonly apollo?: Pick<ApolloServerOptions<object>, 'formatError' | 'legacyExperimentalExecuteIncrementally'>;
  readonly mercurius?: MercuriusOptions;
  /** Whether Coalmine does not count operations, to see what the server does without it. */
  readonly isPlain?: boolean;
  readonly yoga?: Partial<YogaServerOptions<Record<string, unknown>, object>>;
}

/** A GraphQL server on one of the frameworks, at `/graphql`, with Coalmine. */
export interface GraphqlServer {
  readonly name: string;
  start(setup?: GraphqlSetup): Promise<Served>;
}

const TYPES = /* GraphQL */ `
  type Item {
    id: ID!
    name(fail: String): String
    count: Int
  }
  type Query {
    item(id: ID = "1"): Item
    items: [Item!]!
    boom(as: String = "error"): String
    strict(as: String = "error"): String!
    wrong: Int
    health(as: String): String
    every: Int
  }
  type Mutation {
    addItem(name: String!): Item
    boom: String
  }
  type Subscription {
    ticks(as: String): Int
  }
`;

/** A schema whose resolvers throw the errors that their arguments name. */
export function makeSchema(): GraphQLSchema {
  let calls = 0;
  const resolvers = {
    Item: { name: (_: object, { fail }: { fail?: string }) => (fail === undefined ? 'lamp' : raise(fail)) },
    Query: {
      item: (_: object, { id }: { id: string }) => ({ id, count: 1 }),
      items: () => [
        { id: '1', count: 1 },
        { id: '2', count: 'many' },
      ],
      boom: (_: object, { as }: { as: string }) => raise(as),
      strict: (_: object, { as }: { as: string }) => raise(as),
      wrong: () => 'one',
      health: (_: object, { as }: { as?: string }) => (as === undefined ? 'ok' : raise(as)),
      every: () => {
        calls++;
        return calls % 4 === 0 ? raise('error') : calls;
      },
    },
    Mutation: { addItem: (_: object, { name }: { name: string }) => ({ id: name }), boom: () => raise('error') },
    Subscription: {
      ticks: {
        async *subscribe(_: object, { as }: { as?: string }) {
          if (as !== undefined) raise(as);
          for (let i = 1; i <= 2; i++) yield { ticks: i };
        },
      },
    },
  };
  return createSchema({ typeDefs: TYPES, resolvers });
}

/** Throws a plain error (`error`), a GraphQL error (`graphql`), or a GraphQL error with a code and perhaps a status: `TEAPOT 418`. */
function raise(as: string): never {
  if (as === 'error') throw new Error('boom');
  if (as === 'graphql') throw new GraphQLError('no such thing');
  const [code, status] = as.split(' ');
  throw new GraphQLError('told', { extensions: { code, ...(status && { http: { status: Number(status) } }) } });
}

export const GRAPHQL_SERVERS: readonly GraphqlServer[] = [
  {
    name: 'Apollo Server on Express',
    start: async (setup = {}) => {
      const { app, instrument } = onExpress(setup);
      const operations = coalmineApollo(instrument, setup.options);
      const server = await startApollo(setup, operations);
      const context = setup.isPlain ? (setup.context ?? (async () => ({}))) : operations.context(setup.context);
      app.use('/graphql', express.json(), expressMiddleware(server, { context }));
      return serveExpress(app);
    },
  },
  {
    name: 'Apollo Server on Fastify',
    start: async (setup = {}) => {
      const app = await onFastify(setup);
      const operations = coalmineApollo(app.coalmine, setup.options);
      const server = await startApollo(setup, operations);
      const context = setup.isPlain ? (setup.context ?? (async () => ({}))) : operations.context(setup.context);
      const handler = fastifyApolloHandler(server, { context });
      app.route({ method: ['GET', 'POST'], url: '/graphql', handler });
      return serveFastify(app as never);
    },
  },
  ...['Mercurius', 'Mercurius, compiled'].map((name) => ({
    name,
    start: async (setup: GraphqlSetup = {}) => {
      const app = await onFastify(setup);
      await app.register(setup.isPlain ? mercurius : coalmineMercurius(mercurius, setup.options), {
        schema: setup.schema ?? makeSchema(),
        allowBatchedQueries: true,
        ...(setup.context && { context: setup.context }),
        ...(name === 'Mercurius, compiled' && { jit: 1 }),
        ...setup.mercurius,
      });
      return serveFastify(app as never);
    },
  })),
  {
    name: 'Yoga on node:http',
    start: async (setup = {}) => {
      const instrument = createInstrument(serviceOptions(setup));
      const yoga = makeYoga(setup, instrument);
      const listener = instrument.handler((request, response) => {
        if (request.url?.startsWith('/graphql')) return yoga(request, response);
        response.writeHead(404).end();
      });
      return serve(createServer(listener as (request: IncomingMessage, response: ServerResponse) => void));
    },
  },
  {
    name: 'Yoga on Express',
    start: async (setup = {}) => {
      const { app, instrument } = onExpress(setup);
      app.use('/graphql', makeYoga(setup, instrument).requestListener);
      return serveExpress(app);
    },
  },
  {
    name: 'Yoga on Fastify',
    start: async (setup = {}) => {
      const app = await onFastify(setup);
      const yoga = makeYoga(setup, app.coalmine);
      app.addContentTypeParser('multipart/form-data', {}, (_request, _payload, done) => done(null));
      app.route({
        method: ['GET', 'POST', 'OPTIONS'],
        url: '/graphql',
        handler: (request, reply) => yoga.handleNodeRequestAndResponse(request, reply, { req: request, reply }),
      });
      return serveFastify(app as never);
    },
  },
];

function serviceOptions({ coalmine }: GraphqlSetup): CoalmineOptions {
  return { registry: new Registry(), warmup: false, ...coalmine };
}

function onExpress(setup: GraphqlSetup): { app: express.Express; instrument: Instrument } {
  const app = express();
  const middleware = coalmineExpress(serviceOptions(setup));
  app.use(middleware);
  return { app, instrument: middleware.instrument };
}

async function onFastify(setup: GraphqlSetup): Promise<FastifyInstance> {
  const app = Fastify({ forceCloseConnections: true });
  await app.register(coalmineFastify, serviceOptions(setup));
  return app;
}

async function startApollo(
  { schema = makeSchema(), apollo, isPlain = false }: GraphqlSetup,
  operations: ReturnType<typeof coalmineApollo>,
): Promise<ApolloServer<object>> {
  const server = new ApolloServer<object>({
    schema,
    allowBatchedHttpRequests: true,
    stopOnTerminationSignals: false,
    ...apollo,
    plugins: isPlain ? [] : [operations],
  });
  await server.start();
  return server;
}

function makeYoga({ schema = makeSchema(), context, options, yoga, isPlain }: GraphqlSetup, instrument: Instrument) {
  return createYoga<Record<string, unknown>, object>({
    schema,
    logging: false,
    batching: true,
    ...(context && { context }),
    ...yoga,
    plugins: [!isPlain && coalmineYoga(instrument, options), ...(yoga?.plugins ?? [])],
  });
}
