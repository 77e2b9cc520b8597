import { describe, expect, it } from 'vitest';
import { statusIn } from './status-line.js';

describe('the status in a chunk', () => {
  it.each<[chunk: unknown, status: number | undefined]>([
    ['HTTP/1.1 101 Switching Protocols\r\n\r\n', 101],
    ['HTTP/1.0 404', 404],
    ['HTTP/1.1 503\r\n', 503],
    ['', undefined],
    ['HTTP/1.1 20', undefined],
    ['HTTP/2.0 200 OK', undefined],
    ['http/1.1 200 OK', undefined],
    ['\r\nHTTP/1.1 200 OK', undefined],
    ['a body that quotes HTTP/1.1 500', undefined],
    [undefined, undefined],
    [() => {}, undefined],
    [Buffer.alloc(0), undefined],
    [Buffer.from('HTTP/1.1 426 Upgrade Required\r\n\r\n'), 426],
    [Buffer.from([0x81, 0x02, 0x68, 0x69]), undefined],
    [new TextEncoder().encode('HTTP/1.1 400 Bad Request'), 400],
  ])('%j begins with %s', (chunk, status) => {
    expect(statusIn(chunk)).toBe(status);
  });

  it('is read within the bounds of a view of a larger buffer', () => {
    const memory = Buffer.from('HTTP/1.1 200 OK  HTTP/1.1 502 Bad Gateway');
    expect(statusIn(memory.subarray(17))).toBe(502);
    expect(statusIn(memory.subarray(0, 11))).toBeUndefined();
  });
});
