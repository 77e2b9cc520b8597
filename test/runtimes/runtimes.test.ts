import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Example, startExample, startServer } from '../examples/example.js';
import { REQUESTS, VISITS, visit } from '../examples/visits.js';
import { openRaw, type Seen, send, until } from '../support/client.js';
import { type Exposition, scrapeUntil } from '../support/exposition.js';
import { runtimes } from './runtimes.js';

const FRAMEWORKS = ['fastify', 'express'] as const;
const CASES = runtimes().flatMap((runtime) => FRAMEWORKS.map((framework) => ({ ...runtime, framework })));

/** The requests of clients that stay until the end, and what these clients see. */
const STAYING: typeof VISITS = [
  ['/items/1', {}, { status: 200, body: 'an item' }],
  ['/items/1', { method: 'HEAD' }, { status: 200, body: '' }],
  [
    '/items',
    { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' },
    { status: 200, body: '{}' },
  ],
  ['/later', {}, { status: 200, body: 'later' }],
  ['/cut', {}, 'cut mid-body'],
  ['/breaks', {}, 'cut mid-body'],
  ['/destroy', {}, 'cut before headers'],
];

const COUNTED = {
  'GET /items/:id 200': 3,
  'HEAD /items/:id 200': 1,
  'POST /items 200': 1,
  'POST /items 499': 1,
  'GET /later 200': 1,
  'GET /cut 500': 1,
  'GET /breaks 500': 1,
  'GET /destroy 500': 1,
  'GET /stall 200': 1,
  'GET /hang 499': 2,
  'GET /hang 504': 1,
  'GET /events 200': 1,
  'GET (unmatched) 404': 1,
};

/** The processes of a case: the example, and a service for everything that the example does not have. */
interface Started {
  readonly service: Example;
  readonly example: Example;
}

describe('services on other runtimes', () => {
  const started = new Map<object, Started>();
  const processes = (): readonly Example[] =>
    [...started.values()].flatMap(({ service, example }) => [service, example]);
  beforeAll(async () => {
    await Promise.all(
      CASES.map(async (each) => {
        const [service, example] = await Promise.all([
          startServer([...each.command, 'fixtures/service.mjs', each.framework], 'test/runtimes'),
          startExample(each.framework, each.command),
        ]);
        started.set(each, { service, example });
      }),
    );
  });
  afterAll(() => Promise.all(processes().map((process) => process.close('SIGKILL'))));

  const startedFor = (each: object): Started => started.get(each) as Started;
  const settled = (url: string): Promise<Exposition> =>
    scrapeUntil(`${url}/metrics`, (exposition) => exposition.value('http_requests_in_flight') === 0);

  describe.concurrent.each(CASES)('$framework on $name', (each) => {
    it('runs the example as it is, and counts what Node counts', async () => {
      const { url, port } = startedFor(each).example;
      expect(await visit(port)).toEqual(VISITS.map(([, , seen]) => seen));
      const exposition = await settled(url);
      expect(exposition.requests()).toEqual(REQUESTS);
      expect(exposition.value('coalmine_pod_warm')).toBe(0);
      expect(await send(port, '/readyz')).toEqual({ status: 200, body: 'pass\n' });
    });

    it('counts what breaks, what hangs and who leaves, and then drains at SIGTERM', async () => {
      const { service } = startedFor(each);
      const { url, port } = service;
      const seen = await Promise.all(STAYING.map(([path, options]) => send(port, path, options)));
      expect(seen).toEqual(STAYING.map(([, , expected]) => expected));
      const open = (...requests: readonly string[]): ReturnType<typeof openRaw> =>
        openRaw(port, requests.map((line) => `${line} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''));
      const pipelined = await open('GET /items/1', 'GET /items/2', 'GET /nowhere');
      await until(() => pipelined.received().split('HTTP/1.1 ').length === 4, 'three answers');
      const json = 'Content-Type: application/json\r\nContent-Length: 100';
      const withheld = await openRaw(port, `POST /items HTTP/1.1\r\nHost: x\r\n${json}\r\n\r\n{`);
      const [events, stalled] = [await open('GET /events'), await open('GET /stall')];
      await until(() => events.received().includes('data: one'), 'the first event');
      await until(() => stalled.received().includes('some of it'), 'a part of the body');
      const [leaving, resetting, patient] = [await open('GET /hang'), await open('GET /hang'), await open('GET /hang')];

      // All requests except the event stream, because its lifetime is no latency.
      await scrapeUntil(`${url}/metrics`, (exposition) => exposition.value('http_requests_in_flight') === 5);
      resetting.socket.resetAndDestroy();
      for (const { socket } of [leaving, stalled]) socket.destroy();
      const late = await scrapeUntil(`${url}/metrics`, (exposition) => exposition.value('http_requests_overdue') !== 0);
      // The last hang. The server waits for the rest of the other request.
      expect([late.value('http_requests_in_flight'), late.value('http_requests_overdue')]).toEqual([2, 1]);
      for (const { socket } of [patient, withheld, events, pipelined]) socket.destroy();
      const exposition = await settled(url);
      expect(exposition.requests()).toEqual(COUNTED);
      expect(exposition.observed()).not.toHaveProperty('GET /events 200');
      expect(exposition.value('http_requests_failed_total', { method: 'GET', route: '/hang' })).toBe(1);

      const later = send(port, '/later');
      const ended = service.close();
      let ready: Seen;
      do ready = await send(port, '/readyz');
      while (typeof ready === 'object' && ready.status === 200);
      expect(ready).toEqual({ status: 503, body: 'fail\n' });
      expect(await send(port, '/items/1')).toMatchObject({ status: 200 });
      expect(await later).toMatchObject({ status: 200 });
      expect(await ended).toBe(0);
    });
  });
});
