import { once } from 'node:events';
import {
  Agent,
  createServer,
  get as getPlain,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createHttps, get } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { createHealth } from '@coalmine/health';
import { createInstrument } from '@coalmine/node';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { type Served, serve } from '../conformance/frameworks.js';
import { until } from '../support/client.js';
import { selfSigned } from '../support/self-signed.js';

const all: Served[] = [];
afterEach(async () => {
  await Promise.all(all.splice(0).map((served) => served.close()));
});

function logger(): { lines: string[]; info(message: string): void; warn(message: string): void } {
  const lines: string[] = [];
  return { lines, info: (message) => lines.push(message), warn: (message) => lines.push(message) };
}

async function served(server: Server): Promise<Served> {
  const made = await serve(server);
  all.push(made);
  return made;
}

function connectionsOf(server: TcpServer): Promise<number> {
  return new Promise((resolve) => server.getConnections((_error, count = 0) => resolve(count)));
}

// Opens connections, tells once all of them are open, and sends the bodies of the responses.
const CLIENTS = `
  const { connect } = require('node:net');
  const { parentPort, workerData: { port, shared } } = require('node:worker_threads');
  let open = 0;
  const bodies = Array.from({ length: 10 }, () => new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => {
      socket.write('GET / HTTP/1.1\\r\\nhost: x\\r\\nconnection: close\\r\\n\\r\\n');
      if (++open === 10) { Atomics.store(shared, 0, 1); Atomics.notify(shared, 0); }
    });
    socket.on('data', (data) => { text += data; });
    socket.on('end', () => resolve(text.split('\\r\\n\\r\\n')[1])).on('error', (error) => resolve(error.code));
  }));
  Promise.all(bodies).then((all) => parentPort.postMessage(all));
`;

