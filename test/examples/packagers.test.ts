import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ManifestFile, manifestsFor, type ReleaseOptions } from '@coalmine/cli';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { missingBinaries } from '../support/server-process.js';

const EXAMPLE = fileURLToPath(new URL('../../examples/argo-rollouts/', import.meta.url));

interface Kustomization {
  readonly resources: readonly string[];
  readonly patches: readonly { readonly target: { kind: string; name: string }; readonly patch: string }[];
}

describe('examples/argo-rollouts, packaged', () => {
  let folder = '';
  let files: readonly ManifestFile[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'coalmine-packaged-'));
    files = manifestsFor(
      'argo',
      parse(await readFile(join(EXAMPLE, 'coalmine.config.yaml'), 'utf8')) as ReleaseOptions,
    );
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Copies a part of the example, with its manifests. */
  async function packaged(part: string, below = ''): Promise<string> {
    const directory = join(folder, part);
    await cp(join(EXAMPLE, part), directory, { recursive: true });
    await mkdir(join(directory, below), { recursive: true });
    for (const { name, text } of files) await writeFile(join(directory, below, name), text);
    return directory;
  }

  it('is a base of Kustomize, and has the patches', async () => {
    const directory = await packaged('kustomize');
    const text = await readFile(join(directory, 'kustomization.yaml'), 'utf8');
    const { resources, patches } = parse(text) as Kustomization;
    expect([...resources].sort()).toEqual(files.map(({ name }) => name).sort());
    for (const { target, patch } of patches) {
      const patched = files
        .flatMap(({ objects }) => objects as { kind: string; metadata: { name: string } }[])
        .find(({ kind, metadata }) => kind === target.kind && metadata.name === target.name);
      for (const { path } of parse(patch) as { path: string }[]) {
        expect(
          path
            .split('/')
            .slice(1)
            .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], patched),
        ).toBeDefined();
      }
    }
  });

  it.skipIf(missingBinaries('kustomize').length > 0)('is what Kustomize builds', async () => {
    const { status, stdout } = spawnSync('kustomize', ['build', await packaged('kustomize')], { encoding: 'utf8' });
    expect(status).toBe(0);
    expect(parseAllDocuments(stdout)).toHaveLength(files.flatMap(({ objects }) => objects).length);
  });

  it('passes through a template of Helm that does not render it', async () => {
    const template = await readFile(join(EXAMPLE, 'helm/templates/coalmine.yaml'), 'utf8');
    expect(template.match(/\{\{.*?\}\}/g)).toEqual([
      '{{- range $path, $_ := .Files.Glob "files/*.yaml" }}',
      '{{ $.Files.Get $path }}',
      '{{- end }}',
    ]);
    // Helm joins the files in this way.
    const put = files.map(({ text }) => `\n---\n${text}`).join('');
    expect(parseAllDocuments(put).map((document) => document.toJS())).toEqual(files.flatMap(({ objects }) => objects));
  });

  it.skipIf(missingBinaries('helm').length > 0)('is what Helm renders', async () => {
    const directory = await packaged('helm', 'files');
    const { status, stdout } = spawnSync('helm', ['template', 'checkout', directory], { encoding: 'utf8' });
    expect(status).toBe(0);
    for (const { objects } of files) {
      const rendered = parseAllDocuments(stdout).map((document) => document.toJS());
      for (const object of objects) expect(rendered).toContainEqual(object);
    }
  });
});
