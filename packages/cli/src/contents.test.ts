import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bytesOf, contentsOf, decode, readContents } from './contents.js';

describe('the text of some bytes', () => {
  it('is UTF-8, or UTF-16 if it begins with a byte order mark', () => {
    const text = 'größe: 1\n';
    expect(decode(Buffer.from(text))).toEqual({ text, notUtf8: [] });
    const little = Buffer.from(`\ufeff${text}`, 'utf16le');
    expect(decode(little)).toEqual({ text, notUtf8: [] });
    expect(decode(Buffer.from(little).swap16())).toEqual({ text, notUtf8: [] });
    // A file that was cut has half a character at its end.
    expect(decode(Buffer.concat([Buffer.from(little).swap16(), Buffer.of(0)]))).toEqual({ text, notUtf8: [] });
  });

  it('names each line with a byte that is not UTF-8', () => {
    const bytes = Buffer.concat([
      Buffer.from('a: 1\nb: ü'),
      Buffer.of(0xe9),
      Buffer.from('\nc: 2\nd: '),
      Buffer.of(0xff, 0xfe),
    ]);
    expect(decode(bytes)).toEqual({
      text: 'a: 1\nb: ü\ufffd\nc: 2\nd: \ufffd\ufffd',
      notUtf8: [
        { line: 2, byte: '0xe9' },
        { line: 4, byte: '0xff' },
      ],
    });
  });
});

describe('the contents of a file', () => {
  async function fileWith(bytes: Uint8Array): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'contents-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'a.yaml'), bytes);
    return join(folder, 'a.yaml');
  }

  it('are refused if a byte is not UTF-8, unless the reader can live with it', async () => {
    const file = await fileWith(Buffer.concat([Buffer.from('a\n'), Buffer.of(0xe9)]));
    await expect(contentsOf(file)).rejects.toThrow(`${file} is not UTF-8: line 2 has the byte 0xe9`);
    expect((await readContents(file)).text).toBe('a\n\ufffd');
    expect(await contentsOf(await fileWith(Buffer.from('a')))).toBe('a');
  });

  it('cannot be read if there is no such file', async () => {
    await expect(readContents('/nowhere/a.yaml')).rejects.toThrow(/^\/nowhere\/a\.yaml cannot be read: ENOENT/);
  });
});

it('a source that does not end is given up at 64 MB', async () => {
  let given = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      given += 1;
      yield new Uint8Array(1024 * 1024);
    }
  }
  await expect(bytesOf(endless(), 'stdin')).rejects.toThrow('stdin is larger than 64 MB, the limit for one source');
  expect(given).toBe(65);
});
