import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scrapeUntil } from '../support/exposition.js';
import { type Example, pathOf, startServer, textOf } from './example.js';

describe('examples/next', () => {
  let example: Example;
  beforeAll(async () => {
    const folder = pathOf('examples/next');
    const next = createRequire(`${folder}/`).resolve('next/dist/bin/next');
    // Vitest sets NODE_ENV to `test`, and with this value Next would build something that no service runs.
    const env = { ...process.env, NODE_ENV: undefined, NEXT_TELEMETRY_DISABLED: '1' };
    await promisify(execFile)(process.execPath, [next, 'build'], { cwd: folder, env });
    example = await startServer([process.execPath, 'server.js'], 'examples/next');
  });
  // The last test closes the example as well, unless that test did not run.
  afterAll(() => example?.close(), 30_000);

  it('has the zeros of each page before its first request', async () => {
    const exposition = await scrapeUntil(`${example.url}/metrics`, () => true);
    for (const route of ['/', '/items/[id]', '/api/items/[id]', '/boom', '/late']) {
      expect(exposition.value('http_requests_failed_total', { method: 'GET', route })).toBe(0);
    }
  });

  it('counts the requests of its README at the routes of Next', async () => {
    const commands = [
      ...textOf('examples/next/README.md').matchAll(/^curl http:\/\/127\.0\.0\.1:3000(\/(?!metrics)\S*)(.*)$/gm),
    ];
    const statuses: number[] = [];
    for (const [, path = '', rest = ''] of commands) {
      const [, method = 'GET', body = null] = /-X (\w+) -d '(.*?)'/.exec(rest) ?? [];
      const response = await fetch(example.url + path, { method, body });
      await response.text();
      statuses.push(response.status);
    }
    expect(statuses).toEqual([200, 200, 404, 200, 200, 500, 200, 404, 404]);
    const exposition = await scrapeUntil(
      `${example.url}/metrics`,
      (each) => each.sum('http_requests_total') === statuses.length,
    );
    expect(exposition.requests()).toEqual({
      'GET / 200': 1,
      'GET /items/[id] 200': 1,
      'GET /items/[id] 404': 1,
      'GET /api/items/[id] 200': 1,
      'PUT /api/items/[id] 200': 1,
      'GET /boom 500': 1,
      'GET /late 500': 1,
      'GET (unmatched) 404': 1,
      'GET /_next/* 404': 1,
    });
  });

  it('serves pages while it drains at SIGTERM, and then ends by itself', async () => {
    const statusOf = async (path: string): Promise<number> => (await fetch(example.url + path)).status;
    expect([await statusOf('/livez'), await statusOf('/readyz')]).toEqual([200, 200]);
    const exitCode = example.close();
    await expect.poll(() => statusOf('/readyz')).toBe(503);
    expect([await statusOf('/livez'), await statusOf('/items/2')]).toEqual([200, 200]);
    expect(await exitCode).toBe(0);
  });
});
