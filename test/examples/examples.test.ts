import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Seen } from '../support/client.js';
import { type Exposition, scrapeUntil } from '../support/exposition.js';
import { type Example, startExample, textOf } from './example.js';
import { REQUESTS, VISITS, visit } from './visits.js';

const NAMES = ['fastify', 'express', 'koa', 'hono', 'node-http'] as const;

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
        visited[name] = await visit(example.port);
        expositions[name] = await scrapeUntil(url, (exposition) => exposition.value('http_requests_in_flight') === 0);
      }),
    );
  });
  afterAll(() => Promise.all(examples.map((example) => example.close())));

  describe.each(NAMES)('%s', (name) => {
    it('responds like the others', () => {
      expect(visited[name]).toEqual(VISITS.map(([, , seen]) => seen));
    });

    it('counts each request once, by route and status', () => {
      expect(expositions[name]?.requests()).toEqual(REQUESTS);
    });

    it('counts the errors among its requests', () => {
      const errors = Object.entries(REQUESTS).filter(([series]) => Number(series.slice(-3)) >= 400);
      expect(expositions[name]?.requests('http_errors_total')).toEqual(Object.fromEntries(errors));
    });

    it('withholds every duration while it is cold, and the duration of the event stream separately', () => {
      const { 'GET /events 200': _, ...timed } = REQUESTS;
      expect(expositions[name]?.value('coalmine_pod_warm')).toBe(0);
      expect(expositions[name]?.observed()).toEqual({});
      const withheld = (reason: string) =>
        expositions[name]?.value('coalmine_excluded_request_duration_seconds_count', { reason });
      expect(withheld('warmup')).toBe(Object.values(timed).reduce((sum, count) => sum + count));
      expect(withheld('stream')).toBe(1);
    });

    it('shows that a slow response and two hangs took longer than the objective', () => {
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
