import { createServer } from 'node:http';
import { coalmineYoga } from '@coalmine/graphql';
import { createInstrument } from '@coalmine/node';
import { createGraphQLError, createSchema, createYoga } from 'graphql-yoga';

const typeDefs = /* GraphQL */ `
  type Item {
    id: ID!
    name: String!
  }
  type Query {
    item(id: ID!): Item
    boom: Item
  }
  type Mutation {
    order(id: ID!, count: Int!): Item
  }
`;

const resolvers = {
  Query: {
    item: (_root, { id }) => ({ id, name: `Item ${id}` }),
    // The client gets a 200 with `errors` in the body.
    boom: () => {
      throw new Error('boom');
    },
  },
  Mutation: {
    // This is a mistake of the client, and no failure of the service.
    order: (_root, { id, count }) => {
      if (count < 1) throw createGraphQLError('order at least one', { extensions: { code: 'BAD_USER_INPUT' } });
      return { id, name: `${count} × item ${id}` };
    },
  },
};

const instrument = createInstrument();
const schema = createSchema({ typeDefs, resolvers });
const yoga = createYoga({ schema, plugins: [coalmineYoga(instrument)] });

const server = createServer(instrument.handler(yoga)).listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(`Listening on http://127.0.0.1:${port}`);
});
