import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Seen, send } from '../support/client.js';
import { type Exposition, scrapeUntil } from '../support/exposition.js';
import { type Example, startExample, textOf } from './example.js';

const NAMES = ['fastify', 'express', 'node-http'] as const;

const json = (status: number, body: unknown): Seen => ({ status, body: JSON.stringify(body) });

/** What every client of an example does and sees. */
const VISITS: readonly [path: string, options: Parameters<typeof send>[2], seen: Seen][] = [
  ['/items/1', {}, json(200, { id: '1', name: 'Item 1' })],
  ['/items/2?full=yes', {}, json(200, { id: '2', name: 'Item 2' })],
  ['/items', post('{"name":"lamp"}'), json(201, { created: { name: 'lamp' } })],
  ['/items', post('{"name":'), json(400, { error: 'Bad Request' })],
  ['/slow', {}, json(200, { waited: 'too long' })],
  ['/boom', {}, json(500, { error: 'Internal Server Error' })],
  ['/nowhere', {}, json(404, { error: 'Not Found' })],
  // Past the objective of 0.5 s, and past the patience of 2 s.
  ['/hang', { leaveAfter: 1_200 }, 'left'],
  ['/hang', { leaveAfter: 2_500 }, 'left'],
];

const REQUESTS = {
  'GET /items/:id 200': 2,
  'POST /items 201': 1,
  'POST /items 400': 1,
  'GET /slow 200': 1,
  'GET /boom 500': 1,
  'GET (unmatched) 404': 1,
  'GET /hang 499': 1,
  'GET /hang 504': 1,
  'GET /events 200': 1,
};

describe('the examples', () => {
  const examples: Example[] = [];
  const expositions: Partial<Record<(typeof NAMES)[number], Exposition>> = {};
  const atStart: Partial<Record<(typeof NAMES)[number], Exposition>> = {};
  const visited: Partial<Record<(typeof NAMES)[number], readonly Seen[]>> = {};

  beforeAll(async () => {
    await Promise.all(
      NAMES.map(async (name) => {
        const example = await startExample(name);
        examples.push(example);
        const url = `${example.url}/metrics`;
        atStart[name] = await scrapeUntil(url, () => true);
        const seen = VISITS.map(([path, options]) => send(example.port, path, options));
        await readOneEvent(example.port);
        visited[name] = await Promise.all(seen);
        expositions[name] = await scrapeUntil(url, (exposition) => exposition.value('http_requests_in_flight') === 0);
      }),
    );
  }, 60_000);
  afterAll(() => Promise.all(examples.map((example) => example.close())));

  describe.each(NAMES)('%s', (name) => {
    it('answers as the others do', () => {
      expect(visited[name]).toEqual(VISITS.map(([, , seen]) => seen));
    });

    it('counts each request once, by route and status', () => {
      expect(expositions[name]?.requests()).toEqual(REQUESTS);
    });

    it('counts the errors among them', () => {
      const errors = Object.entries(REQUESTS).filter(([series]) => Number(series.slice(-3)) >= 400);
      expect(expositions[name]?.requests('http_errors_total')).toEqual(Object.fromEntries(errors));
    });

    it('withholds every duration while it is cold, and that of the event stream apart', () => {
      const { 'GET /events 200': _, ...timed } = REQUESTS;
      expect(expositions[name]?.value('coalmine_pod_warm')).toBe(0);
      expect(expositions[name]?.observed()).toEqual({});
      const withheld = (reason: string) =>
        expositions[name]?.value('coalmine_excluded_request_duration_seconds_count', { reason });
      expect(withheld('warmup')).toBe(Object.values(timed).reduce((sum, count) => sum + count));
      expect(withheld('stream')).toBe(1);
    });

    it('shows that a slow answer and two hangs took longer than the objective', () => {
      const withheld = (le: string) =>
        expositions[name]?.value('coalmine_excluded_request_duration_seconds_bucket', { reason: 'warmup', le }) ?? 0;
      expect(withheld('+Inf') - withheld('0.5')).toBe(3);
    });

    it('has the zeros of every route before its first request', () => {
      for (const [route, method] of [
        ['/items/:id', 'GET'],
        ['/items', 'POST'],
        ['/slow', 'GET'],
        ['/boom', 'GET'],
        ['/hang', 'GET'],
        ['/events', 'GET'],
        ['(unmatched)', 'GET'],
      ] as const) {
        expect(atStart[name]?.value('http_errors_total', { method, route, status_code: 500 }), route).toBe(0);
      }
    });

    it('shows the lines that the README shows', () => {
      const [, shown = ''] = /<!-- \/metrics of the examples -->\n+```\n(.*?)```/s.exec(textOf('README.md')) ?? [];
      const lines = shown.split('\n').filter((line) => line !== '' && line !== '…');
      expect(lines.length).toBeGreaterThan(5);
      const text = expositions[name]?.text.split('\n');
      expect(lines.filter((line) => !text?.includes(line))).toEqual([]);
    });
  });

  it('have the same series', () => {
    const [first, ...others] = NAMES.map((name) => expositions[name]?.series().toSorted());
    expect(first?.length).toBeGreaterThan(100);
    for (const other of others) expect(other).toEqual(first);
  });
});

function post(body: string): Parameters<typeof send>[2] {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body };
}

/** Reads the first event, then leaves: the stream would go on for ever. */
async function readOneEvent(port: number): Promise<void> {
  const request = get({ host: '127.0.0.1', port, path: '/events', agent: false });
  request.on('error', () => {});
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.on('error', () => {});
  const [event] = await once(response.setEncoding('utf8'), 'data');
  expect(event).toBe('data: 1\n\n');
  expect(response.headers['content-type']).toMatch(/^text\/event-stream\b/);
  request.destroy();
}
