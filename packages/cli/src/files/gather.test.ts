import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { gatherFiles } from './gather.js';

/** Writes empty files and links into a new folder, and returns a function that gathers there. */
async function folderWith(files: readonly string[], links: Readonly<Record<string, string>> = {}) {
  const root = await mkdtemp(join(tmpdir(), 'gather-'));
  onTestFinished(() => rm(root, { recursive: true }));
  for (const file of files) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), '');
  }
  for (const [link, target] of Object.entries(links)) await symlink(target, join(root, link));
  return async (...named: readonly string[]) => {
    const { files: found, passedOver } = await gatherFiles(
      named.map((name) => (name === '-' ? name : join(root, name))),
    );
    return {
      files: found.map(
        ({ path, isFound }) => `${path === '-' ? path : relative(root, path)}${isFound ? ' (found)' : ''}`,
      ),
      passedOver: passedOver.map(({ source, reason }) => `${relative(root, source)} ${reason}`),
    };
  };
}

describe('a folder', () => {
  it('stands for the manifests below it, and says what else is in it', async () => {
    const gather = await folderWith(
      ['b.yaml', 'a.yml', 'c.JSON', 'readme.md', 'deep/er/d.yaml', '.git/e.yaml', 'node_modules/f.yaml'],
      { 'link.yaml': 'b.yaml', gone: 'nowhere', loop: '.' },
    );
    expect(await gather('.')).toEqual({
      files: ['a.yml', 'b.yaml', 'c.JSON', 'deep/er/d.yaml', 'link.yaml'].map((file) => `${file} (found)`),
      passedOver: [
        '.git is a folder of tools',
        'gone is a link to nothing',
        'loop is a link to a folder',
        'node_modules is a folder of tools',
        'readme.md is not a .yaml, .yml or .json file',
      ],
    });
  });

  it('is refused without a manifest, unless its only manifest was named before', async () => {
    const gather = await folderWith(['notes/a.md', 'one/a.yaml']);
    await expect(gather('notes')).rejects.toThrow(/notes has no \.yaml, \.yml or \.json file$/);
    expect((await gather('one/a.yaml', 'one')).files).toEqual(['one/a.yaml']);
  });
});

describe('a named file', () => {
  it('is read once, whatever its name is, in the order of the names', async () => {
    const gather = await folderWith(['b.txt', 'a.yaml']);
    expect((await gather('b.txt', '-', 'a.yaml', 'b.txt', '-')).files).toEqual(['b.txt', '-', 'a.yaml']);
  });

  it('is left to its reader if it is missing', async () => {
    const gather = await folderWith([]);
    expect((await gather('gone.yaml')).files).toEqual(['gone.yaml']);
  });

  it('does not count as found if a folder contains it, too', async () => {
    const gather = await folderWith(['a.yaml', 'b.yaml', 'c.txt']);
    expect(await gather('.', 'b.yaml', 'c.txt')).toEqual({
      files: ['a.yaml (found)', 'b.yaml', 'c.txt'],
      passedOver: [],
    });
    expect((await gather('c.txt', '.')).passedOver).toEqual([]);
  });
});

describe('a pattern', () => {
  it('takes each file that it names, and of others only manifests', async () => {
    const gather = await folderWith(['a.yaml', 'b.txt', 'deep/c.yaml', 'deep/d.txt'], { 'gone.txt': 'nowhere' });
    expect(await gather('*.txt')).toEqual({ files: ['b.txt'], passedOver: ['gone.txt is a link to nothing'] });
    expect(await gather('*')).toEqual({
      files: ['a.yaml (found)', 'deep/c.yaml (found)'],
      passedOver: [
        'b.txt is not a .yaml, .yml or .json file',
        'deep/d.txt is not a .yaml, .yml or .json file',
        'gone.txt is a link to nothing',
      ],
    });
  });

  it('is refused if it matches no file', async () => {
    const gather = await folderWith(['a.yaml']);
    await expect(gather('*.json')).rejects.toThrow(/\*\.json matches no file$/);
  });

  it('is the name of a file if there is a file of this name', async () => {
    const gather = await folderWith(['[a].yaml', 'a.yaml']);
    expect((await gather('[a].yaml')).files).toEqual(['[a].yaml']);
  });
});
