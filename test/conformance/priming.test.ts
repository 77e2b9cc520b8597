import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createHttp2Server, createSecureServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { ListenOptions, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createPriming, type Progress } from '@coalmine/warmup';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { selfSigned } from '../support/self-signed.js';

type Certificate = Awaited<ReturnType<typeof selfSigned>>;

const tcp: ListenOptions = { host: '127.0.0.1', port: 0 };
const unixSocket: ListenOptions = { path: join(tmpdir(), `coalmine-priming-${process.pid}.sock`) };

// The kinds of servers and addresses that a service may listen with.
const SERVERS: readonly [
  name: string,
  create: (certificate: Certificate, listener: RequestListener) => object,
  at: ListenOptions,
][] = [
  ['HTTP', (_, listener) => createServer(listener), tcp],
  ['HTTP on a Unix socket', (_, listener) => createServer(listener), unixSocket],
  ['HTTP on every address', (_, listener) => createServer(listener), { port: 0 }],
  ['HTTPS', (certificate, listener) => createHttpsServer(certificate, listener), tcp],
  ['HTTP/2 without TLS', (_, listener) => createHttp2Server(listener as never), tcp],
  ['HTTP/2', (certificate, listener) => createSecureServer(certificate, listener as never), tcp],
  [
    'HTTP/2 that takes HTTP/1',
    (certificate, listener) => createSecureServer({ ...certificate, allowHTTP1: true }, listener as never),
    tcp,
  ],
];

describe('priming', () => {
  let certificate: Certificate;
  let server: Server;
  beforeAll(async () => {
    certificate = await selfSigned();
  });
  afterEach(() => void server?.close());

  const primed = async (create: (typeof SERVERS)[number][1], at: ListenOptions): Promise<[Progress, string[]]> => {
    const asked: string[] = [];
    const listener: RequestListener = async (request, response) => {
      const body = (await request.setEncoding('utf8').toArray()).join('');
      const host = request.headers[':authority'] ?? request.headers.host;
      asked.push(`${request.method} ${host}${request.url} ${request.headers['x-mark']} ${body}`.trim());
      response.statusCode = request.url === '/missing' ? 404 : 200;
      response.end('x'.repeat(100_000));
    };
    server = create(certificate, listener) as Server;
    const post = { method: 'POST', path: '/orders', headers: { Host: 'shop.example' }, body: 'tea' };
    const priming = createPriming(
      { requests: ['/items?page=2', post, '/missing'], count: 30, unsafe: true },
      { mark: ({ path }) => ({ 'x-mark': path }) },
    );
    priming.start(server);
    server.listen(at);
    while (priming.progress.state !== 'done') await delay(5);
    return [priming.progress, asked];
  };

  it.each(SERVERS)('goes through a server of %s', async (_name, create, at) => {
    const [progress, asked] = await primed(create, at);
    expect(progress).toMatchObject({ sent: 30, failed: 10, firstFailure: 'GET /missing 404' });
    expect(asked.sort()).toEqual(
      [
        'GET localhost/items?page=2 /items?page=2',
        'GET localhost/missing /missing',
        'POST shop.example/orders /orders tea',
      ]
        .flatMap((each) => Array.from({ length: 10 }, () => each))
        .sort(),
    );
    const closed = once(server, 'close');
    server.close();
    await closed;
  });
});

describe('in a cluster', () => {
  it('each worker primes itself, and does not count its priming as requests of users', async () => {
    const fixture = fileURLToPath(new URL('./fixtures/primed-cluster.mjs', import.meta.url));
    const child = spawn(process.execPath, [fixture], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [output] = await Promise.all([child.stdout.setEncoding('utf8').toArray(), once(child, 'exit')]);
    // Coalmine logs if a worker is not ready for long.
    const workers = JSON.parse(/^\[.*$/m.exec(output.join(''))?.[0] ?? '[]');
    expect(workers).toHaveLength(3);
    for (const worker of workers) {
      expect(worker).toEqual({ sent: 40, failed: 0, handled: 40, signed: 40, users: 0, rejected: 0 });
    }
  });
});
