import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PrimeOptions } from './prime-options.js';
import { createPriming, type Priming, type PrimingHooks } from './priming.js';

describe('priming', () => {
  let server: Server;
  let asked: string[];
  let warnings: string[];
  const onWarning = (warning: Error & { code?: string }): void => {
    if (warning.code === 'COALMINE_PRIMING_FAILED') warnings.push(warning.message);
  };
  beforeEach(() => {
    asked = [];
    warnings = [];
    process.on('warning', onWarning);
  });
  afterEach(() => {
    process.off('warning', onWarning);
    server.close();
    server.closeAllConnections();
  });

  const listen = async (listener: RequestListener = (_request, response) => response.end('fine')): Promise<void> => {
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      listener(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  };
  const prime = (options: PrimeOptions, hooks?: PrimingHooks): Priming => {
    const priming = createPriming(options, hooks);
    priming.start(server);
    return priming;
  };
  const over = async (priming: Priming): Promise<Priming['progress']> => {
    while (['waiting', 'running'].includes(priming.progress.state)) await delay(5);
    return priming.progress;
  };

  it('waits until the server listens', async () => {
    server = createServer((_request, response) => response.end());
    const priming = prime({ requests: ['/'], count: 1 });
    await delay(20);
    expect(priming).toMatchObject({ isDone: false, progress: { state: 'waiting', sent: 0 } });
    server.listen(0, '127.0.0.1');
    await over(priming);
    expect(priming).toMatchObject({ isDone: true, progress: { state: 'done', sent: 1, failed: 0 } });
  });

  it('sends the list again and again until the count is reached, once', async () => {
    await listen();
    const priming = prime({ requests: ['/a', { method: 'HEAD', path: '/b?c=d' }], count: 5, concurrency: 1 });
    priming.start(server);
    expect(await over(priming)).toEqual({ state: 'done', count: 5, sent: 5, failed: 0, firstFailure: undefined });
    expect(asked).toEqual(['GET /a', 'HEAD /b?c=d', 'GET /a', 'HEAD /b?c=d', 'GET /a']);
  });

  it('sends what it is given: headers, a body, a mark that is asked for each time', async () => {
    const seen: unknown[] = [];
    await listen(async (request, response) => {
      const { host, accept, mark } = request.headers;
      seen.push({ host, accept, mark, body: (await request.setEncoding('utf8').toArray()).join('') });
      response.end();
    });
    const request = { method: 'POST', path: '/', headers: { Host: 'shop.example', Accept: 'text/html' }, body: 'tea' };
    const marks: unknown[] = [];
    const mark: PrimingHooks['mark'] = (target) => ({ mark: `number ${marks.push(target)}` });
    await over(prime({ requests: [request], count: 2, concurrency: 1, unsafe: true }, { mark }));
    const same = { host: 'shop.example', accept: 'text/html', body: 'tea' };
    expect(seen).toEqual([
      { ...same, mark: 'number 1' },
      { ...same, mark: 'number 2' },
    ]);
    expect(marks).toEqual(Array.from({ length: 2 }, () => ({ method: 'POST', path: '/', host: 'shop.example' })));
  });

  it('sends no more requests at a time than the options allow, on as many connections', async () => {
    let most = 0;
    const ports = new Set<number | undefined>();
    const waiting: ServerResponse[] = [];
    await listen((request, response) => {
      most = Math.max(most, waiting.push(response));
      ports.add(request.socket.remotePort);
      // A turn later, whoever else may come has come.
      if (waiting.length >= 12) setImmediate(() => waiting.splice(0).forEach((each) => void each.end()));
    });
    const others: string[] = [];
    const onOther = ({ name }: Error): number => others.push(name);
    process.on('warning', onOther);
    await over(prime({ requests: ['/'], count: 156, concurrency: 12 }));
    expect([most, ports.size]).toEqual([12, 12]);
    process.off('warning', onOther);
    expect(others).toEqual([]);
  });

  it('reports failures, and ends well all the same', async () => {
    await listen((request, response) => {
      response.statusCode = request.url === '/broken' ? 500 : 200;
      response.end();
    });
    const priming = prime({ requests: ['/', '/broken'], count: 6, concurrency: 1 });
    expect(await over(priming)).toMatchObject({ state: 'done', sent: 6, failed: 3, firstFailure: 'GET /broken 500' });
    expect(priming.isDone).toBe(true);
    await new Promise(setImmediate);
    expect(warnings).toEqual([
      'Priming failed 3 times with 6 requests sent, first with: GET /broken 500; the pod becomes ready anyway',
    ]);
  });

  it('leaves the pod unready after a failure if it is required', async () => {
    await listen((_request, response) => response.writeHead(404).end());
    const priming = prime({ requests: ['/'], count: 3, required: true });
    expect(await over(priming)).toMatchObject({ state: 'failed', failed: 3 });
    expect(priming.isDone).toBe(false);
    await new Promise(setImmediate);
    expect(warnings).toEqual([expect.stringMatching(/; the pod stays unready$/)]);
  });

  it('gives up on a server that never responds', async () => {
    await listen((request) => request.socket.destroy());
    expect(await over(prime({ requests: ['/'], count: 1_000, concurrency: 2 }))).toMatchObject({ state: 'done' });
    expect(asked.length).toBeLessThan(20);
  });

  it('ends when its time is over, whatever hangs, and counts the responses', async () => {
    await listen((request, response) => {
      if (request.url === '/') response.end();
    });
    const priming = prime({ requests: ['/', '/hang'], count: 100, concurrency: 2, maxSeconds: 2 });
    const { state, sent, failed } = await over(priming);
    expect({ state, failed }).toEqual({ state: 'done', failed: 0 });
    expect(sent).toBeGreaterThan(0);
    expect(priming.isDone).toBe(true);
  });

  it('has failed if nothing responded in its time', async () => {
    await listen(() => {});
    const progress = await over(prime({ requests: ['/'], maxSeconds: 0.1, required: true }));
    expect(progress).toMatchObject({ state: 'failed', sent: 0, firstFailure: 'no response within 0.1 s' });
  });

  it('does not hold up a server that closes', async () => {
    await listen((request, response) => {
      if (request.url === '/') response.end();
    });
    const priming = prime({ requests: ['/', '/hang'], concurrency: 2 });
    while (!asked.includes('GET /hang')) await delay(5);
    const closed = once(server, 'close');
    server.close();
    await closed;
    expect(await over(priming)).toMatchObject({ state: 'done', failed: 0 });
    expect(warnings).toEqual([]);
  });

  it('leaves no connection behind', async () => {
    await listen();
    await over(prime({ requests: ['/'], count: 10 }));
    const connections = (): string[] =>
      process.getActiveResourcesInfo().filter((name) => /^TCPSocketWrap|^TCPWRAP/.test(name));
    await vi.waitFor(() => expect(connections()).toEqual([]), 100_000);
  });

  it('logs its progress', async () => {
    await listen();
    const told: string[] = [];
    await over(prime({ requests: ['/'], count: 40 }, { debug: (message) => told.push(message) }));
    expect(told[0]).toBe('coalmine is priming: 40 requests, 30 s at most');
    expect(told.slice(1, -1)).toEqual(
      Array.from({ length: 10 }, (_, i) => `coalmine is priming: ${4 * (i + 1)} of 40 requests sent, 0 failed`),
    );
    expect(told.at(-1)).toBe('coalmine has primed: 40 requests sent, 0 failed');
  });
});
