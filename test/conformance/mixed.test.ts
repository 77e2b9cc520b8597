import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type ClientOptions, oneConnection, send } from '../support/client.js';
import { FRAMEWORKS, type PlainRoute, type Service } from './frameworks.js';

const ROUTES: readonly PlainRoute[] = [
  { method: 'GET', pattern: '/items/:id', handle: (_request, response) => response.end('item') },
  {
    method: 'GET',
    pattern: '/fails/:id',
    handle: async (_request, response) => {
      await delay(5);
      response.statusCode = 503;
      response.end();
    },
  },
  { method: 'GET', pattern: '/hang', handle: () => {} },
  { method: 'GET', pattern: '/stall', handle: (_request, response) => response.write('some of it') },
  { method: 'GET', pattern: '/destroy', handle: (_request, response) => response.destroy() },
  {
    method: 'GET',
    pattern: '/cut',
    handle: async (_request, response) => {
      response.write('some of it');
      await delay(10);
      response.destroy();
    },
  },
];

/** What a user may do, and how it counts. `/hang` depends on the patience. */
const ERRANDS: readonly { path: string; options?: ClientOptions; series: string }[] = [
  { path: '/items/1', series: 'GET /items/:id 200' },
  { path: '/items/2', options: { method: 'HEAD' }, series: 'HEAD /items/:id 200' },
  { path: '/fails/1', series: 'GET /fails/:id 503' },
  { path: '/nowhere', series: 'GET (unmatched) 404' },
  { path: '/hang', options: { leaveAfter: 50 }, series: 'GET /hang' },
  { path: '/hang', options: { leaveAfter: 50, reset: true }, series: 'GET /hang' },
  { path: '/hang', options: { leaveAfter: 500 }, series: 'GET /hang' },
  { path: '/stall', options: { leaveAfter: 60 }, series: 'GET /stall 200' },
  { path: '/destroy', series: 'GET /destroy 500' },
  { path: '/cut', series: 'GET /cut 500' },
];

describe.each(FRAMEWORKS)('$name under many users at once', ({ start }) => {
  let service: Service;
  afterEach(() => service.close());

  it.each([
    { how: 'have patience', objective: { latency: 20, patience: 60 }, left: 499 },
    { how: 'lose their patience', objective: { latency: 0.01, patience: 0.02 }, left: 504 },
  ])('counts as many requests as were sent, each in its series, if those who leave $how', async (play) => {
    service = await start(ROUTES, { objective: play.objective });
    const agent = oneConnection();
    const sent: Record<string, number> = {};
    const users = Array.from({ length: 300 }, async (_, i) => {
      const errand = ERRANDS[i % ERRANDS.length] as (typeof ERRANDS)[number];
      const { path, options } = errand;
      const series = path === '/hang' ? `${errand.series} ${play.left}` : errand.series;
      sent[series] = (sent[series] ?? 0) + 1;
      await delay((i * 7) % 1_000);
      // Some users share a connection, like users behind a proxy.
      const isShared = series.startsWith('GET /items') && i % 3 === 0;
      await send(service.port, path, { ...options, ...(isShared && { agent }) });
    });
    await Promise.all(users);
    agent.destroy();
    while ((await service.scrape()).value('http_requests_in_flight') !== 0) await delay(10);
    expect((await service.scrape()).requests()).toEqual(sent);
  });
});
