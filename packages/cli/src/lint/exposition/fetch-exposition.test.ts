import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type FetchOptions, fetchExposition, isOpenMetrics } from './fetch-exposition.js';

const OPTIONS: FetchOptions = { format: 'text', timeoutSeconds: 60 };
const TEXT = 'text/plain; version=0.0.4; charset=utf-8';

/** Serves an exposition, and returns its address. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
}

describe('an exposition', () => {
  it.each<[format: FetchOptions['format'], accept: string]>([
    ['text', 'text/plain;version=0.0.4;q=0.9,*/*;q=0.1'],
    ['openmetrics', 'application/openmetrics-text;version=1.0.0;q=0.9,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'],
  ])('is asked for as %s, with the headers and the credentials of the user', async (format, accept) => {
    const asked: IncomingHttpHeaders[] = [];
    const address = await serve(({ headers }, response) => {
      asked.push(headers);
      response.writeHead(200, { 'content-type': TEXT }).end('up 1\n');
    });
    const read = await fetchExposition(address.replace('//', '//user:secret@'), {
      ...OPTIONS,
      format,
      headers: { 'x-scope-orgid': 'shop' },
    });
    expect(read).toEqual({ text: 'up 1\n', notUtf8: [], contentType: TEXT });
    const authorization = `Basic ${Buffer.from('user:secret').toString('base64')}`;
    expect(asked).toEqual([expect.objectContaining({ accept, authorization, 'x-scope-orgid': 'shop' })]);
  });

  it('has no content type if the server names none, and says where bytes are no text', async () => {
    const address = await serve((_request, response) => response.end(Buffer.from('up 1\nb\xe9 2\n', 'latin1')));
    const { contentType, notUtf8 } = await fetchExposition(address, OPTIONS);
    expect({ contentType, notUtf8 }).toEqual({ contentType: '', notUtf8: [{ line: 2, byte: '0xe9' }] });
  });

  it('may be empty', async () => {
    const address = await serve((_request, response) => response.writeHead(204).end());
    expect(await fetchExposition(address, OPTIONS)).toMatchObject({ text: '' });
  });

  it.each<[message: string, serves: RequestListener | string, options?: Partial<FetchOptions>]>([
    ['somewhere is not an address', 'somewhere'],
    ['ADDRESS responded with 503 Busy', (_request, response) => response.writeHead(503, 'Busy').end('later')],
    ['ADDRESS responded with 404', (_request, response) => response.writeHead(404, ' ').end()],
    ['ADDRESS did not respond within 0.05 s', () => {}, { timeoutSeconds: 0.05 }],
    ['ADDRESS cannot be read: ', (_request, response) => response.destroy()],
    [
      'ADDRESS is larger than 64 MB, the limit for one source',
      (_request, response) => {
        const part = Buffer.alloc(8 * 1024 * 1024, 'a');
        const write = (): void => {
          while (response.write(part));
        };
        response.on('drain', write).on('error', () => {});
        write();
      },
    ],
  ])('cannot be read: %s', async (message, serves, options = {}) => {
    const address = typeof serves === 'string' ? serves : await serve(serves);
    const hidden = address.replace('//', '//user:secret@');
    const reading = fetchExposition(hidden, { ...OPTIONS, ...options });
    await expect(reading).rejects.toThrow(message.replace('ADDRESS', address.replace('//', '//***@')));
  });
});

it.each([
  ['application/openmetrics-text; version=1.0.0; charset=utf-8', true],
  [TEXT, false],
  ['', false],
  [undefined, false],
])('the content type %j is one of OpenMetrics: %s', (contentType, isOne) => {
  expect(isOpenMetrics({ text: '', ...(contentType === undefined ? {} : { contentType }) })).toBe(isOne);
});
