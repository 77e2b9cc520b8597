import { describe, expect, it } from 'vitest';
import { type Reader, Readers } from './readers.js';
import type { Body } from './renderings.js';

const MEBIBYTE = 1024 * 1024;

const bodyOf = (mebibytes: number): Body => ({
  chunks: [],
  length: 1,
  heldBytes: mebibytes * MEBIBYTE,
  release() {},
});

/** Readers that write down their names when they are cut. */
function cuts(): { readonly cut: string[]; readonly reader: (name: string) => Reader } {
  const cut: string[] = [];
  return { cut, reader: (name) => ({ cut: () => void cut.push(name) }) };
}

describe('readers of bodies', () => {
  it('keep four bodies of any size, and lose the oldest to a fifth', () => {
    const readers = new Readers();
    const { cut, reader } = cuts();
    for (const name of ['a', 'b', 'c', 'd']) readers.open(bodyOf(100), reader(name));
    expect(cut).toEqual([]);
    readers.open(bodyOf(1), reader('e'));
    expect(cut).toEqual(['a']);
  });

  it('keep any number of bodies of 8 MiB together, and lose the oldest to one byte more', () => {
    const readers = new Readers();
    const { cut, reader } = cuts();
    for (let i = 0; i < 8; i++) readers.open(bodyOf(1), reader(`${i}`));
    readers.open(bodyOf(0), reader('empty'));
    expect(cut).toEqual([]);
    readers.open(bodyOf(1 / MEBIBYTE), reader('a byte'));
    expect(cut).toEqual(['0']);
    readers.open(bodyOf(3), reader('large'));
    expect(cut).toEqual(['0', '1', '2', '3']);
  });

  it('share a body, which takes its memory once, and are cut together', () => {
    const readers = new Readers();
    const { cut, reader } = cuts();
    const shared = bodyOf(6);
    for (const name of ['a', 'b', 'c']) readers.open(shared, reader(name));
    for (const name of ['d', 'e', 'f', 'g']) readers.open(bodyOf(0.5), reader(name));
    expect(cut).toEqual([]);
    readers.open(bodyOf(1), reader('h'));
    expect(cut).toEqual(['a', 'b', 'c']);
  });

  it('free the memory of a body when the last of them has closed it, once', () => {
    const readers = new Readers();
    const { cut, reader } = cuts();
    const [first, second, stranger] = [reader('first'), reader('second'), reader('stranger')];
    const shared = bodyOf(8);
    readers.open(shared, first);
    readers.open(shared, second);
    readers.close(shared, first);
    readers.close(shared, first);
    readers.close(shared, stranger);
    for (const name of ['a', 'b', 'c']) readers.open(bodyOf(0), reader(name));
    readers.open(bodyOf(1), reader('d'));
    expect(cut).toEqual(['second']);
    // The readers that were cut close their bodies, too.
    readers.close(shared, second);
    readers.open(bodyOf(7), reader('e'));
    expect(cut).toEqual(['second']);
    readers.open(bodyOf(1), reader('f'));
    expect(cut).toEqual(['second', 'a', 'b']);
  });
});
