import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fetchWithinOrigin, isAddress, reasonOf, splitAddress, withoutCredentials } from './address.js';

it.each([
  ['http://prometheus:9090', true],
  ['HTTPS://user:secret@prometheus/a?b=c', true],
  [' http://prometheus', true],
  ['prometheus:9090', false],
  ['http:prometheus', false],
  ['ftp://prometheus', false],
  ['http://', false],
  [9090, false],
])('%j is an address, or it is not', (text, isOne) => {
  expect(isAddress(text)).toBe(isOne);
});

describe('the credentials of an address', () => {
  it.each([
    ['http://prometheus:9090/a', 'http://prometheus:9090/a', undefined],
    ['http://user:pa%20ss@prometheus/', 'http://prometheus/', 'user:pa ss'],
    ['http://user@prometheus/', 'http://prometheus/', 'user:'],
    ['http://user:100%@prometheus/', 'http://prometheus/', 'user:100%'],
  ])('of %s become a header', (address, url, pair) => {
    const credentials = pair === undefined ? {} : { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
    expect(splitAddress(address)).toEqual({ url, credentials });
  });

  it.each([
    ['http://user:secret@prometheus/a', 'http://***@prometheus/a'],
    ['cannot reach https://a:b@c and http://d:e@f/', 'cannot reach https://***@c and http://***@f/'],
    ['user:secret@prometheus', '***@prometheus'],
    ['http://p/?api_key=abc&a=b&X-Token=def#c', 'http://p/?api_key=***&a=b&X-Token=***#c'],
    ['http://p/?a=b&monkeys=3', 'http://p/?a=b&monkeys=***'],
    ['http://prometheus/a@b?c=d', 'http://prometheus/a@b?c=d'],
    ['a sentence about nobody', 'a sentence about nobody'],
  ])('are not shown: %s', (text, shown) => {
    expect(withoutCredentials(text)).toBe(shown);
  });
});

describe('a redirect', () => {
  /** Serves redirects by path, and what was asked for; any other path gets a text. */
  async function serve(redirects: Readonly<Record<string, readonly [status: number, location: string]>>) {
    const asked: string[] = [];
    const server = createServer(async (request: IncomingMessage, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      asked.push(`${request.method} ${request.url} ${request.headers['x-tenant']} ${body}`);
      const [status = 200, location] = redirects[request.url ?? ''] ?? [];
      response.writeHead(status, location === undefined ? {} : { location }).end('here');
    }).listen(0);
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    return { at: `http://localhost:${(server.address() as AddressInfo).port}`, asked };
  }
  const OPTIONS = { method: 'POST', body: 'query=up', headers: { 'x-tenant': 'shop' } };

  it('within the origin is followed with all headers, and with the body if its status says so', async () => {
    const { at, asked } = await serve({ '/a': [307, '/b'], '/b': [302, 'c'] });
    expect(await (await fetchWithinOrigin(`${at}/a`, OPTIONS)).text()).toBe('here');
    expect(asked).toEqual(['POST /a shop query=up', 'POST /b shop query=up', 'GET /c shop ']);
  });

  it('to another origin is not followed, because a header may be a secret', async () => {
    const other = await serve({});
    const { at } = await serve({ '/a': [302, `${other.at}/b`], '/c': [302, 'http://'] });
    await expect(fetchWithinOrigin(`${at}/a`, OPTIONS)).rejects.toThrow(
      `${at}/a redirects to ${other.at}, another origin: coalmine does not follow it`,
    );
    expect(other.asked).toEqual([]);
    await expect(fetchWithinOrigin(`${at}/c`, OPTIONS)).rejects.toThrow(
      'redirects to something that is not an address',
    );
  });

  it('without end is given up', async () => {
    const { at, asked } = await serve({ '/a': [308, '/a'] });
    await expect(fetchWithinOrigin(`${at}/a`, OPTIONS)).rejects.toThrow(`${at}/a redirects more than 20 times`);
    expect(asked).toHaveLength(21);
  });

  it('is only one of some statuses', async () => {
    const { at } = await serve({ '/a': [304, '/b'], '/c': [201, '/d'] });
    expect((await fetchWithinOrigin(`${at}/a`, OPTIONS)).status).toBe(304);
    expect((await fetchWithinOrigin(`${at}/c`, OPTIONS)).status).toBe(201);
  });
});

it('a header that cannot be sent is named, and its value is not', async () => {
  const request = fetchWithinOrigin('http://localhost:1', { headers: { 'x-token': 'sec\nret' } });
  await expect(request).rejects.toThrow(
    /^the header "x-token" cannot be sent: its name or its value is not valid in HTTP$/,
  );
});

it('the reason of a failed request is in its cause', async () => {
  const error = await fetchWithinOrigin('http://localhost:1', {}).catch((error: unknown) => error);
  expect(reasonOf(error)).toMatch(/ECONNREFUSED|bad port/);
  expect(reasonOf(new Error('no cause'))).toBe('no cause');
});