describe('draining', () => {
  it('aborts health.signal, with why, and tells each listener once', async () => {
    const health = createHealth({ drainSeconds: 0, signals: [] }, { log: false });
    const causes: string[] = [];
    health.onDrain((cause) => causes.push(`first: ${cause}`));
    health.onDrain((cause) => causes.push(`withdrawn: ${cause}`))();
    expect(health.signal.aborted).toBe(false);
    await health.drain();
    await health.drain();
    expect(health.signal.reason).toMatchObject({ name: 'Draining', message: 'draining because of drain()' });
    health.onDrain((cause) => causes.push(`late: ${cause}`));
    expect(causes).toEqual(['first: drain()', 'late: drain()']);
  });

  it('loses no request that comes while the event loop is held at its end', async () => {
    const server = createServer((_request, response) => void response.end('served'));
    const { port } = await served(server);
    const health = createHealth({ drainSeconds: 0, closeSeconds: 10, signals: [] }, { log: false });
    health.watch(server);
    const shared = new Int32Array(new SharedArrayBuffer(4));
    const clients = new Worker(CLIENTS, { eval: true, workerData: { port, shared } });
    await once(clients, 'online');
    const drained = health.drain();
    // The clients connect now, and the loop goes on long after the drain would have been over.
    Atomics.wait(shared, 0, 0, 30_000);
    Atomics.wait(shared, 0, 1, 1000);
    const [bodies] = (await once(clients, 'message')) as [readonly string[]];
    expect(bodies).toEqual(Array.from({ length: 10 }, () => 'served'));
    await drained;
  });

  it('waits for the work of a listener, and survives a listener that fails', async () => {
    const health = createHealth({ drainSeconds: 0, closeSeconds: 5, signals: [] }, { log: false });
    const warnings: (string | undefined)[] = [];
    const hear = (warning: Error & { code?: string }): unknown => warnings.push(warning.code);
    process.on('warning', hear);
    let isDone = false;
    health.onDrain(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      isDone = true;
    });
    health.onDrain(() => {
      throw new Error('no such consumer');
    });
    await health.drain();
    expect(isDone).toBe(true);
    await until(() => warnings.length > 0, 'the warning');
    process.off('warning', hear);
    expect(warnings).toEqual(['COALMINE_DRAIN_LISTENER_FAILED']);
  });

  it('is logged: why, for how long, and how many connections were cut', async () => {
    const log = logger();
    const instrument = createInstrument({
      registry: new Registry(),
      log,
      health: { drainSeconds: 0.1, closeSeconds: 0.1, signals: [] },
    });
    const server = createServer(instrument.handler(() => {}));
    instrument.attach(server);
    const { port } = await served(server);
    const endless = fetch(`http://127.0.0.1:${port}/endless`).catch(() => 'cut');
    await until(() => server.listenerCount('request') > 0, 'the server');
    await fetch(`http://127.0.0.1:${port}/livez`).then((response) => response.text());
    await instrument.health?.drain();
    expect(await endless).toBe('cut');
    expect(log.lines).toEqual([
      'coalmine: draining because of drain(): not ready any more, serves on for 0.1 s',
      expect.stringMatching(/^coalmine: closed \d+\.\d s after drain\(\), 1 connection was cut$/),
    ]);
    await instrument.close();
  });

  it.each<[string, (response: ServerResponse) => unknown]>([
    ['setHeader', (response) => response.setHeader('Connection', 'keep-alive').writeHead(200)],
    ['writeHead', (response) => response.writeHead(200, { Connection: 'keep-alive', 'x-own': 'kept' })],
    ['a list of headers', (response) => response.writeHead(200, ['connection', 'keep-alive', 'x-own', 'kept'])],
    ['removeHeader', (response) => response.removeHeader('connection')],
  ])('closes the connection of a response whose app asks to keep it, by %s', async (_, write) => {
    const health = createHealth({ drainSeconds: 0.3, signals: [] }, { log: false });
    const respond = (_request: IncomingMessage, response: ServerResponse): void => {
      write(response);
      response.end('done');
    };
    // The second listener is for requests that wait for `100 Continue`.
    const server = createServer(respond).on('checkContinue', respond);
    health.watch(server);
    const { port } = await served(server);
    const ask = (headers: Record<string, string> = {}): Promise<IncomingMessage> =>
      new Promise((resolve, reject) => {
        getPlain({ port, host: '127.0.0.1', agent, headers }, (response) => resolve(response.resume())).on(
          'error',
          reject,
        );
      });
    const agent = new Agent({ keepAlive: true });
    expect((await ask()).headers.connection).not.toBe('close');
    const drained = health.drain();
    for (const headers of [{}, { expect: '100-continue' }]) {
      const { headers: received } = await ask(headers);
      expect(received.connection).toBe('close');
    }
    await drained;
    agent.destroy();
  });

  it('finishes requests, however long closeSeconds are', async () => {
    const log = logger();
    const health = createHealth({ drainSeconds: 0, closeSeconds: Number.MAX_SAFE_INTEGER, signals: [] }, { log });
    const server = createServer((_request, response) => void setTimeout(() => response.end('done'), 300));
    health.watch(server);
    const { port } = await served(server);
    const answered = fetch(`http://127.0.0.1:${port}`).then(({ status }) => status);
    await until(async () => (await connectionsOf(server)) > 0, 'the connection');
    await health.drain();
    expect(await answered).toBe(200);
    expect(log.lines.at(-1)).toMatch(/ 0 connections were cut$/);
  });

  it('finishes requests of a server that never listens, on connections that another server hands over', async () => {
    const log = logger();
    const health = createHealth({ drainSeconds: 0, closeSeconds: 20, signals: [] }, { log });
    const server = createServer((_request, response) => void setTimeout(() => response.end('done'), 300));
    health.watch(server);
    // As sticky sessions do, and servers that share one port between protocols.
    const front = createTcpServer((socket) => server.emit('connection', socket));
    await once(front.listen(0, '127.0.0.1'), 'listening');
    const { port } = front.address() as AddressInfo;
    // The connection of this client stays open without a request.
    const agent = new Agent({ keepAlive: true });
    const ask = (): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        getPlain({ port, host: '127.0.0.1', agent }, (response) => resolve(response.resume().statusCode)).on(
          'error',
          reject,
        );
      });
    expect(await ask()).toBe(200);
    const answered = Promise.all([ask(), ask()]);
    await until(async () => (await connectionsOf(front)) > 1, 'the connections');
    await health.drain();
    expect(await answered).toEqual([200, 200]);
    expect(log.lines.at(-1)).toMatch(/closed [0-2]\.\d s after drain\(\), 0 connections were cut$/);
    agent.destroy();
    front.close();
  });

  it.each(['https', 'http2'])('does not wait for a connection of %s that never ends its handshake', async (kind) => {
    const log = logger();
    const health = createHealth({ drainSeconds: 0, closeSeconds: 20, signals: [] }, { log });
    const pair = await selfSigned();
    const respond = (_request: unknown, response: { end(body: string): void }): void => {
      setTimeout(() => response.end('done'), 900);
    };
    const server =
      kind === 'https' ? createHttps(pair, respond) : createSecureServer({ ...pair, allowHTTP1: true }, respond);
    health.watch(server as unknown as Server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    // One client sends nothing. The other client starts a request and stops in the middle.
    const silent = connect(port, '127.0.0.1');
    const stopped = connect(port, '127.0.0.1', () => stopped.write(Buffer.from([22, 3, 1, 2, 0, 1])));
    for (const socket of [silent, stopped]) socket.on('error', () => {});
    const slow = new Promise<string>((resolve, reject) => {
      get({ port, host: '127.0.0.1', rejectUnauthorized: false }, (response) => {
        response.setEncoding('utf8').on('data', resolve);
      }).on('error', reject);
    });
    await once(server, 'request');
    const startedAt = performance.now();
    await health.drain();
    expect(await slow).toBe('done');
    expect(performance.now() - startedAt).toBeLessThan(18_000);
    expect(log.lines.at(-1)).toMatch(/0 connections were cut$/);
  });
});

