import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { expandGlob, globExpression, isGlob } from './glob.js';

describe('a pattern of a shell', () => {
  it.each<[pattern: string, matching: string[], others: string[]]>([
    ['a.yaml', ['a.yaml'], ['a-yaml', 'b/a.yaml', 'a.yaml\n']],
    ['*.yaml', ['a.yaml', 'a\nb.yaml'], ['.a.yaml', 'b/a.yaml', '.yaml']],
    ['a*', ['a', 'a.b', 'a.'], ['ba', 'a/b']],
    ['a/*/b', ['a/x/b'], ['a/b', 'a/x/y/b', 'a/.x/b']],
    ['?', ['a', '*'], ['', 'ab', '/', '.']],
    ['a?', ['ab', 'a.'], ['a/']],
    ['[a-c]x', ['ax', 'cx'], ['dx', '-x', 'abx']],
    ['[!a-c]x', ['dx'], ['ax', '.x']],
    ['[.a]x', ['ax'], ['.x']],
    ['a[\\]x', ['a\\x'], ['a[x']],
    ['[]x', ['[]x'], ['x']],
    ['{a,b}.yaml', ['a.yaml', 'b.yaml'], ['a,b.yaml', 'ab.yaml']],
    ['{a,{b,c}d}', ['a', 'bd', 'cd'], ['b', 'ad']],
    ['a,b', ['a,b'], ['a', 'b']],
    ['a}', ['a}'], ['a']],
    ['**/a', ['a', 'x/a', 'x/y/a'], ['.x/a', 'x/.y/a', 'xa']],
    ['a/**', ['a/b', 'a/b/c'], ['a', 'a/', 'a/.b', 'a/.b/c']],
    ['a/**/b', ['a/b', 'a/x/y/b'], ['ab', 'a/xb']],
    ['a**', ['ab'], ['a/b']],
    ['(a|b)+$^', ['(a|b)+$^'], ['a']],
  ])('%j matches %j, and not %j', (pattern, matching, others) => {
    const expression = globExpression(pattern);
    expect(matching.filter((path) => !expression.test(path))).toEqual([]);
    expect(others.filter((path) => expression.test(path))).toEqual([]);
  });

  it.each(['{a', '{a,{b}', '[z-a]'])('is refused if it cannot be read: %s', (pattern) => {
    expect(() => globExpression(pattern)).toThrow(`${pattern} is not a pattern`);
  });

  it('is told from a path', () => {
    expect(['a*', 'a?', 'a[', 'a{'].every(isGlob)).toBe(true);
    expect(['', 'a]', 'a}', './a/b.c'].some(isGlob)).toBe(false);
  });
});

describe('the files of a pattern', () => {
  it('are in the order of their names, and come from hidden folders only if the pattern names these', async () => {
    const root = await mkdtemp(join(tmpdir(), 'glob-'));
    onTestFinished(() => rm(root, { recursive: true }));
    const files = ['b.yml', 'a.yml', '.c.yml', 'x/d.yml', '.github/e.yml', 'node_modules/f.yml', 'x/y/z/g.yml'];
    for (const file of files) {
      await mkdir(dirname(join(root, file)), { recursive: true });
      await writeFile(join(root, file), '');
    }
    const found = async (pattern: string) =>
      (await expandGlob(`${root}/${pattern}`)).map((file) => file.slice(root.length + 1));
    expect(await found('*.yml')).toEqual(['a.yml', 'b.yml']);
    expect(await found('**/*.yml')).toEqual(['a.yml', 'b.yml', 'x/d.yml', 'x/y/z/g.yml']);
    expect(await found('*/*.yml')).toEqual(['x/d.yml']);
    expect(await found('.github/*.yml')).toEqual(['.github/e.yml']);
    expect(await found('**/.github/*.yml')).toEqual(['.github/e.yml']);
    expect(await found('node_modules/*')).toEqual(['node_modules/f.yml']);
    expect(await found('{a,b}.yml')).toEqual(['a.yml', 'b.yml']);
    expect(await found('gone/*.yml')).toEqual([]);
  });
});
