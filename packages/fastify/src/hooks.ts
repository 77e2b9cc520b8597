import type { FastifyInstance } from 'fastify';

type Hooks = Readonly<Record<string, readonly unknown[]>>;

/**
 * Returns a view of an app on which routes get no hooks: neither those that the app has, nor those that anybody adds later. The
 * routes are routes of the app in all other respects.
 *
 * Fastify has no public way to leave a route out of hooks, so this replaces the list that Fastify keeps with each scope. Where
 * a future Fastify keeps no such list, it returns the app.
 */
export function withoutHooks(app: FastifyInstance): FastifyInstance {
  const key = Object.getOwnPropertySymbols(app).find((symbol) => isHooks((app as never)[symbol]));
  if (key === undefined) return app;
  const none = Object.fromEntries(Object.keys((app as never)[key] as Hooks).map((name) => [name, []]));
  return Object.create(app, { [key]: { value: none } });
}

function isHooks(value: unknown): value is Hooks {
  const { onRequest, onSend, onRoute } = (value ?? {}) as Partial<Hooks>;
  return [onRequest, onSend, onRoute].every(Array.isArray);
}
