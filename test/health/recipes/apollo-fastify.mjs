// Apollo Server on Fastify, with the setup from the documentation of its integration. Apollo Server stops itself at SIGTERM.
import { ApolloServer } from '@apollo/server';
import { fastifyApolloDrainPlugin, fastifyApolloHandler } from '@as-integrations/fastify';
import coalmine from '@coalmine/fastify';
import Fastify from 'fastify';
import { ended, listening, typeDefs, work } from './work.mjs';

const app = Fastify();
const apollo = new ApolloServer({
  typeDefs,
  plugins: [fastifyApolloDrainPlugin(app)],
});
apollo.addPlugin({ serverWillStart: async () => ({ serverWillStop: ended }) });
await apollo.start();
await app.register(coalmine);
app.post('/graphql', fastifyApolloHandler(apollo));
app.get('/work/:ms', work);
await app.listen({ host: '127.0.0.1', port: 0 });
listening(app.server);
