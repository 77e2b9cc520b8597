import { createInstrument } from '@coalmine/node';
import Fastify from 'fastify';
import { Registry } from 'prom-client';
import { expect, it, onTestFinished } from 'vitest';
import { serveEndpoints } from './endpoint-routes.js';
import { liveWhileClosing } from './live-while-closing.js';

it.each(['', '/ops'])('a closing app responds to liveness below %j, and to nothing else', async (prefix) => {
  const instrument = createInstrument({ registry: new Registry(), log: false });
  onTestFinished(() => instrument.close());
  const app = Fastify();
  await app.register(
    async (scope) => {
      serveEndpoints(scope, instrument);
      liveWhileClosing(scope, instrument);
    },
    { prefix },
  );
  app.get('/items', async () => 'items');
  let meanwhile: readonly string[] = [];
  app.addHook('preClose', async () => {
    meanwhile = await responses();
  });
  const at = await app.listen({ port: 0 });
  const responses = async (): Promise<readonly string[]> => {
    const all = await Promise.all(
      [`${prefix}/livez`, `${prefix}/readyz`, '/items'].map(async (path) => {
        const response = await fetch(`${at}${path}`);
        await response.text();
        return `${response.status} ${response.headers.get('connection')}`;
      }),
    );
    return all;
  };
  expect(await responses()).toEqual(['200 keep-alive', '200 keep-alive', '200 keep-alive']);
  await app.close();
  expect(meanwhile).toEqual(['200 close', '503 close', '503 close']);
});
