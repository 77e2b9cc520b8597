import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, createServer as createHttp2Server } from 'node:http2';
import { createHealth } from '@coalmine/health';
import { afterEach, describe, expect, it } from 'vitest';
import { type Served, serve } from '../conformance/frameworks.js';
import { until } from '../support/client.js';

let served: Served | undefined;
afterEach(async () => {
  await served?.close();
});

describe('health without the rest of Coalmine', () => {
  it('responds to its own paths, and leaves the others to the app', async () => {
    const health = createHealth({ checks: { queue: () => true }, details: 'always', signals: [] });
    health.start();
    served = await serve(
      createServer((request, response) => {
        if (!health.handle(request, response)) response.end('app');
      }),
    );
    const ask = async (path: string, method = 'GET'): Promise<string> => {
      const response = await fetch(`http://127.0.0.1:${served?.port}${path}`, { method });
      return `${response.status} ${await response.text()}`;
    };
    await until(() => health.isReady(), 'the queue');
    expect(await ask('/readyz?verbose')).toBe('200 [+]queue pass\npass\n');
    expect(await ask('/readyz/queue')).toBe('200 pass\n');
    expect(await ask('/readyz/queue/deeper')).toBe('200 app');
    expect(await ask('/livez', 'POST')).toBe('200 app');
    expect(await ask('/items')).toBe('200 app');
    expect(() => health.schema()).toThrow('health.schema(name) must be one of none: there is no schema');
    health.close();
  });

  it('drains an HTTP/2 server: requests in flight end, and then their sessions', async () => {
    const health = createHealth({ drainSeconds: 0.2, closeSeconds: 60, signals: [] });
    const server = createHttp2Server((request, response) => {
      if (!health.handle(request, response)) setTimeout(() => response.end('slow'), 500);
    });
    health.watch(server as never);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const session = connect(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
    const ask = (path: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const stream = session.request({ ':path': path });
        let text = '';
        stream.setEncoding('utf8');
        stream.on('response', (headers) => {
          text = `${headers[':status']} `;
        });
        stream.on('data', (chunk) => {
          text += chunk;
        });
        stream.on('end', () => resolve(text));
        stream.on('error', reject);
      });
    expect(await ask('/readyz')).toBe('200 pass\n');
    const arrival = once(server, 'request');
    const slow = ask('/items');
    await arrival;
    const startedAt = performance.now();
    const drained = health.drain();
    expect([await ask('/readyz'), await ask('/livez')]).toEqual(['503 fail\n', '200 pass\n']);
    expect(await slow).toBe('200 slow');
    await drained;
    expect(performance.now() - startedAt).toBeLessThan(30_000);
    expect(session.closed || session.destroyed).toBe(true);
  });
});
