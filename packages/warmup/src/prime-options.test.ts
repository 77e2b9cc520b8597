import { describe, expect, it } from 'vitest';
import { type PrimeOptions, parsePrime } from './prime-options.js';

describe('priming', () => {
  it('has the defaults that are documented', () => {
    expect(parsePrime({ requests: ['/items/1?page=2'] })).toEqual({
      requests: [{ method: 'GET', path: '/items/1?page=2', host: 'localhost', headers: {}, body: undefined }],
      count: 1000,
      maxSeconds: 30,
      concurrency: 4,
      required: false,
    });
  });

  it('keeps the method, the headers and the body of a request', () => {
    const headers = { Host: 'shop.example', Accept: 'text/html' };
    const { requests } = parsePrime({ requests: [{ method: 'POST', path: '/', headers, body: '{}' }], unsafe: true });
    expect(requests).toEqual([
      { method: 'POST', path: '/', host: 'shop.example', headers: { accept: 'text/html' }, body: '{}' },
    ]);
  });

  it.each<[object, string]>([
    [{}, 'prime.requests must be a list of at least one request, got undefined'],
    [{ requests: [] }, 'prime.requests must be a list of at least one request, got []'],
    [
      { requests: '/' },
      'prime.requests must be a list, of a path that begins with \'/\', or an object with one each, got "/"',
    ],
    [
      { requests: ['items'] },
      'prime.requests[0] must be a path that begins with \'/\', or an object with one, got "items"',
    ],
    [
      { requests: ['/', '/a b'] },
      'prime.requests[1] must be a path that begins with \'/\', or an object with one, got "/a b"',
    ],
    [{ requests: [{ path: 7 }] }, "prime.requests[0].path must be a path that begins with '/', got 7"],
    [
      { requests: [{ path: '/', url: '/' }] },
      'prime.requests[0].url must be left out: prime.requests[0] takes method, path, headers, body, got "/"',
    ],
    [
      { requests: [{ path: '/', method: 'get' }] },
      'prime.requests[0].method must be a method in upper case, got "get"',
    ],
    [
      { requests: [{ path: '/', method: 'POST' }] },
      'prime.requests[0].method must be GET or HEAD, unless prime.unsafe is true, got "POST"',
    ],
    [
      { requests: [{ path: '/', headers: 'accept' }] },
      'prime.requests[0].headers must be an object of header names and values, got "accept"',
    ],
    [
      { requests: [{ path: '/', headers: { 'x-a': 'b\r\nc' } }] },
      'prime.requests[0].headers.x-a must be a header with a string of one line, got "b\\r\\nc"',
    ],
    [{ requests: [{ path: '/', body: {} }] }, 'prime.requests[0].body must be a string, got an object'],
    [{ requests: ['/'], count: 0 }, 'prime.count must be an integer of at least 1, got 0'],
    [{ requests: ['/'], maxSeconds: 0 }, 'prime.maxSeconds must be a finite number of seconds above 0, got 0'],
    [{ requests: ['/'], concurrency: 0.5 }, 'prime.concurrency must be an integer of at least 1, got 0.5'],
    [{ requests: ['/'], required: 1 }, 'prime.required must be true or false, got 1'],
    [{ requests: ['/'], unsafe: 'yes' }, 'prime.unsafe must be true or false, got "yes"'],
    [
      { requests: ['/'], times: 3 },
      'prime.times must be left out: prime takes requests, count, maxSeconds, concurrency, required, unsafe, got 3',
    ],
  ])('refuses %j in one sentence', (options, message) => {
    expect(() => parsePrime(options as PrimeOptions)).toThrow(
      expect.objectContaining({ code: 'COALMINE_INVALID_OPTION', message }),
    );
  });
});
