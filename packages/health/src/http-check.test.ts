import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpCheck } from './http-check.js';

const ANSWERS: Record<string, (request: IncomingMessage, response: ServerResponse) => unknown> = {
  well: (_, response) => response.end('green'),
  nothing: (_, response) => response.writeHead(204).end(),
  sick: (_, response) => response.writeHead(503).end('x'.repeat(200_000)),
  large: (_, response) => response.end('x'.repeat(1_000_000)),
  moved: (_, response) => response.writeHead(302, { location: '/login' }).end(),
  login: (_, response) => response.end('who are you?'),
  secret: ({ headers }, response) => response.writeHead(headers.authorization === 'Bearer it' ? 200 : 401).end(),
  torn: (_, response) => response.writeHead(200, { 'content-length': 10 }).write('x', () => response.destroy()),
  hang: () => {},
  stuck: (_, response) => response.writeHead(200).write('x'),
};
const server = createServer((request, response) => ANSWERS[request.url?.slice(1) ?? '']?.(request, response));
let url: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const run = async (path: string, options: object = {}): Promise<unknown> =>
  httpCheck(url + path, options).run(AbortSignal.timeout(path === 'hang' || path === 'stuck' ? 300 : 60_000));

function openConnections(): Promise<number> {
  return new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
}

describe('an HTTP check', () => {
  it.each<[string, object]>([
    ['well', {}],
    ['nothing', {}],
    ['large', {}],
    ['moved', { statuses: [301, 302] }],
    ['sick', { statuses: [503] }],
    ['secret', { headers: { authorization: 'Bearer it' } }],
    ['well', { judge: (body: string) => body === 'green' }],
  ])('passes on %s, with %j', async (path, options) => {
    await expect(run(path, options)).resolves.toBe(true);
  });

  it.each<[string, object, string]>([
    ['sick', {}, 'responded with 503'],
    ['secret', {}, 'responded with 401'],
    ['moved', {}, 'responded with 302, a redirect to /login'],
    ['well', { statuses: [204] }, 'responded with 200'],
    ['large', { judge: () => true }, 'responded with more than 64 KiB'],
    ['torn', {}, 'aborted'],
    ['hang', {}, 'aborted due to timeout'],
    ['stuck', {}, 'aborted due to timeout'],
  ])('fails on %s, with %j', async (path, options, message) => {
    await expect(run(path, options)).rejects.toThrow(message);
  });

  it('passes on what its judge returns or throws', async () => {
    const judge = (body: string, { status }: Response): unknown => ({ status: 'warn', output: `${status} ${body}` });
    await expect(run('well', { judge })).resolves.toEqual({ status: 'warn', output: '200 green' });
    await expect(run('well', { judge: (body: string) => JSON.parse(body) })).rejects.toThrow('JSON');
  });

  it('says why it could not connect', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const check = httpCheck(`http://127.0.0.1:${port}`);
    await expect(check.run(AbortSignal.timeout(60_000))).rejects.toThrow(`connect ECONNREFUSED 127.0.0.1:${port}`);
  });

  it('keeps no connection', async () => {
    for (const path of ['well', 'sick', 'large', 'moved', 'stuck']) await run(path).catch(() => {});
    // What the client has closed, the server hears of at one of its next polls.
    for (let i = 0; i < 1000 && (await openConnections()) > 0; i++) await setImmediate();
    expect(await openConnections()).toBe(0);
  });

  it('is advisory, and less frequent than others', () => {
    expect(httpCheck(url)).toMatchObject({ kind: 'advisory', periodSeconds: 30 });
    expect(httpCheck(new URL(url), { kind: 'joining', timeoutSeconds: 5, periodSeconds: 7 })).toMatchObject({
      kind: 'joining',
      timeoutSeconds: 5,
      periodSeconds: 7,
    });
  });

  const URLS = 'an http or https URL without a user and a password, which belong in the headers';
  it.each<[unknown, object, string]>([
    [undefined, {}, `httpCheck.url must be ${URLS}, got undefined`],
    ['search', {}, `httpCheck.url must be ${URLS}, got "search"`],
    ['redis://x', {}, `httpCheck.url must be ${URLS}, got "redis://x"`],
    ['http://me:secret@x/it', {}, `httpCheck.url must be ${URLS}, got "http://x/it"`],
    [
      'http://x',
      { statuses: 200 },
      'httpCheck.statuses must be a list, of a status of HTTP from 200 to 599 each, got 200',
    ],
    ['http://x', { statuses: [] }, 'httpCheck.statuses must be a list of at least one status, got []'],
    ['http://x', { statuses: [99] }, 'httpCheck.statuses[0] must be a status of HTTP from 200 to 599, got 99'],
    [
      'http://x',
      { headers: { 'a b': 'c' } },
      'httpCheck.headers must be an object of the headers to send, got an object',
    ],
    ['http://x', { judge: 'green' }, 'httpCheck.judge must be a function, got "green"'],
    ['http://x', { kind: 'fatal' }, 'httpCheck.kind must be one of startup, joining, critical, advisory, got "fatal"'],
    ['http://x', { method: 'POST' }, 'httpCheck.method must be left out'],
  ])('of %j with %j is refused', (address, options, message) => {
    expect(() => httpCheck(address as never, options as never)).toThrow(message);
  });
});
