import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { objectsIn } from '@coalmine/cli';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { flaggerErrors } from '../support/flagger-schema.js';
import { type Kubernetes, validate } from '../support/kubernetes-schemas.js';
import { isPrometheusMissing } from '../support/prometheus.js';
import { pathOf, textOf } from './example.js';

const EXAMPLES = ['argo-rollouts', 'flagger'] as const;
const BIN = pathOf('packages/cli/dist/bin.js');
const run = promisify(execFile);

/** Returns the files below a folder, with their contents. */
async function contentsOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.yaml')).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')])),
  );
}

describe.each(EXAMPLES)('the manifests of examples/%s', (example) => {
  it('are the output of the commands in its README', async () => {
    const commands = [...textOf(`examples/${example}/README.md`).matchAll(/^npx @coalmine\/cli ([^&|\n]*)$/gm)];
    expect(commands).toHaveLength(3);
    const folder = await mkdtemp(join(tmpdir(), 'coalmine-manifests-'));
    await cp(pathOf(`examples/${example}/coalmine.config.yaml`), join(folder, 'coalmine.config.yaml'));
    for (const [, args = ''] of commands) await run(process.execPath, [BIN, ...args.split(' ')], { cwd: folder });
    const written = await contentsOf(join(folder, 'manifests'));
    await rm(folder, { recursive: true });
    const committed = await contentsOf(pathOf(`examples/${example}/manifests`));
    expect(Object.keys(committed).length).toBeGreaterThan(2);
    expect(committed).toEqual(written);
  });

  it('are accepted by a cluster', async () => {
    const contents = await contentsOf(pathOf(`examples/${example}/manifests`));
    const objects = Object.entries(contents).flatMap(([name, text]) => objectsIn(text, name));
    expect(objects.length).toBeGreaterThan(5);
    for (const object of objects) validate(object as Kubernetes);
  });
});

describe('the load test of examples/flagger', () => {
  it('is a patch of its Canary, and lasts until the first check', () => {
    const objects = objectsIn(textOf('examples/flagger/manifests/blue-green/flagger.yaml'), 'flagger.yaml');
    const spec = objects.find(({ kind }) => kind === 'Canary')?.spec as { analysis: { interval: string } };
    const patch = parse(textOf('examples/flagger/load-test.yaml')) as {
      spec: { analysis: { webhooks: { type: string; metadata: { cmd: string } }[] } };
    };
    const patched = { ...spec, analysis: { ...spec.analysis, ...patch.spec.analysis } };
    expect(flaggerErrors('Canary', patched)).toEqual([]);
    const [first] = patch.spec.analysis.webhooks;
    expect(first?.type).toBe('pre-rollout');
    expect(first?.metadata.cmd).toContain('-z 1m');
    expect(Number.parseInt(spec.analysis.interval, 10)).toBeLessThan(60);
  });
});

describe.skipIf(isPrometheusMissing)('a release by the manifests of', () => {
  let said: Readonly<Record<string, readonly string[]>> = {};
  beforeAll(async () => {
    // Both wait for most of their time.
    const checked = EXAMPLES.map(async (example) => {
      const { stdout } = await run(process.execPath, [pathOf(`examples/${example}/check.js`)], { timeout: 250_000 });
      return [example, stdout.trim().split('\n').sort()] as const;
    });
    // If one fails, the other must have ended, too.
    await Promise.allSettled(checked);
    said = Object.fromEntries(await Promise.all(checked));
  });

  const FAILED = / requests failed .*; at least [\d.]+ % is proven, 1 % is allowed/.source;
  const GOOD = /canary: [\d,]+ requests, 0 % failed, \S+ % slow/.source;
  const line = (kind: string, verdict: string, why: string): unknown =>
    expect.stringMatching(new RegExp(`^${kind}: ${verdict}: .*${why}`));

  it('examples/argo-rollouts is promoted if it is good, and rolled back if it is bad', () => {
    expect(said['argo-rollouts']).toEqual([
      line('bad, a step of a canary', 'rollback', FAILED),
      line('bad, after the switch', 'rollback', FAILED),
      line('bad, before the switch', 'rollback', FAILED),
      line('good, a step of a canary', 'promote', GOOD),
      line('good, after the switch', 'promote', GOOD),
      line('good, before the switch', 'promote', GOOD),
    ]);
  });

  it('examples/flagger is promoted if it is good, and rolled back if it is bad', () => {
    expect(said.flagger).toEqual([
      line('bad, blue-green', 'rollback', FAILED),
      line('bad, canary', 'rollback', FAILED),
      line('good, blue-green', 'promote', GOOD),
      line('good, canary', 'promote', GOOD),
    ]);
  });
});
