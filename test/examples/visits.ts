import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { expect } from 'vitest';
import { type Seen, send } from '../support/client.js';

const json = (status: number, body: unknown): Seen => ({ status, body: JSON.stringify(body) });

/** What every client of an example does and sees. */
export const VISITS: readonly [path: string, options: Parameters<typeof send>[2], seen: Seen][] = [
  ['/items/1', {}, json(200, { id: '1', name: 'Item 1' })],
  ['/items/2?full=yes', {}, json(200, { id: '2', name: 'Item 2' })],
  ['/items', post('{"name":"lamp"}'), json(201, { created: { name: 'lamp' } })],
  ['/items', post('{"name":'), json(400, { error: 'Bad Request' })],
  ['/slow', {}, json(200, { waited: 'too long' })],
  ['/boom', {}, json(500, { error: 'Internal Server Error' })],
  ['/nowhere', {}, json(404, { error: 'Not Found' })],
  // Longer than the objective of 0.5 s, and longer than the patience of 2 s.
  ['/hang', { leaveAfter: 700 }, 'left'],
  ['/hang', { leaveAfter: 2_500 }, 'left'],
];

/** What an example counts for these visits, and for one event that is read. */
export const REQUESTS = {
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

/** Visits an example, and returns what was seen, in the order of the visits. */
export async function visit(port: number): Promise<readonly Seen[]> {
  const seen = VISITS.map(([path, options]) => send(port, path, options));
  await readOneEvent(port);
  return Promise.all(seen);
}

function post(body: string): Parameters<typeof send>[2] {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body };
}

/** Reads the first event and then leaves, because the stream never ends. */
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
