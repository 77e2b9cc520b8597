import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const SET = {
  repository: 'https://github.com/shop/canaries',
  homepage: 'https://canaries.example.com',
  bugs: 'https://github.com/shop/canaries/issues',
  author: 'The Shop <open-source@example.com>',
};
const PLACEHOLDERS = {
  repository: 'https://github.com/OWNER/coalmine',
  homepage: 'https://github.com/OWNER/coalmine#readme',
  bugs: 'https://github.com/OWNER/coalmine/issues',
  author: 'OWNER',
};
let folder: string;
let packages: readonly string[];

// A copy of the files that the script reads and writes, so that the test does not depend on the maintainer's settings.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coalmine-project-'));
  packages = (await readdir(join(root, 'packages'), { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  const files = [
    'package.json',
    'release',
    'packages/cli/src/project.ts',
    'examples/argo-rollouts/manifests/prometheus.yaml',
    'examples/flagger/manifests/prometheus.yaml',
    ...packages.flatMap((name) => [`packages/${name}/package.json`, `packages/${name}/README.md`]),
  ];
  await Promise.all(files.map((file) => cp(join(root, file), join(folder, file), { recursive: true })));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('project.json', () => {
  it('names each placeholder before a publish', async () => {
    await writeProject(PLACEHOLDERS);
    expect(await project('--write')).toEqual({ code: 0, said: [] });
    expect(await project('--publish')).toEqual({
      code: 1,
      said: Object.entries(PLACEHOLDERS).map(
        ([field, value]) => `project.json: ${field} is still the placeholder ${JSON.stringify(value)}`,
      ),
    });
  });

  it('is written to the manifests and the READMEs of all packages', async () => {
    await writeProject(SET);
    const { code, said } = await project();
    expect(code).toBe(1);
    expect(said).toContain('packages/cli/package.json differs from project.json: run `npm run project`');
    expect(await project('--write')).toEqual({ code: 0, said: [] });
    expect(await project('--publish')).toEqual({ code: 0, said: [] });
    for (const name of packages) {
      const manifest = JSON.parse(await readFile(join(folder, 'packages', name, 'package.json'), 'utf8'));
      expect(manifest).toMatchObject({
        homepage: SET.homepage,
        bugs: { url: SET.bugs },
        author: SET.author,
        repository: { type: 'git', url: `git+${SET.repository}.git`, directory: `packages/${name}` },
      });
      const readme = await readFile(join(folder, 'packages', name, 'README.md'), 'utf8');
      const links = [...readme.matchAll(/\]\(([^)]*)\)/g)].map(([, target = '']) => target);
      expect(links.filter((target) => !target.startsWith('https://') && !target.startsWith('#'))).toEqual([]);
      expect(readme).not.toContain('OWNER');
    }
  });

  it('is refused before a publish from another repository, whose provenance npm would refuse', async () => {
    await writeProject(SET);
    await project('--write');
    expect(await project('--publish', { GITHUB_REPOSITORY: 'shop/fork' })).toEqual({
      code: 1,
      said: [
        'project.json: repository must be https://github.com/shop/fork, which publishes, got "https://github.com/shop/canaries"',
      ],
    });
    expect(await project('--publish', { GITHUB_REPOSITORY: 'shop/canaries' })).toEqual({ code: 0, said: [] });
  });

  it('is refused for a tag that is not the version', async () => {
    await writeProject(SET);
    await project('--write');
    const { version } = await manifestOf('cli');
    const tag = (name: string) => ({ GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: name });
    expect(await project('--publish', tag(`v${version}`))).toEqual({ code: 0, said: [] });
    expect(await project('--publish', tag('v99.0.0'))).toEqual({
      code: 1,
      said: [`the tag must be v${version}, the version of the packages, got "v99.0.0"`],
    });
  });

  it.each([
    [
      { ...SET, repository: 'git@github.com:shop/canaries.git' },
      'repository must look like https://github.com/owner/name',
    ],
    [{ ...SET, author: '' }, 'author must be a text, got ""'],
    [{ ...SET, licence: 'MIT' }, 'licence must be left out: project.json has repository, homepage, bugs, author'],
  ])('says what is wrong with %j', async (value, complaint) => {
    await writeProject(value);
    expect(await project('--write')).toMatchObject({ code: 1, said: [expect.stringContaining(complaint)] });
  });
});

describe('the packages', () => {
  it('are one group of versions, which changesets raise together', async () => {
    const { fixed } = JSON.parse(await readFile(join(root, '.changeset/config.json'), 'utf8'));
    expect(fixed).toEqual([['@coalmine/*', '!@coalmine/test*', '!@coalmine/example-*']]);
    const versions = await Promise.all(packages.map(async (name) => (await manifestOf(name)).version));
    expect(new Set(versions).size).toBe(1);
  });

  it('take ranges of what they need at run time, and one version of what they are developed with', async () => {
    for (const name of packages) {
      const { dependencies = {}, devDependencies = {} } = await manifestOf(name);
      for (const range of Object.values(dependencies)) expect(range).toMatch(/^(workspace:)?\^/);
      for (const version of Object.values(devDependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    }
  });
});

async function manifestOf(
  name: string,
): Promise<Record<'dependencies' | 'devDependencies', object> & { version: string }> {
  return JSON.parse(await readFile(join(root, 'packages', name, 'package.json'), 'utf8'));
}

function writeProject(value: object): Promise<void> {
  return writeFile(join(folder, 'project.json'), JSON.stringify(value));
}

/** Runs the script in the copy, as if outside CI unless `env` says otherwise. */
async function project(flag?: string, env: NodeJS.ProcessEnv = {}): Promise<{ code: number; said: string[] }> {
  const rest = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GITHUB_')));
  const args = [join(folder, 'release/project.js'), ...(flag === undefined ? [] : [flag])];
  const ended = await run(process.execPath, args, { env: { ...rest, ...env } }).catch((error) => error);
  return { code: ended.code ?? 0, said: ended.stderr.split('\n').filter((line: string) => line !== '') };
}
