import coalmine from '@coalmine/fastify';
import { coalmineMercurius } from '@coalmine/graphql';
import Fastify from 'fastify';
import mercurius from 'mercurius';

const schema = /* GraphQL */ `
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
      if (count < 1) throw new mercurius.ErrorWithProps('order at least one', { code: 'BAD_USER_INPUT' });
      return { id, name: `${count} × item ${id}` };
    },
  },
};

const app = Fastify();
await app.register(coalmine);
await app.register(coalmineMercurius(mercurius), { schema, resolvers });

console.log(`Listening on ${await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 3000) })}`);
