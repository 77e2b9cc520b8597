import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readConfig, readLintConfig } from './config-file.js';

/** Writes a config file, and returns its path. */
async function fileWith(text: string, name = 'coalmine.config.yaml'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'config-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

describe('a config file', () => {
  it('has the options of a release, in YAML or JSON', async () => {
    const options = { name: 'shop', weights: [5, 50] };
    expect(await readConfig(await fileWith('name: shop\nweights: [5, 50] # two\n'))).toEqual(options);
    expect(await readConfig(await fileWith(JSON.stringify(options), 'a.json'))).toEqual(options);
  });

  it.each([
    ['name: [', 'is neither YAML nor JSON'],
    ['name: a\nname: b\n', 'is neither YAML nor JSON'],
    ['- name: shop\n', 'must be an object with the options of a release'],
    ['', 'must be an object with the options of a release'],
    ['name: &a [*a]\n', 'has an alias within its own anchor'],
  ])('is refused with a sentence: %j', async (text, message) => {
    const file = await fileWith(text);
    await expect(readConfig(file)).rejects.toThrow(
      expect.objectContaining({
        code: 'COALMINE_CONFIG_FILE',
        message: expect.stringMatching(new RegExp(`^${file} ${message}`)),
      }),
    );
  });

  it('that is named must exist, but one that is looked for need not', async () => {
    await expect(readConfig('/nowhere/a.yaml')).rejects.toThrow(/^\/nowhere\/a\.yaml cannot be read: ENOENT/);
    // The folder in which the tests run has none.
    expect(await readConfig(undefined)).toEqual({});
  });

  it('may use a part twice', async () => {
    const text = 'objective: &a { errorRatio: 0.01 }\nanalysis: *a\n';
    expect(await readConfig(await fileWith(text))).toMatchObject({ analysis: { errorRatio: 0.01 } });
  });
});

describe('the findings that a config file suppresses', () => {
  it('are no options of the release, and each knows its line', async () => {
    const file = await fileWith(`name: shop
lint:
  ignore:
    - { rule: no-requests, reason: ' it has none yet ' }
    - rule: late-type
      file: deploy/*.yaml
      reason: by hand
`);
    expect(await readLintConfig(file)).toEqual({
      release: { name: 'shop' },
      ignore: {
        source: file,
        entries: [
          { rule: 'no-requests', reason: 'it has none yet', line: 4 },
          { rule: 'late-type', file: 'deploy/*.yaml', reason: 'by hand', line: 5 },
        ],
      },
    });
  });

  it.each([
    ['[{ rule: a }]', 'lint.ignore[0].reason must be a sentence that says why the finding does not count'],
    ["[{ rule: ' ', reason: b }]", 'lint.ignore[0].rule must be the name of a rule'],
    ['[{ rule: a, reason: b, file: 5 }]', 'lint.ignore[0].file must be a file or a pattern'],
    ['[{ rule: a, reason: b }, no]', 'lint.ignore'],
    ['[{ rule: a, reason: b, line: 5 }]', 'line'],
  ])('need a rule and a reason: %s', async (ignore, message) => {
    await expect(readLintConfig(await fileWith(`lint: { ignore: ${ignore} }\n`))).rejects.toThrow(message);
  });

  it('are none without a list of them', async () => {
    expect((await readLintConfig(await fileWith('name: shop\n'))).ignore.entries).toEqual([]);
  });
});
