// Apollo Server on Express, with the setup from its documentation. Apollo Server stops itself at SIGTERM.
import { createServer } from 'node:http';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import { expressMiddleware } from '@as-integrations/express5';
import { coalmine } from '@coalmine/express';
import express from 'express';
import { ended, listening, typeDefs, work } from './work.mjs';

const app = express();
const httpServer = createServer(app);
const apollo = new ApolloServer({
  typeDefs,
  plugins: [ApolloServerPluginDrainHttpServer({ httpServer })],
});
apollo.addPlugin({ serverWillStart: async () => ({ serverWillStop: ended }) });
await apollo.start();
app.use(coalmine());
app.use('/graphql', express.json(), expressMiddleware(apollo));
app.get('/work/:ms', async (request, response) => void response.send(await work(request)));
httpServer.listen(0, '127.0.0.1', () => listening(httpServer));
