import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { send } from '../support/client.js';
import { scrapeUntil } from '../support/exposition.js';
import { type Example, startServer, textOf } from './example.js';

describe('examples/nest', () => {
  let example: Example;
  beforeAll(async () => {
    example = await startServer([process.execPath, '--import', 'tsx', 'server.ts'], 'examples/nest');
  });
  // The last test closes the example as well, unless that test did not run.
  afterAll(() => example?.close(), 30_000);

  it('counts the requests of its README at the routes of Nest', async () => {
    const commands = [
      ...textOf('examples/nest/README.md').matchAll(/^curl http:\/\/127\.0\.0\.1:3000(\/api\S+)(.*)$/gm),
    ];
    const statuses = await Promise.all(
      commands.map(async ([, path = '', rest = '']) => {
        const [, body] = / -d '(.*?)'/.exec(rest) ?? [];
        const options =
          body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body };
        const seen = await send(example.port, path, options);
        return typeof seen === 'string' ? seen : seen.status;
      }),
    );
    expect(statuses).toEqual([200, 201, 200, 200, 500, 401]);
    const exposition = await scrapeUntil(
      `${example.url}/metrics`,
      (each) => each.sum('http_requests_total') === statuses.length,
    );
    expect(exposition.requests()).toEqual({
      'GET /api/items/:id 200': 1,
      'POST /api/items 201': 1,
      'GET /api/slow 200': 1,
      'GET /api/report 200': 1,
      'GET /api/boom 500': 1,
      'GET /api/account 401': 1,
    });
  });

  it('drains at SIGTERM, and then ends by itself', async () => {
    expect(await example.close()).toBe(0);
  });
});
