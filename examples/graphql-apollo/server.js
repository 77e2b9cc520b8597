import { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import { coalmine } from '@coalmine/express';
import { coalmineApollo } from '@coalmine/graphql';
import express from 'express';
import { GraphQLError } from 'graphql';

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
      if (count < 1) throw new GraphQLError('order at least one', { extensions: { code: 'BAD_USER_INPUT' } });
      return { id, name: `${count} × item ${id}` };
    },
  },
};

const app = express();
const metered = coalmine();
app.use(metered);

const operations = coalmineApollo(metered.instrument);
const apollo = new ApolloServer({ typeDefs, resolvers, plugins: [operations] });
await apollo.start();
app.use('/graphql', express.json(), expressMiddleware(apollo, { context: operations.context() }));

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', (error) => {
  if (error) throw error;
  console.log(`Listening on http://127.0.0.1:${server.address().port}`);
});
