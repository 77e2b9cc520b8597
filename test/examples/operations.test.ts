import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClientOptions, type Seen, send } from '../support/client.js';
import { type Exposition, scrape, scrapeUntil } from '../support/exposition.js';
import { type Example, startExample, textOf } from './example.js';

interface Case {
  readonly name: string;
  /** The statuses of the responses to the commands of the README, in their order. */
  readonly statuses: readonly number[];
  /** The route of the operation that always fails, and its method. */
  readonly boom: { readonly route: string; readonly method: string };
  /** The counted requests, by `METHOD route status`. */
  readonly requests: Readonly<Record<string, number>>;
}

const GRAPHQL = {
  statuses: [200, 200, 200, 400],
  boom: { route: '/graphql Query.boom', method: 'POST' },
  requests: {
    'POST /graphql Query.item 200': 1,
    'POST /graphql Query.boom 500': 1,
    'POST /graphql Mutation.order 200': 1,
    'POST /graphql 400': 1,
  },
};
const { 'POST /graphql 400': _, ...fitting } = GRAPHQL.requests;

const CASES: readonly Case[] = [
  { name: 'graphql-apollo', ...GRAPHQL },
  { name: 'graphql-mercurius', ...GRAPHQL },
  // Yoga sends errors of validation with a 200 to a client that does not ask for application/graphql-response+json.
  {
    ...GRAPHQL,
    name: 'graphql-yoga',
    statuses: [200, 200, 200, 200],
    requests: { ...fitting, 'POST /graphql 200': 1 },
  },
  {
    name: 'trpc',
    statuses: [200, 500, 207, 400, 404],
    boom: { route: '/trpc boom', method: 'GET' },
    requests: {
      'GET /trpc item 200': 1,
      'GET /trpc boom 500': 1,
      'GET /trpc item 500': 1,
      'GET /trpc item 400': 1,
      'GET /trpc 404': 1,
    },
  },
];

// Each drain takes five seconds, so the examples run beside each other.
describe.concurrent.each(CASES)('examples/$name', ({ name, statuses, boom, requests }) => {
  describe.sequential('as its README says', () => {
    let example: Example;
    let atStart: Exposition;
    let atEnd: Exposition;
    let seen: readonly Seen[];

    beforeAll(async () => {
      example = await startExample(name);
      const url = `${example.url}/metrics`;
      atStart = await scrape(url);
      seen = await Promise.all(commandsOf(name).map(({ path, options }) => send(example.port, path, options)));
      const count = seen.length;
      atEnd = await scrapeUntil(url, (exposition) => exposition.sum('http_requests_total') === count);
    });
    // The last test closes the example as well, unless that test did not run.
    afterAll(() => example?.close(), 30_000);

    it('has the zeros of the operation that fails, before its first request', () => {
      for (const metric of ['http_requests_total', 'http_errors_total']) {
        expect(atStart.value(metric, { ...boom, status_code: 500 }), metric).toBe(0);
      }
      expect(atStart.requests()).toEqual({});
    });

    it('responds to the commands of its README', () => {
      expect(seen.map((each) => (typeof each === 'string' ? each : each.status))).toEqual(statuses);
      const [works, fails] = seen.map((each) => (typeof each === 'string' ? each : each.body));
      expect(works).toContain('Item 1');
      expect(fails).toContain('"error');
    });

    it('counts a failure as a 500 of its operation, and a mistake of the client as the status that was sent', () => {
      expect(atEnd.value('http_requests_total', { ...boom, status_code: 500 })).toBe(1);
      expect(atEnd.requests()).toEqual(requests);
      const errors = Object.entries(requests).filter(([series]) => Number(series.slice(-3)) >= 400);
      expect(atEnd.requests('http_errors_total')).toEqual(Object.fromEntries(errors));
    });

    it('needs at most 15 lines for Coalmine', () => {
      const lines = textOf(`examples/${name}/server.js`).split('\n');
      const own = lines.filter((line) => /coalmine|metered|instrument|operations/i.test(line));
      expect(own.length).toBeGreaterThan(2);
      expect(own.length).toBeLessThanOrEqual(15);
    });

    it('drains at SIGTERM, and then ends by itself', async () => {
      expect(await example.close()).toBe(0);
    });
  });
});

/** Returns the requests of the curl commands in the README of an example, without the one for `/metrics`. */
function commandsOf(name: string): readonly { readonly path: string; readonly options: ClientOptions }[] {
  const commands = [
    ...textOf(`examples/${name}/README.md`).matchAll(/^curl '?http:\/\/127\.0\.0\.1:3000([^'\s]+)(.*)$/gm),
  ];
  return commands
    .filter(([, path]) => path !== '/metrics')
    .map(([, path = '', rest = '']) => {
      const [, body] = / -d '(.*?)'/.exec(rest) ?? [];
      // The default headers of curl.
      const headers = { accept: '*/*' };
      if (body === undefined) return { path, options: { headers } };
      return {
        path,
        options: { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body },
      };
    });
}