describe('readiness', () => {
  it('is logged once per change, with the check and its cause, even if nobody reads the endpoints', async () => {
    const log = logger();
    let answer: Error | true = new Error('connect postgres://app:s3cret@db:5432\n    at connect (db.js:1:2)');
    const database = (): true => {
      if (answer !== true) throw answer;
      return answer;
    };
    const health = createHealth({ checks: { database }, signals: [] }, { log });
    health.start();
    const lines = (count: number): Promise<void> => until(() => log.lines.length >= count, 'the lines');
    await lines(1);
    answer = true;
    await lines(2);
    health.close();
    expect(log.lines).toEqual([
      'coalmine: not ready because of database (connect postgres://***@db:5432)',
      'coalmine: ready',
    ]);
  });

  it('is logged once for the same checks, however their errors vary, and again for other checks', async () => {
    const [log, witness] = [logger(), logger()];
    const often = { periodSeconds: 0.05 };
    let runs = 0;
    let isIndexWell = true;
    const refuse = (): never => {
      throw new Error(`connection ${(runs++).toString(36)} refused by ${'abc'[runs % 3]}`);
    };
    const checks = { database: { run: refuse, ...often }, index: { run: () => isIndexWell, ...often } };
    const health = createHealth({ checks, signals: [] }, { log });
    const lines = ({ lines }: typeof log, count: number): Promise<void> =>
      until(() => lines.length >= count, 'the lines');
    health.start();
    await lines(log, 1);
    // Another log reads as often, so this log has read again when the other log has a line.
    const other = createHealth({ checks: { it: () => false }, signals: [] }, { log: witness });
    other.start();
    await lines(witness, 1);
    isIndexWell = false;
    await lines(log, 2);
    health.close();
    other.close();
    expect(log.lines).toEqual([
      expect.stringMatching(/^coalmine: not ready because of database \(connection \w+ refused by \w\)$/),
      expect.stringMatching(/^coalmine: not ready because of database \(.*\); index \(returned false\)$/),
    ]);
  });

  it('is not logged for a process that is ready from the start', async () => {
    const [quiet, witness] = [logger(), logger()];
    const health = createHealth({ signals: [] }, { log: quiet });
    const other = createHealth({ checks: { it: () => false }, signals: [] }, { log: witness });
    health.start();
    other.start();
    await until(() => witness.lines.length > 0, 'the line of the witness');
    expect([quiet.lines, witness.lines]).toEqual([[], ['coalmine: not ready because of it (returned false)']]);
    health.close();
    other.close();
  });
});
