import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { CoalmineOptions } from '@coalmine/node';
import { buildExpress } from './express-app.js';
import { buildFastify } from './fastify-app.js';
import type { Case, Said } from './side.js';
import { describeError, Trace } from './trace.js';
import { turnLoop } from './turn-loop.js';

// A process that serves generated apps, one at a time: all of them with Coalmine, or all without it.

const isMeasured = process.argv[2] === 'with';

/** An app that listens. */
interface Served {
  readonly server: Server;
  close(): Promise<void>;
}

let finish: () => void = () => {};
let trace: Trace | undefined;

process.on('message', (message: Case | 'finish' | 'rest') => {
  if (message === 'finish') finish();
  else if (message === 'rest') void turnLoop().then(() => say({ kind: 'rested' }));
  else void serve(message);
});
process.on('disconnect', () => process.exit());
process.on('unhandledRejection', (error) => trace?.app.push(`unhandled rejection: ${describeError(error)}`));
process.on('uncaughtException', (error) => trace?.app.push(`uncaught exception: ${describeError(error)}`));
process.on('warning', (warning) => {
  const { code = '', name, message } = warning as NodeJS.ErrnoException;
  // docs/errors.md lists the warnings of Coalmine. docs/architecture.md says that its listener counts for this one.
  if (!code.startsWith('COALMINE_') && name !== 'MaxListenersExceededWarning')
    trace?.warnings.push(`${code} ${message}`);
});
console.error = (...values: unknown[]) => void trace?.app.push(`console.error: ${values.map(String).join(' ')}`);

async function serve(played: Case): Promise<void> {
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  trace = new Trace(played.isWatching, (id, text) => say({ kind: 'hangs', id, text }));
  const { app, requests, warnings } = trace;
  const served = await start(played, trace).catch((error: unknown) => {
    app.push(`start-up fails: ${describeError(error)}`);
    return undefined;
  });
  const sockets = new Set<Socket>();
  served?.server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const address = served?.server.address() as AddressInfo | null | undefined;
  say({ kind: 'listens', port: address?.port ?? 0 });
  await finished;
  while (sockets.size > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await trace.settled();
  await served?.close();
  // The order of two requests depends on the machine, unless they share a connection.
  const ids = Object.keys(requests).sort();
  const lines = ids.flatMap((id) => [`\n== request ${id}`, ...(requests[id] ?? [])]);
  say({ kind: 'report', lines: [...lines, '\n== app', ...app, '\n== warnings', ...warnings] });
}

async function start(played: Case, into: Trace): Promise<Served> {
  const options = isMeasured ? await coalmineOptions(played.options) : undefined;
  if (played.framework === 'fastify5') {
    const app = await buildFastify(played.plan, into, options);
    // Compares the routes only without endpoints, because otherwise Coalmine adds the routes in docs/start.md.
    if (played.options === 'without endpoints') into.app.push(app.printRoutes({ commonPrefix: false }));
    await app.listen({ host: '127.0.0.1', port: 0 });
    return { server: app.server, close: () => app.close() as unknown as Promise<void> };
  }
  const { coalmine } = options === undefined ? { coalmine: undefined } : await import('@coalmine/express');
  const middleware = coalmine?.(options);
  const server = buildExpress(played.framework, played.plan, into, (app) => {
    if (middleware !== undefined) app.use(middleware);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    server,
    close: async () => {
      await new Promise((resolve) => server.close(resolve));
      await middleware?.instrument.close();
    },
  };
}

async function coalmineOptions(name: string): Promise<CoalmineOptions> {
  const { Registry } = await import('prom-client');
  const { COALMINE_OPTIONS } = await import('./coalmine-options.js');
  return { ...COALMINE_OPTIONS[name], registry: new Registry() };
}

function say(said: Said): void {
  process.send?.(said);
}
