import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Finding, lintExposition } from '@coalmine/cli';
import type { CoalmineOptions } from '@coalmine/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FRAMEWORKS, type PlainRoute } from '../conformance/frameworks.js';
import { openRaw, send } from '../support/client.js';
import { coalmineIn } from '../support/command.js';
import { end } from '../support/server-process.js';

const ROUTES: readonly PlainRoute[] = [
  { method: 'GET', pattern: '/items/:id', handle: (_request, response) => response.end('item') },
  {
    method: 'POST',
    pattern: '/items',
    handle: (_request, response) => {
      response.statusCode = 201;
      response.end();
    },
  },
  {
    method: 'GET',
    pattern: '/fail',
    handle: (_request, response) => {
      response.statusCode = 500;
      response.end();
    },
  },
  { method: 'GET', pattern: '/hang', handle: () => {} },
  {
    method: 'GET',
    pattern: '/broken',
    handle: (_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('the first part');
      setTimeout(() => response.destroy(), 2);
    },
  },
];
const SCANNED = [
  '/.env',
  '/wp-login.php',
  '/backup.zip',
  '/admin/184467',
  '/items/1/2?q=1',
  '/3f2504e0-4f89-11d3-9a0c-0305e82c3301',
];
const PROBES = ['/livez', '/readyz', '/startupz', '/metrics'];

/** Sends requests of users of every kind, and of clients that are no users. */
async function traffic(port: number): Promise<void> {
  await Promise.all([
    ...[1, 22, 184_467].map((id) => send(port, `/items/${id}?q=${id}`)),
    send(port, '/items/1', { method: 'HEAD' }),
    send(port, '/items', { method: 'POST' }),
    send(port, '/fail'),
    send(port, '/broken'),
    send(port, '/hang', { leaveAfter: 30 }),
    send(port, '/hang', { leaveAfter: 700 }),
    ...SCANNED.map((path) => send(port, path)),
    ...PROBES.map((path) => send(port, path)),
  ]);
  const { socket } = await openRaw(port, 'PROPFIND /items/1 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
  await once(socket, 'close');
}

const SETUPS: readonly { readonly setup: string; readonly options: CoalmineOptions; readonly config: object }[] = [
  { setup: 'as it comes', options: { objective: { latency: 0.3 } }, config: { objective: { latency: 0.3 } } },
  {
    setup: 'with other names, constant labels and default metrics',
    options: {
      objective: { latency: 0.3 },
      metrics: {
        names: {
          requests: 'shop_hits_total',
          errors: 'failed_hits',
          duration: 'shop_wait_seconds',
          labels: { method: 'verb', route: 'page', status_code: 'status' },
        },
        labels: { team: 'a "b" \\ c\nd } 1 # {' },
        defaultMetrics: true,
      },
    },
    config: {
      objective: { latency: 0.3 },
      names: {
        requests: 'shop_hits_total',
        errors: 'failed_hits',
        duration: 'shop_wait_seconds',
        labels: { method: 'verb', route: 'page', status_code: 'status' },
      },
    },
  },
];

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coalmine-lint-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe.each(SETUPS)('the metrics of Coalmine $setup', ({ setup, options, config }) => {
  it.each(FRAMEWORKS)('on $name have no finding, in both formats and under load', async ({ name, start }) => {
    const service = await start(ROUTES, options);
    const file = join(folder, `${name}-${setup.length}.json`.replace(':', '-'));
    await writeFile(file, JSON.stringify(config));
    try {
      await traffic(service.port);
      const address = `http://127.0.0.1:${service.port}/metrics`;
      const [{ code, out }] = await Promise.all([
        coalmineIn(folder, ['lint', address, '-c', file, '--again', '0.5', '--fail-on', 'warning', '--format', 'json']),
        traffic(service.port),
      ]);
      expect(JSON.parse(out)).toMatchObject({
        errors: 0,
        warnings: 0,
        notes: 0,
        sources: [
          { source: address, kind: 'exposition', findings: [] },
          { source: `${address} (OpenMetrics)`, kind: 'exposition', findings: [] },
        ],
      });
      expect(code).toBe(0);
    } finally {
      await service.close();
    }
  });
});

it("an exposition has the series of Flagger's built-in checks if the label of the status is called status", async () => {
  const labels = { status_code: 'status' };
  const service = await (FRAMEWORKS[1] as (typeof FRAMEWORKS)[number]).start(ROUTES, {
    metrics: { names: { labels } },
  });
  await send(service.port, '/items/1');
  const { text } = await service.scrape();
  await service.close();
  expect(lintExposition(text, { flagger: true, names: { labels } })).toEqual([]);
  expect(lintExposition(text, { flagger: true }).map(({ rule }) => rule)).toEqual(['unexpected-name']);
});

describe('the metrics of other libraries', () => {
  const LIBRARIES = [
    { library: 'snippet', framework: 'fastify' },
    { library: 'express-prom-bundle', framework: 'express' },
    { library: 'fastify-metrics', framework: 'fastify' },
    { library: 'opentelemetry', framework: 'fastify' },
    { library: 'coalmine', framework: 'fastify' },
  ];
  let child: ChildProcess;
  let found: readonly (readonly Finding[])[] = [];

  beforeAll(async () => {
    // The service uses the built packages, even if the tests use the sources.
    child = fork(fileURLToPath(new URL('./fixtures/libraries.mjs', import.meta.url)), { execArgv: [] });
    const [started] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => Promise.reject(new Error(`the service ended with ${code}`))),
    ])) as [{ framework: string; port: number; metricsPort: number }[]];
    for (const { port } of started) {
      for (const path of ['/items/1', '/items/22', ...SCANNED, ...PROBES]) await send(port, path);
    }
    await delay(50);
    found = await Promise.all(
      LIBRARIES.map(async ({ library, framework }) => {
        const { metricsPort } = started.find((each) => each.framework === framework) ?? { metricsPort: 0 };
        const response = await fetch(`http://127.0.0.1:${metricsPort}/${library}`);
        const contentType = response.headers.get('content-type') ?? '';
        return lintExposition(await response.text(), { contentType });
      }),
    );
  });
  afterAll(() => end(child));

  it('have the findings of the table in docs/lint.md', async () => {
    const rules = [...new Set(found.flatMap((findings) => findings.map(({ rule }) => rule)))].sort();
    const rows = rules.map((rule) => [
      `[\`${rule}\`](#${rule})`,
      ...found.map((findings) => findings.find((finding) => finding.rule === rule)?.severity ?? ''),
    ]);
    const document = await readFile(new URL('../../docs/lint.md', import.meta.url), 'utf8');
    const [, table = ''] = /<!-- libraries table -->\n\n((?:\|.*\n)+)/.exec(document) ?? [];
    const documented = table
      .trim()
      .split('\n')
      .map((row) =>
        row
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    expect(documented.slice(2)).toEqual(rows);
  });

  it('are blind to the first failure', () => {
    for (const findings of found.slice(0, 4)) {
      expect(findings?.find(({ rule }) => rule === 'no-zero-series')?.message).toMatch(
        /of \d routes? with requests ha(?:s|ve) no series for a 5xx/,
      );
    }
  });
});
