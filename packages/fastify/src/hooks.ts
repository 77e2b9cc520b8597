import type { FastifyInstance } from 'fastify';

type Hooks = Readonly<Record<string, readonly unknown[]>>;

/**
 * Returns a view of an app on which routes get no hooks: neither the hooks of the app, nor hooks that are added later.
 * In all other respects the routes are routes of the app.
 *
 * Fastify has no public way to leave a route out of hooks, so this function replaces the list that Fastify keeps with
 * each scope. If a future Fastify keeps no such list, the function returns the app.
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
