import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Named, parseNamed, recordsOfNamed } from './kubectl.js';

describe('the name of an object in the cluster', () => {
  it.each<[text: string, kind: Named['kind'], name: string]>([
    ['rollout/checkout', 'rollout', 'checkout'],
    ['Rollouts.argoproj.io/checkout', 'rollout', 'checkout'],
    ['ro/a.b-1', 'rollout', 'a.b-1'],
    ['ar/checkout-7d9c-2', 'analysisrun', 'checkout-7d9c-2'],
    ['canaries.flagger.app/shop', 'canary', 'shop'],
  ])('%s is a %s with the name %s', (text, kind, name) => {
    expect(parseNamed(text)).toEqual({ kind, name });
  });

  it.each([
    'checkout',
    'pod/checkout',
    'canary/prod.yaml',
    'rollout/a.json',
    './rollout/a',
    'rollout/a/b',
    'rollout/',
    '-',
  ])('is not %s', (text) => {
    expect(parseNamed(text)).toBeUndefined();
  });
});

describe('the objects of a release', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  /** Puts a kubectl on the path that prints what it is told for a kind of objects, and fails otherwise. */
  async function installKubectl(printed: Readonly<Record<string, unknown>>): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'kubectl-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const program = `#!${process.execPath}
const [, kind, ...rest] = process.argv.slice(2);
const found = ${JSON.stringify(printed)}[[kind, ...rest].join(' ').replace(' --output json', '')];
if (found === undefined) {
  console.error('E0101 a line of the log\\nError from server (Forbidden): ' + [kind, ...rest].join(' '));
  process.exit(1);
}
process.stdout.write(typeof found === 'string' ? found : JSON.stringify(found));
`;
    await writeFile(join(folder, 'kubectl'), program);
    await chmod(join(folder, 'kubectl'), 0o755);
    vi.stubEnv('PATH', folder);
  }

  const run = (name: string, owner: string) => ({
    kind: 'AnalysisRun',
    metadata: { name, namespace: 'shop', ownerReferences: [{ kind: 'Rollout', name: owner }] },
  });
  const rollout = (status: object) => ({ kind: 'Rollout', metadata: { name: 'checkout', namespace: 'shop' }, status });
  const namesOf = async (named: Named, namespace?: string): Promise<readonly string[]> =>
    (await recordsOfNamed(named, namespace)).map(({ kind, metadata }) => `${kind} ${metadata['name']}`);

  it('are a Rollout, its runs for the current pods, and the templates', async () => {
    await installKubectl({
      'rollouts.argoproj.io checkout': rollout({ currentPodHash: 'b', stableRS: 'a' }),
      'analysisruns.argoproj.io --namespace shop --selector rollouts-pod-template-hash=b': {
        items: [run('one', 'checkout'), run('other', 'cart')],
      },
      'analysistemplates.argoproj.io --namespace shop': {
        items: [{ kind: 'AnalysisTemplate', metadata: { name: 'errors' } }],
      },
    });
    expect(await namesOf({ kind: 'rollout', name: 'checkout' })).toEqual([
      'Rollout checkout',
      'AnalysisRun one',
      'AnalysisTemplate errors',
    ]);
  });

  it('are all its runs if it is promoted, because the release before may be meant', async () => {
    await installKubectl({
      'rollouts.argoproj.io checkout --namespace prod': rollout({ currentPodHash: 'a', stableRS: 'a' }),
      'analysisruns.argoproj.io --namespace shop': { items: [run('one', 'checkout')] },
    });
    expect(await namesOf({ kind: 'rollout', name: 'checkout' }, 'prod')).toEqual([
      'Rollout checkout',
      'AnalysisRun one',
    ]);
  });

  it('are a Canary and its Events', async () => {
    await installKubectl({
      'canaries.flagger.app shop': { kind: 'Canary', metadata: { name: 'shop', namespace: 'prod' } },
      'events --namespace prod --field-selector involvedObject.kind=Canary,involvedObject.name=shop': {
        items: [{ kind: 'Event', metadata: { name: 'shop.1' } }],
      },
    });
    expect(await namesOf({ kind: 'canary', name: 'shop' })).toEqual(['Canary shop', 'Event shop.1']);
  });

  it('are not known if kubectl refuses, prints something else, or is not there', async () => {
    const asked = () => recordsOfNamed({ kind: 'canary', name: 'shop' }, undefined);
    await installKubectl({});
    await expect(asked()).rejects.toThrow(
      'kubectl: Error from server (Forbidden): canaries.flagger.app shop --output json',
    );
    await installKubectl({ 'canaries.flagger.app shop': 'Please log in' });
    await expect(asked()).rejects.toThrow('kubectl get canaries.flagger.app did not print JSON');
    vi.stubEnv('PATH', '/nowhere');
    await expect(asked()).rejects.toThrow('kubectl is not installed: give its output instead');
  });
});
