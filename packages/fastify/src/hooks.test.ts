import Fastify, { type FastifyInstance } from 'fastify';
import { describe, expect, it } from 'vitest';
import { withoutHooks } from './hooks.js';

const refuse = async (): Promise<never> => {
  throw new Error('a hook ran');
};

describe('a route on the view of an app without hooks', () => {
  it('gets no hook of the app, added before or after, and is a route of the app in its scope', async () => {
    const app = Fastify();
    await app.register(
      async (scope) => {
        scope.addHook('onRequest', refuse);
        withoutHooks(scope).get('/bare', async () => 'bare');
        scope.get('/guarded', async () => 'guarded');
        scope.addHook('preHandler', refuse);
      },
      { prefix: '/admin' },
    );
    app.addHook('onSend', refuse);
    expect(app.hasRoute({ method: 'GET', url: '/admin/bare' })).toBe(true);
    expect((await app.inject('/admin/bare')).body).toBe('bare');
    expect((await app.inject('/admin/guarded')).statusCode).toBe(500);
  });

  it('is a plain route of the app if Fastify keeps its hooks in another way', () => {
    const app = { [Symbol('fastify.hooks')]: { onRequest: new Set() } } as unknown as FastifyInstance;
    expect(withoutHooks(app)).toBe(app);
  });
});
