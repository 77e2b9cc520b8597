import { describe, expect, it } from 'vitest';
import { BufferPool } from './buffer-pool.js';

async function* yielded(...texts: readonly string[]): AsyncGenerator<string, void, undefined> {
  yield* texts;
}

const textOf = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString();
const memoryOf = (chunks: readonly Buffer[]): ReadonlySet<unknown> => new Set(chunks.map(({ buffer }) => buffer));

describe('a pool of buffers', () => {
  it('encodes any text, at whatever byte a buffer ends', async () => {
    const pool = new BufferPool();
    for (let shift = 0; shift < 4; shift++) {
      const texts = ['a'.repeat(shift), 'ü€😀'.repeat(20_000), '', '😀', '\ud800'];
      const chunks = await pool.encode(yielded(...texts));
      expect(textOf(chunks)).toBe(Buffer.from(texts.join('')).toString());
      expect(chunks.length).toBeGreaterThan(2);
      pool.free(chunks);
    }
    expect(textOf(await pool.encode(yielded()))).toBe('');
  });

  it('uses buffers again that are free, and no others', async () => {
    const pool = new BufferPool();
    const text = 'a'.repeat(200_000);
    const first = await pool.encode(yielded(text));
    const second = await pool.encode(yielded(text.replaceAll('a', 'b')));
    expect([...memoryOf(second)].filter((memory) => memoryOf(first).has(memory))).toEqual([]);
    pool.free(first);
    const third = await pool.encode(yielded(text.replaceAll('a', 'c')));
    expect(memoryOf(third)).toEqual(memoryOf(first));
    expect(textOf(second)).toBe('b'.repeat(200_000));
    expect(textOf(third)).toBe('c'.repeat(200_000));
  });

  it('keeps no more buffers than the last texts took', async () => {
    const pool = new BufferPool();
    const large = await pool.encode(yielded('a'.repeat(1_000_000)));
    const small = await pool.encode(yielded('a'));
    pool.free(large);
    pool.free(small);
    const next = await pool.encode(yielded('a'.repeat(1_000_000)));
    expect([...memoryOf(next)].filter((memory) => memoryOf(large).has(memory))).toHaveLength(1);
  });
});
