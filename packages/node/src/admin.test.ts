import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Admin, createAdmin } from './admin.js';
import type { Endpoint } from './endpoint.js';
import { portOf } from './fixtures/meeting.js';

let held = (): void => {};

const ENDPOINTS: readonly Endpoint[] = ['/checks', '/numbers', '/held'].map((path) => ({
  path,
  reason: 'health',
  hasChecks: path === '/checks',
  handle(request, response, check) {
    if (path === '/held') held();
    else response.end(`${request.method} ${path} ${check}`);
  },
}));

function adminOf(port: number, host?: string, option?: string): Admin {
  const admin = createAdmin({ port, ...(host === undefined ? {} : { host }) }, ENDPOINTS, option);
  onTestFinished(() => admin.close());
  return admin;
}

describe('an admin listener', () => {
  it.each<[method: string, path: string, status: number, body: string]>([
    ['GET', '/numbers', 200, 'GET /numbers undefined'],
    ['GET', '/numbers?a=1', 200, 'GET /numbers undefined'],
    ['GET', '/numbers/one', 404, 'Not Found\n'],
    ['GET', '/numbersx', 404, 'Not Found\n'],
    ['GET', '/checks/database', 200, 'GET /checks database'],
    ['GET', '/checks/', 404, 'Not Found\n'],
    ['HEAD', '/checks', 200, ''],
    ['POST', '/checks', 404, 'Not Found\n'],
    ['OPTIONS', '*', 404, 'Not Found\n'],
  ])('responds to %s %s with %d', async (method, path, status, body) => {
    const port = await adminOf(0, '127.0.0.1').listen();
    const [response] = await once(request({ port, method, path, host: '127.0.0.1' }).end(), 'response');
    expect(response.statusCode).toBe(status);
    expect(Buffer.concat(await response.toArray()).toString()).toBe(body);
  });

  it('listens once', async () => {
    const admin = adminOf(0, '127.0.0.1');
    const ports = await Promise.all([admin.listen(), admin.listen()]);
    expect(ports[0]).toBeGreaterThan(0);
    expect(ports[1]).toBe(ports[0]);
    expect(await admin.listen()).toBe(ports[0]);
  });

  it('rejects if its port is taken, and names the option, the port and the host', async () => {
    const port = await portOf(createServer());
    await expect(adminOf(port, '127.0.0.1').listen()).rejects.toMatchObject({
      code: 'COALMINE_ADMIN_LISTEN',
      message: `admin.port must be free to listen on, got ${port} on 127.0.0.1: listen EADDRINUSE: address already in use 127.0.0.1:${port}`,
      cause: { code: 'EADDRINUSE' },
    });
    const other = adminOf(0, undefined, 'listen');
    await expect(adminOf(await other.listen(), undefined, 'listen').listen()).rejects.toThrow(
      /^listen\.port must be free to listen on, got \d+: listen EADDRINUSE/,
    );
  });

  it('closes connections without waiting for their responses, and closes also if it never listened', async () => {
    const asked = new Promise<void>((resolve) => {
      held = resolve;
    });
    const admin = adminOf(0, '127.0.0.1');
    const client = connect(await admin.listen(), '127.0.0.1').on('error', () => {});
    client.write('GET /held HTTP/1.1\r\nhost: x\r\n\r\n');
    await asked;
    const closed = once(client, 'close');
    await admin.close();
    await closed;
    await createAdmin({ port: 0 }, ENDPOINTS).close();
  });
});
